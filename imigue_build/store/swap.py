"""The place of a release: whether it may be written there, and swapping a new one in."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from imigue_build.core.errors import UsageError
from imigue_build.release.schema.layout import FORMAT_VERSION, MANIFEST, PROVENANCE, SUMS
from imigue_build.store import system
from imigue_build.store.disk import make_folder, read, remove_tree, sync, sync_tree

_LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave behind; not worth a question."""
_MOST_NAMED: Final = 5


def check_target(release: Path, videos: Path, work: Path, expected: Collection[str] | None = None) -> None:
    """Whether a release may be written at `release`; looks, and writes nothing.

    Args:
        expected: Ids that WORK holds or the run will make; then a release that holds others is refused.

    Raises:
        UsageError: If it may not, with what to do.
    """
    check_place(release, videos, work)
    check_replaceable(release, expected)


def check_place(release: Path, videos: Path, work: Path) -> None:
    """Whether a release may be written at `release`, whatever is there.

    Raises:
        UsageError: If it may not, with what to do.
    """
    place = release.resolve()
    for name, other in (("VIDEOS", videos.resolve()), ("--work", work.resolve())):
        if place == other or other in place.parents:
            raise UsageError(f"--release {release} lies inside {name}", "name a folder outside of it")
        if place in other.parents:
            raise UsageError(f"{name} lies inside --release {release}", "name a folder that holds nothing else")
    ancestor = next(folder for folder in place.parents if folder.exists())
    if not ancestor.is_dir():
        raise UsageError(f"--release {release}: {ancestor} is not a folder", "name another place")
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise UsageError(
            f"--release {release}: you may not write to {ancestor}", "change its permissions or name another place"
        )


def check_replaceable(release: Path, expected: Collection[str] | None = None) -> None:
    """Whether nothing is lost when a new release takes the place of what is at `release`.

    Raises:
        UsageError: If something would be.
    """
    place = release.resolve()
    if not place.exists():
        return
    if not place.is_dir():
        raise UsageError(f"--release {release} is not a folder", "name a folder; it is made if it is missing")
    found = sorted(files_of(place))
    if not found:
        return
    held = _held(place)
    known = {SUMS, *listed(place)}
    if held is None and {PROVENANCE, MANIFEST}.issubset(known):  # one of ours, of which a file was damaged
        held = {"format_version": FORMAT_VERSION}
    if held is None:
        raise UsageError(
            f"--release {release} holds files that imigue-build did not write", "name a new or an empty folder"
        )
    if held.get("format_version") != FORMAT_VERSION:
        raise UsageError(
            f"--release {release} was written by another version of imigue-build",
            "use that version, or name a new folder",
        )
    if PROVENANCE not in known:
        raise UsageError(
            f"--release {release}: its {SUMS} is damaged, so nobody can tell whether all in it is ours",
            "move that folder away; WORK has all that it takes to build it again",
        )
    strangers = [name for name in found if name not in known]
    if strangers:
        raise UsageError(
            f"--release {release} holds {_named(strangers)}, not listed in its {SUMS}",
            "move what is yours out of it: a release is replaced as a whole"
            + ("" if known <= {SUMS, *found} else f"; is nothing yours, its {SUMS} is damaged: move that folder away"),
        )
    interviews = recorded(place) or {path.partition("/")[0] for path in known if "/" in path}
    others = sorted(set(interviews) - set(expected)) if expected is not None else []
    if others:
        raise UsageError(
            f"--release {release} holds {_named(others)}, which neither WORK nor VIDEOS has",
            "name another folder, or the --work that it was built from",
        )


def listed(place: Path) -> dict[str, str]:
    """Path -> SHA-256 of a release's files as `SHA256SUMS` lists them; empty where there is none."""
    try:
        lines = read(place / SUMS).decode("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {path: digest for digest, separator, path in (line.partition("  ") for line in lines) if separator}


def recorded(place: Path) -> dict[str, Any]:
    """The entries of `videos` in a release's `provenance.json`; empty where there is none."""
    videos = (_held(place) or {}).get("videos")
    return videos if isinstance(videos, dict) else {}


def recover(release: Path) -> None:
    """Finishes a swap that was interrupted, and removes what interrupted builds left beside the release.

    The old release is moved away only once the new one is whole, so where the place is empty and an
    old one is there, the new one of the same swap goes in, and without it the old one goes back.
    """
    place = release.resolve()
    if not place.parent.is_dir():
        return
    pattern = re.compile(rf"\.{re.escape(place.name)}\.(new|old)-[0-9a-f]{{12}}")
    left = sorted(path for path in place.parent.iterdir() if pattern.fullmatch(path.name))
    for old in left:
        if place.exists():
            break
        if old.name.startswith(f".{place.name}.old-"):
            new = old.with_name(old.name.replace(".old-", ".new-"))
            system.rename(new if new.exists() else old, place)
            sync(place.parent)
    for path in left:
        remove_tree(path)


def new_folder(release: Path) -> Path:
    """A new empty folder beside the release, to build the next one in."""
    place = release.resolve()
    folder = place.with_name(f".{place.name}.new-{uuid.uuid4().hex[:12]}")
    make_folder(folder)
    return folder


def swap_in(new: Path, release: Path) -> None:
    """Puts a whole release in its place; the older one is removed once the new one is there."""
    place = release.resolve()
    sync_tree(new)
    old = new.with_name(new.name.replace(".new-", ".old-"))
    if place.exists():
        system.rename(place, old)
    system.rename(new, place)
    sync(place.parent)
    remove_tree(old)


def _held(place: Path) -> dict[str, Any] | None:
    """The provenance of the release at `place`; None where there is no release of ours."""
    try:
        document = msgspec.json.decode(read(place / PROVENANCE))
    except (OSError, ValueError, RecursionError):
        return None
    ours = isinstance(document, dict) and "format_version" in document and (place / SUMS).is_file()
    return document if ours else None


def files_of(place: Path) -> Iterator[str]:
    """The paths of all files and links below a folder, relative to it; what file managers leave behind not counted."""
    for parent, folders, names in os.walk(place):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if name not in _LITTER:
                yield Path(parent, name).relative_to(place).as_posix()


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
