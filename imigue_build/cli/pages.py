"""The HTML file that `diff` and `score` write on request."""

from __future__ import annotations

from pathlib import Path

from imigue_build.core.errors import UsageError


def check_page(path: Path, *releases: Path) -> None:
    """Whether the file may be written there.

    Raises:
        UsageError: If it is a folder or lies in a release.
    """
    if path.is_dir():
        raise UsageError(f"--html {path} is a folder", "name a file")
    for release in releases:
        if release.resolve() in path.resolve().parents:
            raise UsageError(f"--html {path} lies in a release", "name a file outside of it")


def write_page(path: Path, page: bytes) -> None:
    """Writes the file, whole or not at all.

    Raises:
        StoreError: If it cannot be written.
    """
    from imigue_build.store.disk import guarded, write_atomically

    with guarded(f"cannot write {path}"):
        write_atomically(path, page)
