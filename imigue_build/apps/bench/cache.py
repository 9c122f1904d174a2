"""A cache of features on disk, keyed by the audio's hash and by what makes values of it: all that `identity` holds.

An entry is a float32 array preceded by its hash. Damaged entries are computed again; if the folder cannot be
written, only time is lost.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from imigue_build.core.errors import StoreError
from imigue_build.models.digests import cache_folder
from imigue_build.store.disk import guarded, make_folder, write_atomically

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DIGEST = hashlib.sha256().digest_size


def default_folder() -> Path:
    """The folder of the cache unless `--cache` names another."""
    return cache_folder() / "features"


class FeatureCache:
    """The cache entries of one kind of features.

    Args:
        folder: Created when it is needed.
        identity: All but the audio that determines the values: how it is read; name, revision and settings.

    `write_error` is the first error when an entry could not be written; else empty.
    """

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        self._identity = json.dumps(identity, sort_keys=True)
        self._folder = folder
        self.write_error = ""

    def key(self, digest: str, start: float | None, end: float | None) -> str:
        """The name of the entry for an interval of a file with this SHA-256."""
        return hashlib.sha256(f"{self._identity}\n{digest}\n{start} {end}".encode()).hexdigest()

    def read(self, key: str) -> NDArray[np.float32] | None:
        """The entry; None if it is missing or damaged."""
        import numpy as np

        try:
            data = self._path(key).read_bytes()
            if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
                return None
            found: NDArray[np.float32] = np.load(io.BytesIO(data[_DIGEST:]), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found

    def write(self, key: str, values: NDArray[np.float32]) -> None:
        """Writes an entry atomically; a disk that is full or read-only is not an error."""
        import numpy as np

        buffer = io.BytesIO()
        np.save(buffer, values, allow_pickle=False)
        data = buffer.getvalue()
        path = self._path(key)
        try:
            with guarded(f"cannot write {path}"):
                make_folder(path.parent)
                write_atomically(path, hashlib.sha256(data).digest() + data)
        except StoreError as error:
            self.write_error = self.write_error or str(error)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key
