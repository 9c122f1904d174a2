"""The tools that define the measures; they come with the extra `score`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from imigue_build.core.errors import BackendError

_REMEDY: Final = "pip install 'imigue-build[score]'"


def jiwer() -> Any:
    """jiwer, for word errors.

    Raises:
        BackendError: If it is not installed.
    """
    return _module("jiwer", "jiwer")


def diarization_metrics() -> Any:
    """pyannote.metrics' diarization metrics.

    Raises:
        BackendError: If they are not installed.
    """
    return _module("pyannote.metrics.diarization", "pyannote.metrics")


def _module(name: str, distribution: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise BackendError(f"scoring needs {distribution} ({error})", _REMEDY) from error
