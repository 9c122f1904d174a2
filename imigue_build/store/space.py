"""Whether the disks have room for a run, checked before it starts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from imigue_build.core.errors import StoreError

FACTOR: Final = 0.15
"""Bytes that a run writes for a byte of a video of unknown length: both WAVs of an HD video of 6.4 Mbit/s.

A video of a lower bit rate takes more; but nobody who has room should be refused, so it is not set higher.
"""
SECOND: Final = 44_100 * 2 + 16_000 * 2
"""Bytes of both WAVs for a second of recording."""
RESERVE: Final = 16 << 20
"""Bytes for tables, transcripts and records."""


def needed(size: int, seconds: float | None) -> int:
    """Bytes that one interview needs: from its seconds where they are known, else from its video's size."""
    return round(seconds * SECOND if seconds is not None else size * FACTOR)


def check(takes: Iterable[tuple[Path, int]]) -> None:
    """Whether each folder's file system has room for what will be written there; folders on one disk share it.

    Raises:
        StoreError: If one has not, naming what is needed and what there is.
    """
    total: dict[int, tuple[Path, int]] = {}
    for folder, size in takes:
        place = _existing(folder)
        device = os.stat(place).st_dev
        first, before = total.get(device, (place, RESERVE))
        total[device] = (first, before + size)
    for place, need in total.values():
        have = shutil.disk_usage(place).free
        if have < need:
            raise StoreError(
                f"the disk of {place} has {_shown(have)} free, this run needs about {_shown(need)}",
                "free some space there, or name a folder on another disk",
            )


def same_disk(first: Path, second: Path) -> bool:
    """Whether two folders, or the nearest ones above them that exist, lie on one file system."""
    return os.stat(_existing(first)).st_dev == os.stat(_existing(second)).st_dev


def _existing(folder: Path) -> Path:
    place = folder.resolve()
    return next(path for path in (place, *place.parents) if path.exists())


def _shown(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
