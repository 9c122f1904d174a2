"""Lists of words as models: a source of models of its own, in a folder of its own."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef
from imigue_build.models import REMEDY, Located, Progress, Wanted

_LISTS: Final = {"numbers": "one two three four five six seven"}


@dataclass(frozen=True)
class WordList:
    """The source: `fetch` writes a list into the folder that `OUTSIDE_SPEECH` names."""

    kind: str = "word-list"

    def local(self, wanted: Wanted) -> Located:
        return self._located(Path(wanted.name), "local")

    def locate(self, wanted: Wanted) -> Located:
        path = self._place(wanted)
        if not path.is_file():
            raise BackendError(f"the word list {wanted.name} is not here", REMEDY)
        return self._located(path, "1")

    def pinned(self, wanted: Wanted) -> bool:
        return True

    def verify(self, wanted: Wanted) -> None:
        """Nothing: it is read whole each time."""

    def fetch(self, wanted: Wanted, progress: Progress, here: bool) -> None:
        text = _LISTS.get(wanted.name)
        if text is None:
            raise BackendError(f"there is no word list {wanted.name}", f"name one of {', '.join(_LISTS)}")
        self._place(wanted).parent.mkdir(parents=True, exist_ok=True)
        self._place(wanted).write_text(text)
        progress(len(text), len(text))

    def by_hand(self, wanted: Wanted) -> str:
        return ""

    def terms(self, wanted: Wanted) -> str:
        return ""

    def _place(self, wanted: Wanted) -> Path:
        return Path(os.environ.get("OUTSIDE_SPEECH", "~/.cache/outside-speech")).expanduser() / f"{wanted.name}.txt"

    def _located(self, path: Path, revision: str) -> Located:
        data = path.read_bytes()
        return Located(
            path, ModelRef(f"{self.kind} {path.stem}", revision, hashlib.sha256(data).hexdigest()), len(data)
        )
