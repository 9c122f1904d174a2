"""Models of the Montreal Forced Aligner: single files, where its own downloads lie."""

from __future__ import annotations

import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

import yaml

from imigue_build.core.errors import BackendError
from imigue_build.core.secrets import without_tokens
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.core.untrusted.files import open_regular

UNKNOWN: Final = "unknown"
_SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    "acoustic": (".zip", ".am"),
    "dictionary": (".dict", ".txt", ".yaml", ".yml"),
    "g2p": (".zip", ".g2p"),
}
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")
_UNWANTED: Final = ("MFA_PROFILE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
"""They lead MFA's own Python to our packages, or set what we set."""
_TITLES: Final = {"acoustic": "acoustic model", "dictionary": "dictionary", "g2p": "G2P model"}
_SETTINGS: Final = {"acoustic": "acoustic_model", "dictionary": "dictionary", "g2p": "g2p_model"}
_NEEDED: Final = {"acoustic": "final.mdl", "g2p": "model.fst"}
_META: Final = ("meta.json", "meta.yaml")
_UNREADABLE: Final = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, LookupError, RuntimeError, ValueError),
)
_META_BYTES: Final = 1 << 20
_MOST_METAS: Final = 4
_MOST_BYTES: Final = 8 << 30
"""Of a model that is unpacked: the largest have a twentieth of it."""
_MOST_FILES: Final = 10_000
_OUTSIDE: Final = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\0")


def root() -> Path:
    """MFA's own folder: `MFA_ROOT_DIR`, else `~/Documents/MFA`."""
    return Path(os.path.expanduser(os.environ.get("MFA_ROOT_DIR") or "~/Documents/MFA"))


def find(kind: str, name: str) -> Path | None:
    """The file of a model that MFA has downloaded; None where it has not.

    Raises:
        BackendError: If no model can have that name.
    """
    if not _NAME.fullmatch(name):
        raise BackendError(f"there is no {kind} model {name!r}", "give MFA's name of it, or an existing file")
    folder = root() / "pretrained_models" / kind
    places = (folder / f"{name}{suffix}" for suffix in _SUFFIXES[kind])
    return next((path for path in places if path.is_file()), None)


def environment(launcher: Sequence[str]) -> dict[str, str]:
    """What MFA is started with: no secrets, and the programs of its environment within reach.

    MFA calls programs beside its own by their names, also where it is started by its path.
    """
    kept = {name: value for name, value in without_tokens().items() if name not in _UNWANTED}
    program = Path(launcher[0]).expanduser()
    if program.is_absolute():
        kept["PATH"] = os.pathsep.join(filter(None, [str(program.parent), kept.get("PATH", "")]))
    return kept


def version_of(path: Path) -> str:
    """The version that a model states; `unknown` where it states none."""
    found = _meta(path).get("version")
    return str(found) if isinstance(found, str | int | float) and found != "" else UNKNOWN


def phones_of(path: Path) -> frozenset[str]:
    """The phones that an acoustic or G2P model lists; empty where it lists none."""
    found = _meta(path).get("phones")
    phones = {str(phone) for phone in found} if isinstance(found, list) else set[str]()
    return frozenset(phones if all(phone.isprintable() and phone.split() == [phone] for phone in phones) else ())


def check(kind: str, path: Path) -> None:
    """Checks that a file, or an unpacked folder, is a model of a kind.

    Raises:
        BackendError: If it is none.
    """
    if fault := _fault_of_dictionary(path) if kind == "dictionary" else _fault_of_archive(kind, path):
        what = f"{path} is no {_TITLES[kind]} of MFA ({fault})"
        raise BackendError(what, f"name another in align.{_SETTINGS[kind]}, or delete it and fetch it again")


def _fault_of_dictionary(path: Path) -> str:
    """Why a file is no dictionary; empty if it is one."""
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig") as file:
            return "" if any(len(line.split()) > 1 for line in file) else "it has no pronunciations"
    except UnicodeDecodeError:
        return "it is no text in UTF-8"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _fault_of_archive(kind: str, path: Path) -> str:
    """Why a file or folder is no model; empty if it is one."""
    try:
        sizes = _sizes(path)
    except _UNREADABLE:
        return "it is no ZIP archive"
    if outside := next(filter(_OUTSIDE.search, sizes), None):
        return f"it holds a file that would lie outside of it, {outside!a}"
    if len(sizes) > _MOST_FILES or sum(sizes.values()) > _MOST_BYTES:
        return f"it would unpack to {len(sizes)} files of {sum(sizes.values()) / 1e9:.1f} GB"
    names = {name.split("/")[-1]: size for name, size in sizes.items()}
    if _NEEDED[kind] not in names:
        return f"it holds no {_NEEDED[kind]}"
    if not names.keys() & set(_META):
        return f"it holds no {_META[0]}"
    return "" if phones_of(path) else f"its {_META[0]} lists no phones"


def _sizes(path: Path) -> dict[str, int]:
    """Name -> bytes of the files of a model, as it is unpacked."""
    if path.is_dir():
        return {file.relative_to(path).as_posix(): 0 for file in path.rglob("*")}
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


def _meta(path: Path) -> dict[str, Any]:
    """What a model says of itself; empty where it says nothing that can be read."""
    try:
        if path.is_dir():
            place = next((path / name for name in _META if (path / name).is_file()), None)
            if place is None:
                return {}
            with open_regular(place) as file:
                return _parsed(place.name, file.read(_META_BYTES))
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            metas = [info for info in archive.infolist() if info.filename.split("/")[-1] in _META]
            small = [meta for meta in metas if meta.file_size <= _META_BYTES][:_MOST_METAS]
            read = (_parsed(meta.filename, archive.read(meta)) for meta in small)
            return next(filter(None, read), {})
    except _UNREADABLE:
        return {}


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    try:
        document: Any = json.loads(data) if name.endswith(".json") else bounded_yaml.load(data.decode())
    except (ValueError, yaml.YAMLError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
