"""Files of a release that somebody edited: found before the release is replaced, and kept beside it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from imigue_build.core.errors import first_few
from imigue_build.release.build.target import listed
from imigue_build.release.schema.layout import SUMS
from imigue_build.store.disk import link_or_copy, make_folder, sha256, sync_tree


@dataclass(frozen=True)
class Edited:
    """Files that had been changed, by their paths in the release, and the folder that keeps them."""

    files: tuple[str, ...]
    kept: Path

    def __str__(self) -> str:
        names = first_few(self.files, len(self.files), ", ")
        return (
            f"files of the release had been edited, or damaged, and were replaced: {names}; the edited ones "
            f"are kept in {self.kept}. Corrections belong in overrides (see `imigue-build override --help`), labels in "
            "the table of --labels"
        )


def find_edited(place: Path, sources: Mapping[str, Path]) -> list[str]:
    """The files of the release at `place` that differ from its sums; `sources` are intact files in WORK, by path."""
    try:
        since = (place / SUMS).stat().st_ctime_ns
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        name
        for name, digest in sorted(listed(place).items())
        if _is_edited(place / name, digest, sources.get(name), since)
    ]


def _is_edited(path: Path, digest: str, source: Path | None, since: int) -> bool:
    """Links, folders and pipes hold nothing that could be lost; what cannot be read is kept."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and not is_as_written(path, digest, source, since)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def is_as_written(path: Path, digest: str, source: Path | None, since: int) -> bool:
    """Whether a file is the one in WORK, or untouched since the sums were written (ns), or has its content."""
    found = path.stat()
    if source is not None and source.exists() and os.path.samestat(found, source.stat()):
        return True
    return stat.S_ISREG(found.st_mode) and (found.st_ctime_ns < since or sha256(path) == digest)


def keep_edited(place: Path, files: list[str]) -> Edited:
    """Keeps edited files of the release at `place` in a new folder beside it."""
    name = f"{place.name}.edited-{date.today().isoformat()}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    folder = next(path for path in map(place.with_name, names) if not path.exists())
    for file in files:
        make_folder((folder / file).parent)
        link_or_copy(place / file, folder / file)
    sync_tree(folder)
    return Edited(tuple(files), folder)
