"""Python runs this at its start where this folder is on PYTHONPATH, as `make test-models` puts it.

torchaudio's wheels are built for CUDA; on a torch without it their extension cannot be loaded. Nothing
that is tested here calls the extension, so an empty one takes its place.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType


def _needed() -> bool:
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False


if _needed():
    extension = ModuleType("torchaudio._extension")
    extension.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False, _IS_ALIGN_AVAILABLE=False, fail_if_no_align=lambda function: function
    )
    sys.modules["torchaudio._extension"] = extension
