"""What the backends that run on torch have in common: their process's environment, versions, the device."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from imigue_build.core import extras
from imigue_build.core.errors import BackendError
from imigue_build.core.telemetry import NO_TELEMETRY

_ENVIRONMENT: Final = {
    "HF_HUB_OFFLINE": "1",  # models are local folders by now: what is missing is an error, never a download
    "TRANSFORMERS_OFFLINE": "1",
    **NO_TELEMETRY,
}
_TALKATIVE: Final = ("whisperx", "pyannote", "lightning.pytorch.utilities", "lightning.fabric.utilities")


def prepare() -> None:
    """Readies this process for the tools: no network, no telemetry, no chatter. Call it before they are imported."""
    os.environ.update(_ENVIRONMENT)
    warnings.filterwarnings("ignore", module=r"(pyannote|lightning|torch|torchaudio|whisperx)\b")
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(logging.ERROR)
        logger.addHandler(logging.NullHandler())  # whisperx adds one that prints, where it finds none


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Package -> version.

    Raises:
        BackendError: If one is not installed.
    """
    try:
        return {name: version(name) for name in packages}
    except PackageNotFoundError as error:
        raise BackendError(f"the package {error.name} is not installed", extras.remedy("gpu")) from error


def imported(module: str) -> Any:
    """A module of the tools.

    Raises:
        BackendError: If it cannot be imported: mostly a torch and a torchaudio that do not go together.
    """
    try:
        return import_module(module)
    except Exception as error:  # OSError where a library does not fit, and what their own checks raise
        what = f"{module} is installed and cannot be imported ({first_line(error)})"
        remedy = f"`imigue-build doctor --config paper` names the versions that go together; or {extras.remedy('gpu')}"
        raise BackendError(what, remedy) from error


def device_of(setting: str, section: str) -> str:
    """`cpu` or `cuda`; `auto` is a GPU where torch sees one.

    Raises:
        BackendError: If `setting` is `cuda` and torch sees no GPU, or torch cannot be imported.
    """
    torch = imported("torch")
    seen = bool(torch.cuda.is_available())
    if setting == "cuda" and not seen:
        what = f"{section}.device is cuda, and torch {torch.__version__} sees no GPU"
        raise BackendError(what, f"`imigue-build doctor` says why; or set {section}.device to auto")
    return "cuda" if seen and setting != "cpu" else "cpu"


def first_line(error: BaseException) -> str:
    """The type and the first line of an error of a tool's: what of it belongs into a message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
