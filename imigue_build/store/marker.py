"""The marker file: which folder is a WORK folder, and of which format."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from imigue_build.core.errors import UsageError
from imigue_build.core.record_json import encode_exactly
from imigue_build.core.records import Record
from imigue_build.core.untrusted.files import shown
from imigue_build.store.completion import FORMAT
from imigue_build.store.disk import guarded, make_folder, read_record, write_atomically

MARKER: Final = "imigue-work.json"
_LOG: Final = "run.log"
"""Is never followed where it is a link; a run goes on without it."""
HALF_WRITTEN: Final = re.compile(r"\.[\w.+-]+\.json\.\d+\.tmp")
"""What `write_atomically` leaves where the process is killed in it."""


class Marker(Record, frozen=True):
    """Content of the marker file."""

    imigue_work: int


def check_work(root: Path, must_exist: bool = False) -> None:
    """Raises `UsageError` where `root` cannot be a WORK folder of this version, or is none yet and must be."""
    marker = root / MARKER
    if must_exist and not marker.exists():
        raise UsageError(
            f"--work {root} is no work folder",
            "name the folder that run-all was given as --work" if root.exists() else "`imigue-build run-all` makes one",
        )
    if root.exists() and not root.is_dir():
        raise UsageError(f"--work {root} is not a folder", "name a folder; it is made if it is missing")
    if marker.exists():
        found = read_record(marker, Marker)
        if found is None:
            content = encode_exactly(Marker(FORMAT)).decode().strip()
            raise UsageError(f"{shown(marker)} is damaged", f"write {content} into it; the other files are checked")
        if found.imigue_work != FORMAT:
            raise UsageError(
                f"--work {root} was written by another version of imigue-build",
                "use that version, or name a new folder",
            )
        _check_links(root)
    elif root.is_dir() and any(not HALF_WRITTEN.fullmatch(path.name) for path in root.iterdir()):
        raise UsageError(
            f"--work {root} holds files that imigue-build did not write",
            "name a new or an empty folder; nothing in it was touched",
        )


def _check_links(root: Path) -> None:
    """Checks that no folder in WORK is a link: a run clears its folders and writes there, and a link leads anywhere."""
    for folder in (root, root / "staging", root / "leases"):
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:  # other runs come and go
            for entry in entries:
                if entry.is_symlink() and entry.name != _LOG:
                    raise UsageError(
                        f"--work {root} holds a symbolic link, {shown(entry.path)}: a WORK folder holds none",
                        "remove the link, or name another folder; what it leads to was not touched",
                    )


def prepare_work(root: Path) -> None:
    """Makes a WORK folder where there is none; raises as `check_work`."""
    check_work(root)
    with guarded(f"cannot write to --work {root}"):
        make_folder(root)
        if not (root / MARKER).exists():
            write_atomically(root / MARKER, encode_exactly(Marker(FORMAT)))
