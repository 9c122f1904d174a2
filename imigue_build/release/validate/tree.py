"""Rules about the files of a release: their names, and `SHA256SUMS`."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable

from imigue_build.core.records import ROLES
from imigue_build.core.untrusted.files import open_regular
from imigue_build.release.schema.layout import DROPPED, ID_PATTERN, REQUIRED, SUMS, interview_files
from imigue_build.release.validate.base import MAX_BYTES, Faults, Tree, shown, unreadable

_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_CLIP_FILE = re.compile(r"(segment_\d{3,4})\.(?:wav|raw\.txt|asr\.txt)", re.ASCII)


def interviews(tree: Tree) -> list[str]:
    """The ids of the interviews' folders, sorted."""
    return sorted(path for path in tree.folders if ID_PATTERN.fullmatch(path))


def check_tree(tree: Tree, faults: Faults) -> None:
    """The release has only documented files, and no links."""
    for link in tree.links:
        faults.add(link, "symlink", f"a symbolic link ({_target(tree, link)}); a release has regular files only")
    for path in (*REQUIRED, DROPPED):
        if path in tree.folders or path in tree.others:
            faults.add_once(path, "file-kind", "it must be a regular file")
    for folder in tree.folders:
        if "/" not in folder and folder not in (*REQUIRED, DROPPED) and not ID_PATTERN.fullmatch(folder):
            faults.add(folder, "video-id", "the folder's name is not an id (letters, digits, _ and -; at most 64)")
    for path in _topmost(tree.files | tree.folders | tree.others):
        if not _documented(tree, path):
            faults.add(path, "file-unexpected", "the release format has no such file")


def clip_stems(tree: Tree, video_id: str, role: str) -> set[str]:
    """The segment ids with any file in a role's folder."""
    prefix = f"{video_id}/{role}/"
    inside = (path.removeprefix(prefix) for path in tree.files if path.startswith(prefix))
    return {match[1] for name in inside if (match := _CLIP_FILE.fullmatch(name))}


def read_sums(tree: Tree, faults: Faults) -> dict[str, str]:
    """Path -> hash, as stated in `SHA256SUMS`; checks its format and that it lists every file once."""
    lines = tree.read_lines(SUMS, faults)
    if lines is None:
        return {}
    sums: dict[str, str] = {}
    complete = True
    for number, line in enumerate(lines, 1):
        match = _SUM.fullmatch(line)
        problem = _sum_problem(match, line, sums)
        if match and not problem:
            sums[match[2]] = match[1]
        else:
            faults.add(SUMS, "sums-format", f"line {number}: {problem}")
            complete = False
    for path in sums:
        tree.has_file(path, faults)
    for path in sorted(tree.files - sums.keys() - {SUMS}):
        if complete and _documented(tree, path):
            faults.add(path, "sums-coverage", f"{SUMS} does not list it")
    return sums


def check_hashes(tree: Tree, sums: dict[str, str], paths: Iterable[str], faults: Faults) -> None:
    """The files have the hashes that `SHA256SUMS` states."""
    for path in paths:
        if path not in sums or path not in tree.files:
            continue
        try:
            with open_regular(tree.root / path) as handle:
                if os.fstat(handle.fileno()).st_size > MAX_BYTES:
                    raise OSError(errno.EFBIG, "it is larger than any file of a release")
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            unreadable(path, error, faults)
            continue
        if digest != sums[path]:
            faults.add(path, "sums-hash", f"its sha256 is {digest[:12]}..., {SUMS} says {sums[path][:12]}...")


def _sum_problem(match: re.Match[str] | None, line: str, sums: dict[str, str]) -> str | None:
    if not match:
        return f"it is not '<sha256>  <path>': {shown(line)}"
    parts = match[2].split("/")
    if match[2] == SUMS or "\\" in match[2] or any(part in ("", ".", "..") for part in parts):
        return f"{shown(match[2])} is not the path of another file in the release"
    return f"{shown(match[2])} is listed twice" if match[2] in sums else None


def _documented(tree: Tree, path: str) -> bool:
    """Whether the format has a file or folder of this name in this place."""
    parts = path.split("/")
    if len(parts) == 1:
        return path in (*REQUIRED, DROPPED) or path in tree.folders
    if not ID_PATTERN.fullmatch(parts[0]):
        return True  # the folder's name is already a fault
    if len(parts) == 2:
        return parts[1] in interview_files(parts[0]) or (parts[1] in ROLES and path not in tree.files)
    return len(parts) == 3 and parts[1] in ROLES and _CLIP_FILE.fullmatch(parts[2]) is not None


def _topmost(paths: frozenset[str]) -> list[str]:
    """Paths of at most three levels (deeper ones have a parent that is reported)."""
    return sorted(path for path in paths if path.count("/") < 3)


def _target(tree: Tree, link: str) -> str:
    try:
        target = (tree.root / link).resolve()
    except (OSError, RuntimeError):
        return "its target does not exist"
    if not target.is_relative_to(tree.root):
        return "it points outside the release"
    return "it points inside the release" if target.exists() else "its target does not exist"
