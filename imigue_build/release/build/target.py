"""The place where a release is to be written: whether that is allowed, and what the release there holds."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from imigue_build.core.errors import UsageError, first_few
from imigue_build.release.schema.layout import FORMAT_VERSION, ID_PATTERN, MANIFEST, PROVENANCE, SUMS, is_in_layout
from imigue_build.store import swap
from imigue_build.store.disk import make_folder, read, sha256


def check_target(release: Path, videos: Path, work: Path, expected: Collection[str] | None = None) -> None:
    """Checks that a release may be written at `release`; writes nothing.

    Args:
        expected: Ids that WORK holds or the run will make; then a release that holds others is refused.

    Raises:
        UsageError: If it may not, with what to do.
    """
    check_place(release, videos, work)
    check_replaceable(release, expected)


def check_place(release: Path, videos: Path, work: Path) -> None:
    """Checks that `release` lies apart from the videos and WORK, in a folder that may be written.

    Raises:
        UsageError: If not, with what to do.
    """
    swap.check_place(f"--release {release}", release, {"VIDEOS": videos, "--work": work})


def make_parent(release: Path) -> tuple[int, int]:
    """Makes the folder that the release is to lie in, where it is missing; its disk and inode."""
    make_folder(release.resolve().parent)
    return parent_of(release)


def parent_of(release: Path) -> tuple[int, int]:
    """Disk and inode of the folder that the release is to lie in; raises `OSError` where that is gone."""
    found = release.resolve().parent.stat()
    return found.st_dev, found.st_ino


def check_replaceable(release: Path, expected: Collection[str] | None = None) -> None:
    """Checks that nothing is lost when a new release takes the place of what is at `release`.

    Raises:
        UsageError: If something would be.
    """
    place = release.resolve()
    if not place.exists():
        return
    if not place.is_dir():
        raise UsageError(f"--release {release} is not a folder", "name a folder; it is made if it is missing")
    found = sorted(swap.files_of(place))
    if not found:
        return
    provenance = _provenance(place)
    known = {SUMS, *listed(place)}
    if provenance is None and {PROVENANCE, MANIFEST}.issubset(known):  # one of ours, of which a file was damaged
        provenance = {"format_version": FORMAT_VERSION}
    if provenance is None:
        raise UsageError(
            f"--release {release} holds files that imigue-build did not write", "name a new or an empty folder"
        )
    if provenance.get("format_version") != FORMAT_VERSION:
        damaged = sha256(place / PROVENANCE) != listed(place).get(PROVENANCE)
        raise UsageError(
            f"--release {release} was written by another version of imigue-build"
            + f", or its {PROVENANCE} is damaged, which its {SUMS} lists otherwise" * damaged,
            "use that version, or name a new folder"
            + "; if it is damaged, move that folder away: WORK has all that it takes to build it again" * damaged,
        )
    if PROVENANCE not in known:
        raise UsageError(
            f"--release {release}: its {SUMS} is damaged, so nobody can tell whether all in it is ours",
            "move that folder away; WORK has all that it takes to build it again",
        )
    _check_files(release, found, known)
    _check_interviews(release, expected)


def _check_files(release: Path, found: Collection[str], known: Collection[str]) -> None:
    """Checks that all files found are known, and such as releases hold: anybody may write new sums."""
    if others := [name for name in found if name in known and not is_in_layout(name)]:
        raise UsageError(
            f"--release {release} holds {first_few(others, len(others), ', ')}, which is no file of a release",
            "move what is yours out of it: a release is replaced as a whole",
        )
    if strangers := [name for name in found if name not in known]:
        damaged = f"; is nothing yours, its {SUMS} is damaged: move that folder away"
        raise UsageError(
            f"--release {release} holds {first_few(strangers, len(strangers), ', ')}, not listed in its {SUMS}",
            "move what is yours out of it: a release is replaced as a whole"
            + ("" if set(known) <= {SUMS, *found} else damaged),
        )


def _check_interviews(release: Path, expected: Collection[str] | None) -> None:
    """Checks that all interviews of the release are expected, where that is known."""
    if expected is not None and (others := sorted(interviews_of(release.resolve()) - set(expected))):
        raise UsageError(
            f"--release {release} holds {first_few(others, len(others), ', ')}, which neither WORK nor VIDEOS has, or "
            "--only leaves out: the release would lose it",
            "name another folder, or the --work that it was built from",
        )


def listed(place: Path) -> dict[str, str]:
    """Path -> SHA-256 of a release's files as `SHA256SUMS` lists them; lines that are damaged are passed over."""
    try:
        lines = read(place / SUMS).decode("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {path: digest for digest, separator, path in (line.partition("  ") for line in lines) if separator}


def interviews_of(place: Path) -> set[str]:
    """Ids of the interviews that the release at `place` holds; empty where there is none.

    One that the provenance names and that has no folder is none: somebody, or the disk, wrote its name.
    """
    folders = {path.partition("/")[0] for path in listed(place) if "/" in path and is_in_layout(path)}
    return folders | {name for name in recorded(place) if ID_PATTERN.fullmatch(name) and (place / name).is_dir()}


def recorded(place: Path) -> dict[str, Any]:
    """The entries of `videos` in a release's `provenance.json`; empty where there is none."""
    videos = (_provenance(place) or {}).get("videos")
    return videos if isinstance(videos, dict) else {}


def _provenance(place: Path) -> dict[str, Any] | None:
    """The provenance of the release at `place`, of any format; None where there is no release of ours."""
    try:
        document = msgspec.json.decode(read(place / PROVENANCE))
    except (OSError, ValueError, RecursionError):
        return None
    ours = isinstance(document, dict) and "format_version" in document and (place / SUMS).is_file()
    return document if ours else None
