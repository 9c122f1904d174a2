"""Any corpus as a table: a CSV `path,label,speaker,fold`, or JSON lines `{"id", "sentence", "label"}`.

`id`, `session`, `start` and `end` (seconds) are understood too. Paths are relative to the root; a row without one is
looked up by its id. Folds named train, validation and test are an official split, others are tested in turn; without
folds one speaker is left out at a time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from imigue_build.bench.datasets.base import NOTHING, Options, Row, faulty, lines, sounds, table
from imigue_build.bench.folds import PARTS
from imigue_build.bench.utterances import Dataset, Protocol, Utterance, made
from imigue_build.errors import UsageError

_PARTS: Final = {"dev": "validation", "val": "validation", "valid": "validation"}
_JSON: Final = (".jsonl", ".ndjson", ".json")


def load(root: Path, options: Options) -> Dataset:
    """The corpus of a table: `root` is the table, or the folder of its sounds with the table as `--labels`.

    Raises:
        UsageError: If the table cannot be read or has faults; all of them are named.
    """
    file, folder = (options.labels, root) if options.labels is not None else (root, root.parent)
    if not file.is_file():
        raise UsageError(f"{file} is no table", "name a CSV or JSON lines file, as --root or --labels")
    rows = list(_json_rows(file)) if file.suffix.lower() in _JSON else table(file, ("label",))
    faults: list[str] = []
    files = _Sounds(folder)
    utterances = [one for row in rows if (one := _utterance(row, files, faults)) is not None]
    if faults:
        raise faulty(file, faults)
    labels = sorted({one.label for one in utterances})
    return made(file.stem, utterances, labels, protocol_of(utterances))


def protocol_of(utterances: list[Utterance]) -> Protocol:
    """Given parts or folds where every row has one, else one speaker at a time."""
    folds = {one.fold for one in utterances}
    if not folds or None in folds:
        return "speaker"
    return "official" if folds <= set(PARTS) else "given"


class _Sounds:
    """The files of a folder, by path and by stem; it is searched when it is first asked for a stem."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stems: dict[str, Path] | None = None

    def find(self, path: str, name: str) -> Path | None:
        if path:
            found = self._folder / path
            return found if found.is_file() else None
        if self._stems is None:
            self._stems = {one.stem: one for one in sounds(self._folder)}
        return self._stems.get(name)


def _json_rows(path: Path) -> Iterator[Row]:
    faults: list[str] = []
    for number, line in lines(path):
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            fields = {str(name): "" if value is None else str(value) for name, value in document.items()}
            yield Row(number, fields)
        else:
            faults.append(f"line {number}: no JSON object")
    if faults:
        raise faulty(path, faults)


def _utterance(row: Row, files: _Sounds, faults: list[str]) -> Utterance | None:
    """A row's utterance; what is wrong with it is added to `faults`."""

    def field(name: str) -> str | None:
        return row.fields.get(name) or None

    path, label = field("path") or "", field("label") or ""
    name = field("id") or path
    wrong = []
    if label.lower() in NOTHING:
        wrong.append("no label")
    if not name:
        wrong.append("neither a path nor an id")
    found = files.find(path, name) if name else None
    if name and found is None:
        wrong.append(f"no sound file {path or name}")
    times = {key: _seconds(field(key), key, wrong) for key in ("start", "end")}
    faults += [f"line {row.line}: {one}" for one in wrong]
    if wrong or found is None:
        return None
    fold = field("fold")
    fold = _PARTS.get(fold.lower(), fold) if fold else None
    return Utterance(name, found, label, field("speaker"), field("session"), fold, times["start"], times["end"])


def _seconds(text: str | None, name: str, wrong: list[str]) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        wrong.append(f"{name} is {text!r}, no seconds")
        return None
    return value
