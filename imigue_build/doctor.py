"""What this machine can run, and what to do about each lack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final, NamedTuple

from imigue_build.backends import ffmpeg, registry
from imigue_build.backends.base import Backend
from imigue_build.backends.speaker_embedding import embedding_kind
from imigue_build.config import Config, DvectorDiarize, recipes
from imigue_build.errors import ImigueError

_GPU_PACKAGES: Final = ("whisperx", "pyannote.audio")
_TOKENS: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


class Check(NamedTuple):
    """One thing that was looked at; `needed` says whether the config cannot run without it."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def default_recipe() -> tuple[str, str]:
    """The recipe taken without `--config`, and why: paper where its tools and a GPU are, else embedded."""
    missing = [name for name in _GPU_PACKAGES if _version(name) is None]
    if "paper" not in recipes():
        return "embedded", "this version has no paper recipe"
    if missing:
        return "embedded", f"{' and '.join(missing)} not installed"
    return ("paper", "its tools and a GPU are here") if gpus() else ("embedded", "no GPU is visible")


def gpus() -> list[str]:
    """Names of the NVIDIA GPUs that the driver shows; empty where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        found = subprocess.run(
            [program, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in found.stdout.splitlines() if line.strip()]


def examine(config: Config) -> list[Check]:
    """Looks at everything that a config needs, and at what better recipes would need."""
    return [
        _python(),
        _attempt("ffmpeg", lambda: f"{ffmpeg.find_ffmpeg().name} {ffmpeg.ffmpeg_version()}"),
        *(_backend(stage, config) for stage in ("transcribe", "diarize", "align")),
        _embedding(config),
        _package("faster-whisper", "pip install 'imigue-build[laptop]', or make laptop", config),
        *(_package(name, "pip install 'imigue-build[gpu]', or make gpu", config) for name in _GPU_PACKAGES),
        _gpu(),
        _token(),
        _mfa(),
    ]


def _python() -> Check:
    ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Check("python", ok, sys.version.split()[0], "use Python 3.11, 3.12 or 3.13")


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ImigueError as error:
        return Check(name, False, error.what, error.remedy)


def _backend(stage: str, config: Config) -> Check:
    make: dict[str, Callable[[], str]] = {
        "transcribe": lambda: _tools(registry.transcriber(config.transcribe)),
        "diarize": lambda: _tools(registry.diarizer(config.diarize)),
        "align": lambda: _tools(registry.aligner(config.align)),
    }
    return _attempt(f"{stage} backend", make[stage])


def _tools(backend: Backend) -> str:
    found = backend.provenance()
    return ", ".join(f"{name} {number}" for name, number in found.tools.items())


def _embedding(config: Config) -> Check:
    kind = embedding_kind()
    needed = isinstance(config.diarize, DvectorDiarize) and config.diarize.embedding == "resemblyzer"
    return Check(
        "speaker embedding",
        kind == "resemblyzer",
        kind,
        "pip install --no-deps resemblyzer==0.1.4",
        needed=needed,
    )


def _package(name: str, remedy: str, config: Config) -> Check:
    found = _version(name)
    return Check(name, found is not None, found or "not installed", remedy, needed=config.transcribe.backend == name)


def _version(name: str) -> str | None:
    try:
        return version(name) if find_spec(name.replace("-", "_")) else None
    except (PackageNotFoundError, ModuleNotFoundError):
        return None


def _gpu() -> Check:
    names = gpus()
    remedy = "only a GPU recipe needs one; the others run on the processor"
    return Check("GPU", bool(names), ", ".join(names) or "none visible", remedy, needed=False)


def _token() -> Check:
    found = any(os.environ.get(name) for name in _TOKENS)
    detail = "set" if found else "not set"
    remedy = f"only gated models of the hub need one: set {_TOKENS[0]} to yours"
    return Check("hub token", found, detail, remedy, needed=False)


def _mfa() -> Check:
    program = shutil.which("mfa")
    remedy = "only a recipe that aligns with it needs it: conda create -n mfa -c conda-forge montreal-forced-aligner"
    return Check("MFA", program is not None, program or "not on PATH", remedy, needed=False)
