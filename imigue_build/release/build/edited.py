"""Files of a release that are no longer as they were written: found before it is replaced, and kept beside it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from imigue_build.core.errors import first_few
from imigue_build.store.disk import link_or_copy, make_folder, sha256, sync_tree
from imigue_build.store.stat_cache import Stat

_WHERE = (
    "Corrections of words, roles and speakers belong in overrides (see `imigue-build override --help`), labels in the "
    "table of --labels, settings in a recipe (--config), and what else there is to say of a release in a file beside it"
)


@dataclass(frozen=True)
class Edited:
    """Files of the release before that had been changed or removed, by their paths in it.

    Attributes:
        files: Those whose content was another.
        missing: Those that were not there.
        kept: The folder that keeps `files`; None where there are none.
    """

    files: tuple[str, ...]
    missing: tuple[str, ...]
    kept: Path | None

    def __str__(self) -> str:
        parts = []
        if self.files:
            names = first_few(self.files, len(self.files), ", ")
            parts.append(f"had been edited, or damaged, and were replaced: {names}; the edited ones are in {self.kept}")
        if self.missing:
            names = first_few(self.missing, len(self.missing), ", ")
            parts.append(f"had been removed, and are there again: {names}")
        return f"files of the release {'; others '.join(parts)}. {_WHERE}"


class ReleaseFiles:
    """The files of the release at a place, while nobody else writes there; each is hashed once at most.

    Args:
        place: Its folder, resolved.
        sources: Intact files in WORK, by path in the release, with which it may share its files.
        known: Stats under which files were found as written, by path.
    """

    def __init__(self, place: Path, sources: Mapping[str, Path], known: Mapping[str, Stat]) -> None:
        self._place, self._sources, self._known = place, sources, known
        self._hashes: dict[str, str] = {}

    def is_as_written(self, name: str, digest: str, believe: bool = True) -> bool:
        """Whether a file is the one in WORK, or has its known stat and that is believed, or else its content.

        Raises:
            OSError: If it is not there or cannot be read.
        """
        found = (self._place / name).lstat()
        if not stat.S_ISREG(found.st_mode):
            return False
        source = self._sources.get(name)
        if source is not None and source.exists() and os.path.samestat(found, source.stat()):
            return True
        known = self._known.get(name)
        if believe and known == (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino):
            return True
        if name not in self._hashes:
            self._hashes[name] = sha256(self._place / name)
        return self._hashes[name] == digest

    def changed(self, sums: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """The files that differ from these sums, and those that are not there."""
        edited: list[str] = []
        missing: list[str] = []
        for name, digest in sorted(sums.items()):
            try:
                if self._is_edited(name, digest):
                    edited.append(name)
            except (FileNotFoundError, NotADirectoryError):
                missing.append(name)
        return edited, missing

    def _is_edited(self, name: str, digest: str) -> bool:
        """Links, folders and pipes hold nothing that could be lost; what cannot be read is kept."""
        try:
            return stat.S_ISREG((self._place / name).lstat().st_mode) and not self.is_as_written(name, digest)
        except (FileNotFoundError, NotADirectoryError):
            raise
        except OSError:
            return True


def keep_edited(place: Path, files: list[str], missing: list[str]) -> Edited | None:
    """Keeps edited files of the release at `place` in a new folder beside it."""
    if not files:
        return Edited((), tuple(missing), None) if missing else None
    name = f"{place.name}.edited-{date.today().isoformat()}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    folder = next(path for path in map(place.with_name, names) if not path.exists())
    for file in files:
        make_folder((folder / file).parent)
        link_or_copy(place / file, folder / file)
    sync_tree(folder)
    return Edited(tuple(files), tuple(missing), folder)
