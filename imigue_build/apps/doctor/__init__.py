"""What this machine can run, and what to do about each lack."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from imigue_build.apps.doctor import gpu, models, packages
from imigue_build.backends import registry
from imigue_build.backends.base import Backend
from imigue_build.backends.check import Check, attempt, installed, safely
from imigue_build.backends.configs import load
from imigue_build.backends.media import ffmpeg
from imigue_build.backends.spec import BackendSpec
from imigue_build.config import BackendSection, Config, recipes
from imigue_build.core.secrets import scrubbed
from imigue_build.models import REMEDY as FETCH

__all__ = ["Check", "default_recipe", "examine", "gpus"]


def default_recipe() -> tuple[str, str]:
    """The recipe taken without `--config`, and why: paper where its tools and a GPU are, else embedded."""
    if "paper" not in recipes():
        return "embedded", "this version has no paper recipe"
    missing = [package.name for package in packages.needed(load("paper")) if installed(package.name) is None]
    if missing:
        return "embedded", f"not installed: {', '.join(missing)}"
    return ("paper", "its tools and a GPU are here") if gpus() else ("embedded", "no GPU is visible")


def gpus() -> list[str]:
    """Names of the NVIDIA GPUs that the driver shows; empty where there is none."""
    return [found.name for found in gpu.visible()]


def examine(config: Config, fetch: str = "imigue-build fetch-models --config CONFIG") -> list[Check]:
    """Checks everything that a config needs, and what better recipes would need.

    Args:
        config: The config.
        fetch: The command that fetches its models.

    Returns:
        All checks, whatever is missing or broken; none holds a token.
    """
    quick: dict[str, Callable[[], list[Check]]] = {
        "python": packages.python,
        "ffmpeg": lambda: [attempt("ffmpeg", lambda: _ffmpeg(config.extract.ffmpeg))],
        "backends": lambda: [*_backends(config, fetch), *_outside()],
        "packages": lambda: packages.examine(config),
    }
    slow: dict[str, Callable[[], list[Check]]] = {"GPU": lambda: gpu.examine(config)}
    slow |= {f"{spec.task} {spec.name}": partial(_own, spec, config) for spec in registry.registry()}
    with ThreadPoolExecutor() as pool:  # the slow ones wait for other programs
        waiting = [pool.submit(safely, name, check) for name, check in slow.items()]
        found = [check for name, checks in quick.items() for check in safely(name, checks)]
        last = safely("models", lambda: models.examine(config, fetch))
        found += [check for future in waiting for check in future.result()] + last
    return [check._replace(detail=scrubbed(check.detail), remedy=scrubbed(check.remedy)) for check in found]


def _ffmpeg(chosen: str | None) -> str:
    program = ffmpeg.find_ffmpeg(chosen, tried=True)
    return f"{program if chosen else 'bundled'}, version {ffmpeg.ffmpeg_version(chosen)}"


def _backends(config: Config, fetch: str) -> list[Check]:
    checks = [attempt(f"{stage} backend", partial(_tools, section)) for stage, section in config.backends.items()]
    return [check._replace(remedy=check.remedy.replace(FETCH, fetch)) for check in checks]


def _tools(section: BackendSection) -> str:
    backend: Backend = registry.make(section)
    found = backend.provenance()
    return ", ".join(f"{name} {number}" for name, number in found.tools.items()) or "ready"


def _outside() -> list[Check]:
    """The backends of other wheels, and those that cannot be used."""
    found = registry.registry()
    own = [
        Check(f"{task} backend {name}", True, f"from {origin}", needed=False)
        for (task, name), origin in found.outside.items()
    ]
    remedy = "mend or uninstall the package that brings it"
    return own + [Check("outside backend", False, problem, remedy, needed=False) for problem in found.problems]


def _own(spec: BackendSpec[Any], config: Config) -> list[Check]:
    """What a backend finds out about itself, also where the config does not name it."""
    sections = [inner for section in config.backends.values() for inner in registry.working(section)]
    named = [section for section in sections if registry.spec_of(section) is spec]
    return list(spec.checks(named[0] if named else None))
