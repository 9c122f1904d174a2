"""NPZ files with one Python dictionary a member, read without running anything that they might hold."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from imigue_build.core.errors import UsageError

_ALLOWED: Final = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
}
MAX_BYTES: Final = 256 * 2**20
"""Largest member that is unpacked."""


class _Plain(pickle.Unpickler):
    """Arrays and Python's own types; any other name is refused before it is looked up."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return super().find_class(module, name)


def read_objects(path: Path, names: Sequence[str]) -> dict[str, dict[Any, Any]]:
    """The dictionaries of these members, as `numpy.savez` writes them.

    Raises:
        UsageError: If a member is missing or holds anything but a dictionary of plain values.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _member(archive, f"{name}.npy") for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} holds no {', '.join(names)} that can be read ({reason})", "get it again") from error


def _member(archive: zipfile.ZipFile, name: str) -> dict[Any, Any]:
    from numpy.lib import format as npy

    if archive.getinfo(name).file_size > MAX_BYTES:
        raise ValueError(f"{name} is too large")
    data = io.BytesIO(archive.read(name))
    major, _ = npy.read_magic(data)
    (npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0)(data)
    found = _Plain(data).load()
    value = found.item() if getattr(found, "shape", None) == () else found
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no dictionary")
    return value
