"""All system calls by which a run changes the disk, so that tests can make each of them fail.

They are called through this module (`system.rename(...)`), so that a test can replace them. What stages write into
their staging folder is not among them: it does not count before it is published.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CALLS: Final = ("write", "fsync", "rename", "link", "copy", "mkdir", "unlink", "rmdir")


def write(path: Path, blocks: Iterable[bytes]) -> None:
    """Writes a new file, or over an old one; not durable yet."""
    with open(path, "wb") as file:
        file.writelines(blocks)


def fsync(path: Path) -> None:
    """Makes a file's content, or a folder's entries, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename(source: Path, target: Path) -> None:
    """Replaces a file that is there."""
    os.replace(source, target)


def link(source: Path, target: Path) -> None:
    os.link(source, target)


def copy(source: Path, target: Path) -> None:
    shutil.copy2(source, target)


def mkdir(path: Path) -> None:
    path.mkdir()


def unlink(path: Path) -> None:
    path.unlink()


def rmdir(path: Path) -> None:
    path.rmdir()
