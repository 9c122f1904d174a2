"""The files of two releases, compared by their `SHA256SUMS` and their sizes."""

from __future__ import annotations

from collections.abc import Collection

from imigue_build.release.reader import Release
from imigue_build.release.schema.layout import TABLES


def differing(first: Release, second: Release, kept: Collection[str], top: bool) -> tuple[set[str], int]:
    """Paths that differ in content or are in one release alone, and the number of all.

    Args:
        first: A release.
        second: The other.
        kept: Ids of the interviews whose files count.
        top: Whether those at the top count as well.
    """
    paths = {path for path in first.sums.keys() | second.sums.keys() if "/" not in path or path.split("/")[0] in kept}
    paths = {path for path in paths if top or "/" in path}
    return {path for path in paths if first.sums.get(path) != second.sums.get(path)}, len(paths)


def check_equal(first: Release, second: Release, kept: Collection[str], unequal: set[str]) -> None:
    """Checks that what is equal by the sums can be: what lies at the top is hashed, and other files of unequal sizes.

    Raises:
        ReleaseError: If a file is not the one that was summed, or is missing.
    """
    for path in sorted(first.sums.keys() & second.sums.keys() - set(TABLES) - unequal):
        folder, inner, _ = path.partition("/")
        if not inner or (folder in kept and first.size(path) != second.size(path)):
            first.verify(path)
            second.verify(path)


def by_interview(release: Release) -> dict[str, dict[str, str]]:
    """Id -> path -> SHA-256 of the files in its folder."""
    found: dict[str, dict[str, str]] = {}
    for path, digest in release.sums.items():
        folder, inner, _ = path.partition("/")
        if inner:
            found.setdefault(folder, {})[path] = digest
    return found
