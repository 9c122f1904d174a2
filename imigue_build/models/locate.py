"""Where a model lies on this machine, and what exactly it is. Nothing here uses the network."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imigue_build.config import is_local
from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef
from imigue_build.models import hub, mfa, pins
from imigue_build.models.digests import combined, file_digest
from imigue_build.models.wants import MFA_KINDS, Kind, Wanted
from imigue_build.store.disk import guarded

__all__ = ["REMEDY", "Kind", "Located", "Wanted", "locate"]

REMEDY: Final = "run `imigue-build fetch-models --config CONFIG` once, with this run's config and settings"
_BENCH_OPTIONS: Final[dict[Kind, str]] = {"encoder": "", "text-model": " --text"}
"""What `bench fetch` needs beside the name."""

_UNFIT: Final[dict[Kind, tuple[str, str]]] = {
    "whisper": (
        "is no Whisper model in CTranslate2 form",
        "convert it with ct2-transformers-converter, or set transcribe.model to another",
    ),
    "wav2vec2": ("is a wav2vec 2.0 model that cannot be loaded", "check transcribe.align_model"),
    "pyannote": ("is a pipeline that cannot be loaded", "check diarize.model"),
    "encoder": ("is a speech encoder that cannot be loaded", "check --features"),
    "text-model": ("is a text model that cannot be loaded", "name the folder of a model of transformers"),
}
"""What is said of a local folder that does not hold what it must, and the remedy."""


@dataclass(frozen=True)
class Located:
    """A model that is here: its folder or file, what provenance says of it, and its size in bytes."""

    path: Path
    ref: ModelRef
    bytes: int = 0


def locate(wanted: Wanted) -> Located:
    """The model on this machine, whole and as it was fetched.

    Raises:
        BackendError: If it is not here or not what was fetched, with the command that fetches it.
    """
    if is_local(wanted.name):
        return _local(wanted)
    return _of_mfa(wanted) if wanted.kind in MFA_KINDS else _of_hub(wanted)


def _local(wanted: Wanted) -> Located:
    path = Path(wanted.name).expanduser()
    title = f"{wanted.kind} (local)"
    if not path.exists():
        raise BackendError(f"the {wanted.kind} model {path} does not exist", "name an existing one")
    if path.is_file() and wanted.kind in ("whisper", "wav2vec2", "encoder", "text-model"):
        raise BackendError(f"{path} is a file, but a {wanted.kind} model is a folder", "name its folder")
    with guarded(f"cannot read {path}"):
        if path.is_file():
            revision = mfa.version_of(path) if wanted.kind in MFA_KINDS else "local"
            return Located(path, ModelRef(title, wanted.revision or revision, file_digest(path)), path.stat().st_size)
        names = hub.files_in(path)
        if wanted.kind not in MFA_KINDS:
            _require_local(wanted.kind, path, names)
        files = {name: file_digest(path / name) for name in names}
        size = sum((path / name).stat().st_size for name in names)
    return Located(path, ModelRef(title, wanted.revision or "local", combined(files)), size)


def _of_hub(wanted: Wanted) -> Located:
    repo = hub.repository(wanted.kind, wanted.name)
    pin = pins.read(wanted.kind, repo, wanted.revision)
    commit = pin.revision if pin else hub.commit_of(repo, wanted.revision)
    folder = hub.snapshot_of(repo, commit) if commit else None
    if commit is None or folder is None or not folder.is_dir():
        raise _absent(wanted)
    with guarded(f"cannot read {folder}"):
        there = hub.files_in(folder)
        _require(wanted, folder, there)
        names = sorted(pin.files) if pin else hub.selected(wanted.kind, there)
        if gone := sorted(set(names) - set(there)):
            raise _incomplete(wanted, gone)
        files = {name: file_digest(folder / name) for name in names}
        size = sum((folder / name).stat().st_size for name in names)
    _compare(wanted, pin.files if pin else hub.stated_digests(folder, names), files)
    return Located(folder, ModelRef(f"{wanted.kind} {repo}", commit, combined(files)), size)


def _of_mfa(wanted: Wanted) -> Located:
    path = mfa.find(wanted.kind, wanted.name)
    if path is None:
        raise _absent(wanted)
    digest = file_digest(path)
    pin = pins.read(wanted.kind, wanted.name, wanted.revision)
    _compare(wanted, {path.name: pin.files.get(path.name, "")} if pin else {}, {path.name: digest})
    ref = ModelRef(f"{wanted.kind} {wanted.name}", mfa.version_of(path), digest)
    return Located(path, ref, path.stat().st_size)


def _require_local(kind: Kind, folder: Path, names: list[str]) -> None:
    fault, remedy = _UNFIT[kind]
    if missing := hub.lacking(kind, names) or hub.unresolved(kind, folder):
        raise BackendError(f"{folder} {fault} (it holds no {', no '.join(missing)})", remedy)


def _require(wanted: Wanted, folder: Path, names: list[str]) -> None:
    if missing := hub.lacking(wanted.kind, names) or hub.unresolved(wanted.kind, folder):
        raise _incomplete(wanted, missing)


def _compare(wanted: Wanted, stated: Mapping[str, str], files: Mapping[str, str]) -> None:
    changed = [name for name, digest in files.items() if stated.get(name, digest) != digest]
    if changed:
        what = f"the {wanted.kind} model {wanted.name} is not what was fetched: {', '.join(changed)}"
        raise BackendError(f"{what} is damaged or changed", _remedy(wanted))


def _absent(wanted: Wanted) -> BackendError:
    at = f" at revision {wanted.revision}" if wanted.revision else ""
    return BackendError(f"the {wanted.kind} model {wanted.name}{at} is not here", _remedy(wanted))


def _incomplete(wanted: Wanted, missing: list[str]) -> BackendError:
    what = f"the {wanted.kind} model {wanted.name} is not whole: {', '.join(missing)} is missing"
    return BackendError(what, _remedy(wanted))


def _remedy(wanted: Wanted) -> str:
    if wanted.kind not in _BENCH_OPTIONS:
        return REMEDY
    revision = f" --revision {shlex.quote(wanted.revision)}" if wanted.revision else ""
    line = f"bench fetch {shlex.quote(wanted.name)}{_BENCH_OPTIONS[wanted.kind]}{revision}"
    return f"run `imigue-build {line}` once"
