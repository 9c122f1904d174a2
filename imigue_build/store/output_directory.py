"""The folder that a command makes from a release: whether it may be written there, and putting a whole one there.

A file of its own, the record, lists what the command wrote. What it does not list is not replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from imigue_build import __version__
from imigue_build.core.errors import UsageError, first_few
from imigue_build.core.untrusted.files import shown
from imigue_build.store import system
from imigue_build.store.disk import guarded, make_folder, read
from imigue_build.store.lock import check_free, exclusive_lock
from imigue_build.store.swap import check_place, clear_up, files_of, new_folder, recover, swap_in

RECORD: Final = "imigue-build.json"
"""The record: which command of which version wrote the folder, from what, and {path: bytes} of its files."""


@dataclass(frozen=True)
class OutputDirectory:
    """What `imigue-build COMMAND --out OUT` makes.

    Attributes:
        out: The folder.
        command: The command's name.
        sources: What the command reads, by the name that the user knows it by; the folder lies apart from all.
        about: What the record says besides command, version and files.
    """

    out: Path
    command: str
    sources: Mapping[str, Path]
    about: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Whether the folder may be written, and nothing is lost when it replaces what is there; writes nothing.

        Raises:
            UsageError: If it may not, with what to do.
            StoreError: If another command is writing it.
        """
        self._check()
        check_free(self.out.resolve(), self._name)

    def _check(self) -> None:
        check_place(self._name, self.out, self.sources)
        place = self.out.resolve()
        if place.exists() and not place.is_dir():
            raise UsageError(f"{self._name} is not a folder", "name a folder; it is made if it is missing")
        if not place.exists() or not (found := set(files_of(place))):
            return
        listed = self._listed()
        if listed is None:
            what = f"{self._name} holds files that the command {self.command} did not write"
            raise UsageError(what, "name a new or an empty folder")
        if strangers := sorted(map(shown, found - listed - {RECORD})):
            what = f"{self._name} holds {first_few(strangers, len(strangers), ', ')}, not listed in {RECORD}"
            raise UsageError(what, "move what is yours out of it: the folder is replaced as a whole")

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A new empty folder beside the place; with the block's end it goes there, and after an error it is removed.

        Raises:
            UsageError: As `check`.
            StoreError: If another command is writing it, or the disk fails or is full.
        """
        self.check()
        with guarded(f"cannot write {shown(self.out)}"), ExitStack() as stack:
            make_folder(self.out.resolve().parent)
            lock = stack.enter_context(exclusive_lock(self.out.resolve(), self.command, self._name))
            recover(self.out)
            self._check()  # what was there may be back
            new = new_folder(self.out)
            try:
                yield new
                files = {name: (new / name).lstat().st_size for name in sorted(files_of(new))}
                document = {"command": self.command, "imigue_build": __version__, **self.about, "files": files}
                text = msgspec.json.format(msgspec.json.encode(document), indent=1)
                system.write(new / RECORD, [text + b"\n"])
                self._check()  # something may have been put there meanwhile
                swap_in(new, self.out, lock.check_held)
            except BaseException:
                clear_up(new, self.out, lock.check_held)
                raise

    @property
    def _name(self) -> str:
        return f"--out {shown(self.out)}"

    def _listed(self) -> set[str] | None:
        """The files that the record says are the folder's own; None where there is no record of this command."""
        try:
            document = msgspec.json.decode(read(self.out / RECORD), type=dict[str, Any])
        except (OSError, ValueError, RecursionError):
            return None
        files = document.get("files")
        return set(files) if document.get("command") == self.command and isinstance(files, dict) else None
