"""The folder of a conversion: what may be replaced there, and what says that it is ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from imigue_build import __version__
from imigue_build.errors import UsageError
from imigue_build.userfiles import shown

RECORD: Final = "conversion.json"
"""Lies in every conversion and lists its files."""
_LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def check_target(out: Path, release: Path) -> None:
    """Whether a conversion may be written at `out`; looks, and writes nothing.

    Raises:
        UsageError: If it may not, with what to do.
    """
    place, source = out.resolve(), release.resolve()
    if place == source or source in place.parents or place in source.parents:
        raise UsageError(f"--out {shown(out)} and the release lie in one another", "name a folder of its own")
    ancestor = next(folder for folder in (place, *place.parents) if folder.exists())
    if not ancestor.is_dir():
        raise UsageError(f"--out {shown(out)}: {shown(ancestor)} is not a folder", "name another place")
    writable = ancestor.parent if ancestor == place else ancestor
    if not os.access(writable, os.W_OK | os.X_OK):
        raise UsageError(f"--out {shown(out)}: you may not write to {shown(writable)}", "name another place")
    if not place.exists() or not (found := files_of(place)):
        return
    listed = _listed(place / RECORD)
    if listed is None:
        raise UsageError(f"--out {shown(out)} holds files that no conversion wrote", "name a new or an empty folder")
    if strangers := sorted(set(found) - {RECORD} - listed):
        named = ", ".join(shown(name) for name in strangers[:5])
        raise UsageError(
            f"--out {shown(out)} holds {named}, not listed in its {RECORD}", "move what is yours out of it"
        )


def write_record(root: Path, about: Mapping[str, Any]) -> None:
    """Writes `conversion.json`: what was converted and how, and the size of every file."""
    document = {"imigue_build": __version__, **about, "files": dict(sorted(files_of(root).items()))}
    (root / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def files_of(place: Path) -> dict[str, int]:
    """Path -> bytes of all files in a folder, what file managers leave behind not counted."""
    return {
        Path(parent, name).relative_to(place).as_posix(): Path(parent, name).lstat().st_size
        for parent, folders, names in os.walk(place)
        for name in (*names, *(one for one in folders if Path(parent, one).is_symlink()))
        if name not in _LITTER
    }


def _listed(record: Path) -> set[str] | None:
    """The files that a conversion says are its own; None where there is no conversion."""
    try:
        document = msgspec.json.decode(record.read_bytes(), type=dict[str, Any])
    except (OSError, ValueError, RecursionError):
        return None
    files = document.get("files")
    return set(files) if isinstance(files, dict) and "format" in document else None
