"""Models of the Montreal Forced Aligner: single files, where its own downloads lie."""

from __future__ import annotations

import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from imigue_build.core.errors import BackendError
from imigue_build.core.secrets import without_tokens
from imigue_build.core.untrusted import bounded_yaml

UNKNOWN: Final = "unknown"
_SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    "acoustic": (".zip", ".am"),
    "dictionary": (".dict", ".txt", ".yaml", ".yml"),
    "g2p": (".zip", ".g2p"),
}
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")
_UNWANTED: Final = ("MFA_PROFILE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
"""They lead MFA's own Python to our packages, or set what we set."""
_META: Final = ("meta.json", "meta.yaml")
_META_BYTES: Final = 1 << 20


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
    """The version that a model's archive states; `unknown` where it states none."""
    try:
        with zipfile.ZipFile(path) as archive:
            metas = [info for info in archive.infolist() if info.filename.split("/")[-1] in _META]
            for meta in metas:
                if meta.file_size <= _META_BYTES and (found := _version(meta.filename, archive.read(meta))):
                    return found
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, LookupError, RuntimeError, ValueError):
        pass
    return UNKNOWN


def _version(name: str, data: bytes) -> str:
    try:
        document: Any = json.loads(data) if name.endswith(".json") else bounded_yaml.load(data.decode())
    except (ValueError, yaml.YAMLError, RecursionError):
        return ""
    found = document.get("version") if isinstance(document, dict) else None
    return str(found) if isinstance(found, str | int | float) else ""
