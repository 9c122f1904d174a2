"""Completion records: what an artifact was made from and with, and its files."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from imigue_build.core.record_json import encode_exactly
from imigue_build.core.records import Provenance, Record

FORMAT: Final = 2
"""Version of WORK and of the completion record."""


class Identity(Record, frozen=True):
    """All that an artifact depends on: the same identity gives the same artifact.

    `inputs` maps `"video"` or `"<stage>/<file>"` to the SHA-256 of that content. Paths, batch
    sizes and numbers of jobs have no part in it.
    """

    stage: str
    version: int
    inputs: dict[str, str]
    settings: dict[str, Any]
    provenance: Provenance

    @property
    def key(self) -> str:
        """The cache key; it does not depend on the order of inputs and settings."""
        return digest(self)


class Output(Record, frozen=True):
    """A file of an artifact: what is in it, and how many bytes that is."""

    sha256: str
    size: int


class Completion(Record, frozen=True):
    """Written last into an artifact's folder; without a valid one the artifact does not exist.

    `outputs` maps paths relative to the artifact's folder. `seconds` is the time the stage took,
    `media_seconds` how much recording it worked on. `check` is the digest of all the rest.
    """

    format: int
    video_id: str
    key: str
    identity: Identity
    outputs: dict[str, Output]
    seconds: float
    media_seconds: float
    warnings: tuple[str, ...] = ()
    check: str = ""

    def sealed(self) -> Completion:
        """The same with its `check`."""
        return replace(self, check=self._digest())

    @property
    def is_whole(self) -> bool:
        """Whether it is as it was written."""
        return self.key == self.identity.key and self.check == self._digest()

    @property
    def is_contained(self) -> bool:
        """Whether its place is one in WORK, and its files lie in its folder: anybody may write a record."""
        places = (self.video_id, self.identity.stage)
        return all(map(_is_name, places)) and all(all(map(_is_name, name.split("/"))) for name in self.outputs)

    def _digest(self) -> str:
        return digest(replace(self, check=""))


class Failure(Record, frozen=True):
    """Why a stage failed on an interview, with the key of the attempt where it had one."""

    video_id: str
    stage: str
    reason: str
    key: str | None = None


def differences(old: Identity, new: Identity) -> list[str]:
    """What changed between two identities, one readable phrase each."""
    found: list[str] = []
    if old.version != new.version:
        found.append(f"stage version {old.version} -> {new.version}")
    for name in sorted(old.inputs.keys() | new.inputs.keys()):
        if old.inputs.get(name) != new.inputs.get(name):
            found.append(f"input {name} changed")
    found += _changes("setting", _flat(old.settings), _flat(new.settings))
    found += _changes("tool", old.provenance.tools, new.provenance.tools)
    before = {model.name: f"{model.revision} {(model.sha256 or '')[:12]}".strip() for model in old.provenance.models}
    after = {model.name: f"{model.revision} {(model.sha256 or '')[:12]}".strip() for model in new.provenance.models}
    return found + _changes("model", before, after)


def digest(record: Record) -> str:
    """The SHA-256 of a record; reading it back changes nothing in it, nor does the order of names."""
    document = msgspec.json.decode(encode_exactly(record))
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()


def _is_name(part: str) -> bool:
    """Whether a text is the name of one file or folder, so that it leads nowhere else."""
    return part not in ("", ".", "..") and "/" not in part and part.isprintable()


def _changes(kind: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [
        f"{kind} {name}: {old.get(name, 'unset')} -> {new.get(name, 'unset')}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat
