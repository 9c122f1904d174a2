"""The folder that gestures are written to: whether it may be, and what in it is ours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from imigue_build.errors import UsageError, told
from imigue_build.release.layout import ID_PATTERN
from imigue_build.userfiles import shown

GESTURES: Final = "gestures.jsonl"
STATISTICS: Final = "statistics.json"
TABLE: Final = "statistics.csv"
PROBLEMS: Final = "problems.csv"
TIMELINE: Final = "timeline.parquet"
FORMAT: Final = "imigue-build gestures 1"
"""What `STATISTICS` says of itself under `format`: the mark of a folder of ours."""

_TOP: Final = (GESTURES, STATISTICS, TABLE, PROBLEMS, TIMELINE)
_LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave behind."""
_GRID: Final = re.compile(rf"({ID_PATTERN.pattern})/\1\.gestures\.TextGrid")


def grid(video_id: str) -> str:
    """The place of an interview's TextGrid.

    >>> grid("0440")
    '0440/0440.gestures.TextGrid'
    """
    return f"{video_id}/{video_id}.gestures.TextGrid"


def check(out: Path, release: Path, labels: Path) -> None:
    """Whether a folder may be written at `out`, and replaced as a whole; looks, and writes nothing.

    Raises:
        UsageError: If it may not, with what to do.
    """
    place = out.resolve()
    for name, other in (("RELEASE", release.resolve()), ("--labels", labels.resolve())):
        if place == other or other in place.parents:
            raise UsageError(f"--out {shown(out)} lies inside {name}", "name a folder outside of it")
        if place in other.parents:
            raise UsageError(f"{name} lies inside --out {shown(out)}", "name a folder that holds nothing else")
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise UsageError(f"--out {shown(out)} is not a folder", "name a folder; it is made if it is missing")
    found = sorted(_files(place))
    if found and not _is_ours(place):
        raise UsageError(
            f"--out {shown(out)} holds files that `gestures` did not write", "name a new or an empty folder"
        )
    if strangers := [shown(name) for name in found if name not in _TOP and not _GRID.fullmatch(name)]:
        remedy = "move what is yours out of it: the folder is replaced as a whole"
        raise UsageError(f"--out {shown(out)} holds {told(strangers, len(strangers), ', ')}", remedy)


def _is_ours(place: Path) -> bool:
    try:
        document: Any = msgspec.json.decode((place / STATISTICS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT


def _files(place: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(place):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from (
            Path(parent, name).relative_to(place).as_posix() for name in [*names, *links] if name not in _LITTER
        )
