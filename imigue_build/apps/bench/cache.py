"""Features on disk, by what they are of: the sound's hash, the features' name, revision and settings.

An entry is a float32 array behind its own hash. One that is damaged is computed again, and a folder that cannot
be written costs time only.
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
    """Where features go unless `--cache` says otherwise."""
    return cache_folder() / "features"


class FeatureCache:
    """Entries of one kind of features.

    Args:
        folder: Where they lie; made when it is needed.
        identity: Name, revision and settings of the features: all that decides their values, beside the sound.

    `fault` says why the first entry that could not be written was not.
    """

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        self._identity = json.dumps(identity, sort_keys=True)
        self._folder = folder
        self.fault = ""

    def key(self, digest: str, start: float | None, end: float | None) -> str:
        """The entry's name for a stretch of a file with this SHA-256."""
        return hashlib.sha256(f"{self._identity}\n{digest}\n{start} {end}".encode()).hexdigest()

    def read(self, key: str) -> NDArray[np.float32] | None:
        """The entry; None where there is none that is whole."""
        import numpy as np

        try:
            data = self._place(key).read_bytes()
            if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
                return None
            found: NDArray[np.float32] = np.load(io.BytesIO(data[_DIGEST:]), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found

    def write(self, key: str, values: NDArray[np.float32]) -> None:
        """Keeps an entry, whole or not at all; a disk that is full or read-only stops nothing."""
        import numpy as np

        buffer = io.BytesIO()
        np.save(buffer, values, allow_pickle=False)
        data = buffer.getvalue()
        place = self._place(key)
        try:
            with guarded(f"cannot write {place}"):
                make_folder(place.parent)
                write_atomically(place, hashlib.sha256(data).digest() + data)
        except StoreError as error:
            self.fault = self.fault or str(error)

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key
