"""What this machine can run, and what to do about each lack."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from imigue_build.apps.doctor import gpu, mfa, models, packages
from imigue_build.apps.doctor.check import Check, attempt, installed, safely
from imigue_build.backends import registry
from imigue_build.backends.base import Backend
from imigue_build.backends.media import ffmpeg
from imigue_build.backends.speaker_embedding.embedding import embedding_kind
from imigue_build.config import Config, DvectorDiarize, recipes
from imigue_build.core.secrets import scrubbed
from imigue_build.models.locate import REMEDY as FETCH

__all__ = ["Check", "default_recipe", "examine", "gpus"]

_GPU_PACKAGES: Final = ("whisperx", "pyannote.audio")


def default_recipe() -> tuple[str, str]:
    """The recipe taken without `--config`, and why: paper where its tools and a GPU are, else embedded."""
    missing = [name for name in _GPU_PACKAGES if installed(name) is None]
    if "paper" not in recipes():
        return "embedded", "this version has no paper recipe"
    if missing:
        return "embedded", f"{' and '.join(missing)} not installed"
    return ("paper", "its tools and a GPU are here") if gpus() else ("embedded", "no GPU is visible")


def gpus() -> list[str]:
    """Names of the NVIDIA GPUs that the driver shows; empty where there is none."""
    return [found.name for found in gpu.visible()]


def examine(config: Config, fetch: str = "imigue-build fetch-models --config CONFIG") -> list[Check]:
    """Looks at everything that a config needs, and at what better recipes would need.

    Args:
        config: The config.
        fetch: The command that fetches its models.

    Returns:
        All checks, whatever is missing or broken; none holds a token.
    """
    with ThreadPoolExecutor() as pool:  # these wait for other programs
        slow = {
            name: pool.submit(safely, name, look)
            for name, look in (("GPU", lambda: gpu.examine(config)), ("MFA", lambda: mfa.examine(config)))
        }
        quick: tuple[tuple[str, Callable[[], list[Check]]], ...] = (
            ("python", packages.python),
            ("ffmpeg", lambda: [attempt("ffmpeg", lambda: _ffmpeg(config.extract.ffmpeg))]),
            ("backends", lambda: _backends(config, fetch)),
            ("speaker embedding", lambda: [_embedding(config)]),
            ("packages", lambda: packages.examine(config)),
            ("models", lambda: models.examine(config, fetch)),
        )
        found = {name: safely(name, look) for name, look in quick}
        found.update({name: future.result() for name, future in slow.items()})
    order = ("python", "ffmpeg", "backends", "speaker embedding", "packages", "GPU", "MFA", "models")
    checks = [check for name in order for check in found[name]]
    return [check._replace(detail=scrubbed(check.detail), remedy=scrubbed(check.remedy)) for check in checks]


def _backends(config: Config, fetch: str) -> list[Check]:
    made: dict[str, Callable[[], Backend]] = {
        "transcribe backend": lambda: registry.transcriber(config.transcribe),
        "diarize backend": lambda: registry.diarizer(config.diarize),
        "align backend": lambda: registry.aligner(config.align),
    }
    checks = [attempt(name, lambda make=make: _tools(make())) for name, make in made.items()]  # type: ignore[misc]
    return [check._replace(remedy=fetch) if check.remedy == FETCH else check for check in checks]


def _ffmpeg(chosen: str | None) -> str:
    return f"{ffmpeg.find_ffmpeg(chosen) if chosen else 'bundled'}, version {ffmpeg.ffmpeg_version(chosen)}"


def _tools(backend: Backend) -> str:
    found = backend.provenance()
    return ", ".join(f"{name} {number}" for name, number in found.tools.items()) or "ready"


def _embedding(config: Config) -> Check:
    kind = embedding_kind()
    needed = isinstance(config.diarize, DvectorDiarize) and config.diarize.embedding == "resemblyzer"
    remedy = "pip install --no-deps resemblyzer==0.1.4"
    return Check("speaker embedding", kind == "resemblyzer", kind, remedy, needed=needed)
