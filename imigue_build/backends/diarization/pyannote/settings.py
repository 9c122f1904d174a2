"""The settings of pyannote.audio's pipeline, and the pipeline that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml

from imigue_build.backends.spec import GpuMemory
from imigue_build.config import SpeakerBounds
from imigue_build.config.base import NOT_IN_CACHE_KEY, Count, Model
from imigue_build.config.sections import Device
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.models import HubModel, Wanted
from imigue_build.models.hub import files_in

_MEMORY: Final = GpuMemory(fixed=2.0, what="pyannote's nets")
TOOLS: Final = ("pyannote.audio", "torch", "torchaudio")
"""Names of the tools in its provenance."""


_OWN: Final = "$model/"
"""Begins a path inside the pipeline's folder, in its config.yaml."""


class PyannoteDiarize(SpeakerBounds):
    """pyannote.audio's speaker diarization pipeline; `batch_size` is of windows, in both of its nets."""

    backend: Literal["pyannote"]
    model: Model = "pyannote/speaker-diarization-community-1"
    revision: str | None = None
    device: Device = "auto"
    batch_size: Annotated[Count, NOT_IN_CACHE_KEY] = 32


def _missing_parts(folder: Path) -> list[str]:
    """Parts of a pipeline that its config.yaml names inside its folder and that are not there."""
    try:
        document = bounded_yaml.load((folder / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ["a readable config.yaml"]
    own = sorted({text[len(_OWN) :] for text in _texts(document) if text.startswith(_OWN)})
    return [name for name in own if not _is_whole(folder / name)]


def _is_whole(path: Path) -> bool:
    return bool(files_in(path)) if path.is_dir() else path.is_file() and path.stat().st_size > 0


def _texts(document: Any) -> list[str]:
    if isinstance(document, str):
        return [document]
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return [text for part in inner for text in _texts(part)]


PIPELINE: Final = HubModel(
    kind="pyannote",
    files=("*.yaml", "*.bin", "*.ckpt", "*.safetensors", "*.npz", "*.json"),
    needed=(("config.yaml",),),
    unfit=("is a pipeline that cannot be loaded", "check diarize.model"),
    file=True,
    parts=_missing_parts,
    gated="pyannote/",
)


def model(section: PyannoteDiarize) -> Wanted:
    """The pipeline that a section names."""
    return Wanted(PIPELINE, section.model, section.revision)
