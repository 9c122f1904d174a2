"""What of a disk would outlast a power cut: the content of files and the entries of folders as of their last fsync.

Kept by inode beside the real disk. What is unlinked or replaced is buried, not removed, so that no
inode is used a second time.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path


class Shadow:
    """The durable state of a folder. `folder` is where it is kept, on the same file system."""

    def __init__(self, folder: Path) -> None:
        self._files, self._folders, self._grave = folder / "files", folder / "folders", folder / "grave"
        for path in (self._files, self._folders, self._grave):
            path.mkdir(parents=True, exist_ok=True)

    def keep_all(self, root: Path) -> None:
        """Everything there is, is durable."""
        for parent, _, names in os.walk(root):
            for name in names:
                self.keep(Path(parent, name))
            self.keep(Path(parent))

    def keep(self, path: Path) -> None:
        """A file's content, or a folder's entries, are durable from now on."""
        inode = str(path.stat().st_ino)
        if path.is_dir():
            entries = {entry.name: [entry.is_dir(), entry.stat().st_ino] for entry in os.scandir(path)}
            (self._folders / inode).write_text(json.dumps(entries))
        else:
            (self._files / inode).unlink(missing_ok=True)  # it may be read-only
            shutil.copy2(path, self._files / inode)

    def bury(self, call: str, path: Path, *rest: Path) -> None:
        """Takes away what a call removes."""
        if call in ("unlink", "rmdir"):
            if call == "rmdir" and any(path.iterdir()):
                raise OSError(f"{path} is not empty")
            os.rename(path, self._grave / uuid.uuid4().hex)
        elif call == "rename" and rest[0].is_file():
            os.link(rest[0], self._grave / uuid.uuid4().hex)

    def come_back(self, root: Path, names_too: bool) -> None:
        """Makes of `root` what a power cut leaves of it: data that was not synced are gone.

        `names_too`: entries of folders that were not synced as well; else those are as they were at the end.
        """
        after = root.with_name(f"{root.name}.after")
        self._build(after, root if not names_too else None, root.stat().st_ino)
        root.rename(self._grave / uuid.uuid4().hex)
        after.rename(root)

    def _build(self, target: Path, now: Path | None, inode: int) -> None:
        target.mkdir()
        if now is not None:
            entries = {entry.name: (entry.is_dir(), entry.stat().st_ino) for entry in os.scandir(now)}
        else:
            kept = self._folders / str(inode)
            entries = json.loads(kept.read_text()) if kept.exists() else {}
        for name, (is_folder, number) in entries.items():
            if is_folder:
                self._build(target / name, now / name if now is not None else None, number)
            elif (self._files / str(number)).exists():
                shutil.copy2(self._files / str(number), target / name)
            else:
                (target / name).touch()
