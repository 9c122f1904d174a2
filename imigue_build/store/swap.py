"""A folder built beside its place and swapped in when it is whole, and finishing a swap that was interrupted."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import shown
from imigue_build.store import system
from imigue_build.store.disk import remove_tree, sync, sync_tree
from imigue_build.store.lease_files import LeaseLostError

_LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave behind; not worth a question."""
_LONGEST: Final = 210
"""Bytes of a folder's name: file systems allow 255, and what lies beside it while it is made has a longer one."""


_RESERVED: Final = 32
"""Bytes that names beside a place have more than its own."""
_LONGEST_NAME: Final = 255
"""Bytes of a name, on every common file system."""


def check_place(name: str, place: Path, sources: Mapping[str, Path]) -> None:
    """Checks that `place` lies apart from what a command reads, in a folder that may be written.

    Args:
        name: What the user calls it.
        place: A folder may be there already.
        sources: What is read, by the name that the user knows it by.

    Raises:
        UsageError: If not, with what to do.
    """
    if len(os.fsencode(place.name)) + _RESERVED > _LONGEST_NAME:
        raise UsageError(
            f"{name[:100]}...: a name of {len(place.name)} characters is too long",
            f"give it at most {_LONGEST_NAME - _RESERVED} bytes: folders beside it have longer names for a while",
        )
    mine = place.resolve()
    for source, path in sources.items():
        other = path.resolve()
        if mine == other or other in mine.parents:
            raise UsageError(f"{name} lies inside {source}", "name a folder outside of it")
        if mine in other.parents:
            raise UsageError(f"{source} lies inside {name}", "name a folder that holds nothing else")
    if len(os.fsencode(mine.name)) > _LONGEST:
        raise UsageError(f"{name}: its last part is longer than {_LONGEST} bytes", "choose a shorter name")
    existing = next(path for path in (mine, *mine.parents) if path.exists())
    if not existing.is_dir():
        raise UsageError(f"{name}: {shown(existing)} is not a folder", "name another place; a missing folder is made")
    parent = existing.parent if existing == mine else existing
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(
            f"{name}: you may not write to {shown(parent)}", "change its permissions or name another place"
        )


def recover(target: Path) -> None:
    """Finishes a swap that was interrupted, and removes what interrupted builds left beside `target`.

    Only for who holds the lock on the place: what lies there is then of processes that are dead. The old folder is
    moved away only once the new one is whole, so where the place is empty and an old one is there, the new one of the
    same swap goes in, and without it the old one goes back.
    """
    place = target.resolve()
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


def new_folder(target: Path) -> Path:
    """A new empty folder beside `target`, to build the next one in; a parent that is gone is not made again."""
    place = target.resolve()
    folder = place.with_name(f".{place.name}.new-{uuid.uuid4().hex[:12]}")
    system.mkdir(folder)
    sync(folder.parent)
    return folder


def swap_in(new: Path, target: Path, check_lock: Callable[[], None]) -> None:
    """Puts a whole folder in its place; the older one is removed once the new one is there.

    `check_lock` is called last, after all that takes long; it raises where another command took the place over.
    """
    place = target.resolve()
    sync_tree(new)
    old = new.with_name(new.name.replace(".new-", ".old-"))
    check_lock()
    if place.exists():
        system.rename(place, old)
    try:
        system.rename(new, place)
    except OSError:
        if old.exists() and not place.exists():
            system.rename(old, place)
        raise
    sync(place.parent)
    remove_tree(old)


def clear_up(new: Path, target: Path, check_lock: Callable[[], None]) -> None:
    """After an error: `recover`, where the lock is still held; else removes what is this process's own alone."""
    with suppress(OSError):
        try:
            check_lock()
        except LeaseLostError:
            remove_tree(new)
        else:
            recover(target)


def files_of(place: Path) -> Iterator[str]:
    """The paths of all files and links below a folder, relative to it; what file managers leave behind not counted."""
    for parent, folders, names in os.walk(place):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if name not in _LITTER:
                yield Path(parent, name).relative_to(place).as_posix()
