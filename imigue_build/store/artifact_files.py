"""The files of an artifact: made read-only and hashed when it is published, compared with its record later."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from imigue_build.store.completion import Completion, Output
from imigue_build.store.disk import sha256
from imigue_build.store.stat_cache import COMPLETION, Stat, stat_of

LINK: Final = "is a symbolic link, or lies in a folder that is one"
"""What is wrong with a link: it may lead anywhere, and no artifact holds one."""
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def seal(folder: Path) -> tuple[dict[str, Output], dict[str, Stat]]:
    """Makes the files of a folder read-only; their hashes and their stats, by paths relative to it."""
    outputs: dict[str, Output] = {}
    stats: dict[str, Stat] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _WRITABLE:
            with suppress(OSError):  # a file system without permissions
                path.chmod(mode & ~_WRITABLE)
        stats[name] = stat_of(path)
        outputs[name] = Output(sha256(path), stats[name][0])
    return outputs, stats


def check_files(folder: Path, completion: Completion, known: Mapping[str, Stat]) -> Iterator[tuple[str, str | Stat]]:
    """Each file of an artifact, and what is wrong with it in words, else its stat.

    A file is hashed unless its stat is the known one. What is a link, or lies in a folder that is one, is wrong.
    """
    links = {parent for parent in _folders(completion.outputs) if (folder / parent).is_symlink()}
    for name, output in completion.outputs.items():
        inside = links and any(parent in links for parent in _folders([name]))
        yield name, LINK if inside else _check_file(folder / name, output, known.get(name))


def _folders(names: Iterable[str]) -> set[str]:
    """The folders that files lie in, relative to the artifact's own."""
    return {parent.as_posix() for name in names for parent in PurePosixPath(name).parents if parent.name}


def _check_file(path: Path, output: Output, known: Stat | None) -> str | Stat:
    try:
        if path.is_symlink():
            return LINK
        found = stat_of(path)
        if found[0] != output.size:
            return f"has {found[0]} bytes instead of {output.size}"
        if found != known and sha256(path) != output.sha256:
            return "was altered"
        return found
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def strangers(folder: Path, completion: Completion) -> list[str]:
    """Files in an artifact's folder that its record does not know."""
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return sorted(present - {*completion.outputs, COMPLETION})
