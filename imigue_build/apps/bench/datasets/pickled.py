"""NPZ files with a pickled dictionary per member, read without executing what they may contain."""

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
"""Size of the largest member."""


class _Plain(pickle.Unpickler):
    """Allows arrays and built-in types; other names are rejected before they are imported."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return super().find_class(module, name)


def read_objects(path: Path, names: Sequence[str]) -> dict[str, dict[Any, Any]]:
    """The dictionaries of these members, as written by `numpy.savez`.

    Raises:
        UsageError: If a member is missing or is not a dictionary of plain values.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _member(archive, f"{name}.npy") for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} has no readable {', '.join(names)} ({reason})", "download it again") from error


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
        raise ValueError(f"{name} is not a dictionary")
    return value
