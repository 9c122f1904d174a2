"""Whisper's models in CTranslate2 form, which faster-whisper and whisperx both load."""

from __future__ import annotations

from typing import Final

from imigue_build.backends.asr.whisper.data_wheels import WHEELS
from imigue_build.models import HubModel

_OWN: Final = (
    *("tiny", "tiny.en", "base", "base.en", "small", "small.en"),
    *("medium", "medium.en", "large-v1", "large-v2", "large-v3"),
)
_DISTILLED: Final = ("small.en", "medium.en", "large-v2", "large-v3")
_SIZES: Final = {
    **{size: f"Systran/faster-whisper-{size}" for size in _OWN},
    **{f"distil-{size}": f"Systran/faster-distil-whisper-{size}" for size in _DISTILLED},
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""As faster-whisper 1.2 names them."""


WHISPER: Final = HubModel(
    kind="whisper",
    files=("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
    # without a tokenizer, faster-whisper would download one
    needed=(("model.bin",), ("config.json",), ("tokenizer.json",), ("vocabulary.*",)),
    unfit=(
        "is no Whisper model in CTranslate2 form",
        "convert it with ct2-transformers-converter --copy_files tokenizer.json, or set transcribe.model to another",
    ),
    names=_SIZES,
    names_are="one of Whisper's sizes",
    wheels=WHEELS,
)
