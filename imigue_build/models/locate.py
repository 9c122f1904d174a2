"""Where a model lies on this machine, and what exactly it is. Nothing here uses the network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imigue_build.config import is_local
from imigue_build.errors import BackendError
from imigue_build.records import ModelRef
from imigue_build.store.disk import guarded, sha256

Kind = Literal["whisper", "wav2vec2", "pyannote", "acoustic", "dictionary", "g2p"]
"""What a model is for; the last three are MFA's and are files, the others are folders."""


@dataclass(frozen=True)
class Wanted:
    """A model as a config names it: a hub's or MFA's name, or a local file or folder."""

    kind: Kind
    name: str
    revision: str | None = None


@dataclass(frozen=True)
class Located:
    """A model that is here: its folder or file, and what provenance says of it."""

    path: Path
    ref: ModelRef


def locate(wanted: Wanted) -> Located:
    """The model on this machine.

    Raises:
        BackendError: If it is not here, with the command that fetches it.
    """
    if not is_local(wanted.name):
        raise BackendError(f"the {wanted.kind} model {wanted.name} is not here", "imigue-build fetch-models")
    path = Path(wanted.name)
    if not path.exists():
        raise BackendError(f"the {wanted.kind} model {path} does not exist", "name an existing one")
    return Located(path, ModelRef(f"{wanted.kind} (local)", wanted.revision or "local", _digest(path)))


def _digest(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's names and contents."""
    with guarded(f"cannot read {path}"):
        if path.is_file():
            return sha256(path)
        whole = hashlib.sha256()
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            whole.update(f"{file.relative_to(path).as_posix()}\0{sha256(file)}\n".encode())
        return whole.hexdigest()
