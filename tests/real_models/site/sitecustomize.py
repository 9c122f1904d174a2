"""Python runs this at its start where this folder is on PYTHONPATH, as `make test-models` puts it.

It also runs in the processes that a run starts. No test here may use the network, so connecting
to one is an error. And torchaudio's wheels are built for CUDA; on a torch without it their extension
cannot be loaded. Nothing that is tested here calls it, so an empty one takes its place.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any


def _offline(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo") and not isinstance(arguments[1], str):  # a path is no network
        raise ConnectionError(f"a test used the network: {event} {arguments[1:]}")


def _without_cuda() -> bool:
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False


sys.addaudithook(_offline)
if _without_cuda():
    extension = ModuleType("torchaudio._extension")
    extension.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False, _IS_ALIGN_AVAILABLE=False, fail_if_no_align=lambda function: function
    )
    sys.modules["torchaudio._extension"] = extension
