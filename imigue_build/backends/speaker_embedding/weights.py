"""Reads a checkpoint in PyTorch's legacy format without torch and without executing its content.

Such a file is a sequence of pickles (magic number, protocol, system information, the object, the storage keys)
followed by the raw storages. A pickle may call any function; this reader allows the three names that tensors
need and rejects all others. A pickle may also request huge allocations; the pure-Python unpickler, unlike the C
one, allocates only what it has read.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from io import BytesIO
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_MAX_BYTES: Final = 256 * 1024 * 1024
_REMEDY: Final = "install it again: `pip install --no-deps --force-reinstall resemblyzer==0.1.4`"


class _FloatStorage:
    """Stand-in for torch's class of that name, which only marks the data type."""


class Tensor(NamedTuple):
    """The position of a tensor in its storage; offset, shape and strides in elements, not bytes."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> Tensor:
    return Tensor(storage, offset, shape, strides)


class TensorUnpickler(pickle._Unpickler):
    """Unpickles dictionaries of tensors and nothing else."""

    _KNOWN: Final[dict[tuple[str, str], Any]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch", "FloatStorage"): _FloatStorage,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no tensor") from None

    def persistent_load(self, pid: Any) -> str:
        if not (isinstance(pid, tuple) and len(pid) >= 3 and pid[:2] == ("storage", _FloatStorage)):
            raise pickle.UnpicklingError("it holds something else than 32-bit floats")
        return str(pid[2])


def damaged(path: Path, error: Exception) -> BackendError:
    """The error for a file with unexpected content."""
    return BackendError(f"{path} cannot be read as the weights of a network: {error}", _REMEDY)


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """The tensors under `model_state` by name, as separate float32 arrays.

    Raises:
        BackendError: If the file cannot be read, is cut short, or holds anything but float tensors.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("it is larger than such a network can be")
        return _read(BytesIO(path.read_bytes()))
    except (OSError, EOFError, pickle.UnpicklingError, struct.error) as error:
        raise damaged(path, error) from error
    except (ValueError, LookupError, TypeError, AttributeError, ImportError, ArithmeticError) as error:
        raise damaged(path, error) from error


def _read(file: BytesIO) -> dict[str, NDArray[np.float32]]:
    if TensorUnpickler(file).load() != _MAGIC or TensorUnpickler(file).load() != _PROTOCOL:
        raise ValueError("it is not a checkpoint of PyTorch's first format")
    TensorUnpickler(file).load()  # integer sizes of the system that wrote it
    state = TensorUnpickler(file).load()["model_state"]
    storages = dict(_storages(file, TensorUnpickler(file).load()))
    tensors = {str(name): value for name, value in state.items() if isinstance(value, Tensor)}
    return {name: array_of(storages[tensor.storage], tensor) for name, tensor in tensors.items()}


def _storages(file: BytesIO, keys: list[str]) -> list[tuple[str, NDArray[np.float32]]]:
    """Each storage: its length as a 64-bit integer, then its elements."""
    import numpy as np

    found = []
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        if not 0 <= 4 * count <= file.getbuffer().nbytes - file.tell():
            raise EOFError("it is cut short")
        data = file.read(4 * count)
        found.append((str(key), np.frombuffer(data, "<f4")))
    return found


def array_of(storage: NDArray[np.float32], tensor: Tensor) -> NDArray[np.float32]:
    """A copy of the tensor; its bounds are checked before it is read."""
    import numpy as np

    if len(tensor.shape) != len(tensor.strides) or min((*tensor.shape, *tensor.strides, tensor.offset), default=0) < 0:
        raise ValueError("a tensor has no valid shape")
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True))
    if 0 in tensor.shape or last >= len(storage) or prod(tensor.shape) > len(storage):
        raise ValueError("a tensor goes beyond its storage")
    start = storage[tensor.offset :]
    view = np.lib.stride_tricks.as_strided(start, tensor.shape, [4 * step for step in tensor.strides])
    return np.array(view, np.float32)
