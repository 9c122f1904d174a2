"""What files make a model of a kind, and by which names the hub knows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from imigue_build.core.errors import BackendError
from imigue_build.models.wheels import WheelModel

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


def _nothing(folder: Path) -> list[str]:
    return []


@dataclass(frozen=True, eq=False)
class Form:
    """Models of one kind, as a hub or a folder holds them.

    Attributes:
        kind: What they are called in messages and in provenance.
        files: Patterns of the files that are taken of a repository; a star also matches folders.
        needed: Patterns of what a model cannot be loaded without; of the patterns in one tuple one is enough.
        unfit: What is said of a local folder that does not hold what it must, and the remedy.
        names: Short names -> repositories.
        names_are: What the short names are, such as "one of its sizes".
        one_form: Whether of the weights in both forms only `*.safetensors` is taken.
        file: Whether a local model may be a single file.
        parts: Parts of a model that its own folder names and does not hold.
        gated: The beginning of the names whose terms must be accepted on the hub first.
        command: The command that fetches one, with `{name}`; empty where `fetch-models` does.
        wheels: Repositories whose files data wheels carry as well.
    """

    kind: str
    files: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...]
    unfit: tuple[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    names_are: str = ""
    one_form: bool = False
    file: bool = False
    parts: Callable[[Path], list[str]] = _nothing
    gated: str = ""
    command: str = ""
    wheels: Mapping[str, WheelModel] = field(default_factory=dict)

    def repository(self, name: str) -> str:
        """`org/repo` of a hub's name, or of a short one.

        Raises:
            BackendError: If it is neither.
        """
        if name in self.names:
            return self.names[name]
        if not _REPOSITORY.fullmatch(name) or ".." in name:
            short = f", or {self.names_are} ({', '.join(self.names)})" if self.names else ""
            raise BackendError(
                f"there is no {self.kind} model {name!r}",
                f"name an existing local folder, a hub's ORGANISATION/NAME{short}",
            )
        return name

    def selected(self, names: Iterable[str]) -> list[str]:
        """Those files of a repository that are a model of this kind; weights in one form only."""
        usual = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
        found = sorted(name for name in usual if any(fnmatchcase(name, pattern) for pattern in self.files))
        if self.one_form and any(name.endswith(".safetensors") for name in found):
            found = [name for name in found if not fnmatchcase(name, "pytorch_model*.bin*")]
        return found

    def lacking(self, names: Iterable[str]) -> list[str]:
        """What a model of this kind needs and a list of files does not have."""
        names = list(names)
        return [
            " or ".join(choice)
            for choice in self.needed
            if not any(fnmatchcase(name, pattern) for name in names for pattern in choice)
        ]

    def missing(self, folder: Path, names: Iterable[str]) -> list[str]:
        """What a folder with these files lacks to be a model of this kind."""
        return self.lacking(names) or self.parts(folder)
