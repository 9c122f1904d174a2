"""The files of an artifact: made read-only and hashed when it is published, compared with its record later."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from imigue_build.store.completion import Completion, Output
from imigue_build.store.disk import sha256
from imigue_build.store.stat_cache import COMPLETION, Stat, stat_of

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


def check_file(path: Path, output: Output, known: Stat | None = None) -> str | Stat:
    """What is wrong with a file, in words; else its stat. It is hashed unless its stat is the known one."""
    try:
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
