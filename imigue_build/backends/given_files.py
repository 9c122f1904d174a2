"""Files of labels that take the place of a backend's own work: found by an interview's id."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.backends.signal import silero_vad
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Provenance

_NOT_READ: Final = frozenset(
    {*(".doc", ".docx", ".odt", ".rtf", ".pdf", ".html", ".htm", ".md", ".xls", ".xlsx", ".ods")}
    | {*(".ass", ".ssa", ".sub", ".ttml", ".dfxp", ".xml", ".lrc", ".gz", ".jsonl")}
)
"""Formats in which people have transcripts and turns as well."""


def find(folder: str, suffixes: Sequence[str], video_id: str, of_all: Sequence[str] = ()) -> Path | None:
    """The file given for an interview, named by its id or, if that is a number, without leading zeros; None if missing.

    If there are several, the first in the order of the suffixes is used.

    Args:
        of_all: Names of files that hold all interviews; the first that is there is used where there is no other.
    """
    short = video_id.lstrip("0") or "0"
    stems = [video_id, short] if video_id.isdigit() else [video_id]
    names = [*(f"{stem}{suffix}" for suffix in suffixes for stem in stems), *of_all]
    places = (Path(folder) / name for name in names)
    return next((path for path in places if os.path.lexists(path)), None)


def provenance(folder: str) -> Provenance:
    """The tools that read the files; the files themselves are inputs.

    Raises:
        BackendError: If the folder does not exist.
    """
    if not Path(folder).is_dir():
        raise BackendError(f"the folder of given labels {folder} does not exist", "name an existing one")
    return silero_vad.provenance()


def missing(folder: str, suffixes: Sequence[str], video_id: str, of_all: Sequence[str] = ()) -> BackendError:
    """The error of an interview for which nothing is given; a file of it in another format is named."""
    formats = ", ".join(f"{video_id}{suffix}" for suffix in suffixes if suffix != ".textgrid")
    remedy = f"put one of {formats} there" + (f", or a file of all interviews: {', '.join(of_all)}" if of_all else "")
    others = sorted(path.name for path in Path(folder).glob(f"{video_id}.*") if path.suffix.lower() in _NOT_READ)
    if others:
        return BackendError(f"{others[0]} in {folder} has a format that is not read", f"save it as another: {remedy}")
    return BackendError(f"no file is given for it in {folder}", remedy)
