"""Any corpus as a table: a CSV `path,label,speaker,fold`, or JSON lines `{"id", "sentence", "label"}`.

`id`, `session`, `start` and `end` (seconds) are understood too. Paths are relative to the root; a row without one is
looked up by its id. Folds named train, validation and test are an official split, others are tested in turn; without
folds one speaker is left out at a time. Where no row has a speaker, ids such as `Ses01F_impro01_F000` tell them; else
the folds are random.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from os.path import isfile
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import NOTHING, Options, Rows, faulty, lines, sounds, table, text_of
from imigue_build.apps.bench.datasets.names import speakers_of
from imigue_build.apps.bench.folds import PARTS
from imigue_build.apps.bench.utterances import Dataset, Protocol, Utterance, listed, made
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.bounded_csv import Record

_PARTS: Final = {"dev": "validation", "val": "validation", "valid": "validation"}
_JSON: Final = (".jsonl", ".ndjson", ".json")


def load(root: Path, options: Options) -> Dataset:
    """The corpus of a table: `root` is the table, or the folder of its sounds with the table as `--labels`.

    Raises:
        UsageError: If the table cannot be read or has faults; all of them are named.
    """
    file = options.labels or (_only_table(root) if root.is_dir() else root)
    folder = root if root.is_dir() else root.parent
    if file.is_dir() or not file.exists():
        raise UsageError(f"{file} is no table", "name a CSV or JSON lines file, as --root or --labels")
    rows, notes = Rows(list(_json_rows(file)), ()) if file.suffix.lower() in _JSON else table(file, ("label",))
    faults: list[str] = []
    files = _Sounds(folder)
    utterances = [one for row in rows if (one := _utterance(row, files, faults)) is not None]
    if faults:
        raise faulty(file, faults)
    labels = sorted({utterance.label for utterance in utterances})
    protocol = protocol_of(utterances, file)
    said = ""
    if utterances and all(utterance.speaker is None for utterance in utterances):
        utterances, said = _named(utterances)
        if protocol == "speaker" and not said:
            protocol, said = "random", "there are no speakers and no folds: the folds are random"
    return made(file.stem, utterances, labels, protocol, warnings=(*notes, said) if said else notes)


def protocol_of(utterances: Sequence[Utterance], file: Path) -> Protocol:
    """Given parts or folds where rows have some, else one speaker at a time.

    Raises:
        UsageError: If some rows name parts and others folds.
    """
    folds = {utterance.fold for utterance in utterances if utterance.fold is not None}
    if not folds:
        return "speaker"
    if folds <= set(PARTS):
        return "official"
    if {"train", "test"} & folds:
        what = f"{file}: the column fold names parts and other folds: {listed(sorted(folds))}"
        raise UsageError(what, f"the parts are {', '.join(PARTS)}; or name folds alone")
    return "given"


def fold_of(text: str | None) -> str | None:
    """A fold as it is written, a part by its one name; None where there is none."""
    if not text:
        return None
    part = _PARTS.get(text.lower(), text.lower())
    return part if part in PARTS else text


def _named(utterances: list[Utterance]) -> tuple[list[Utterance], str]:
    """With the speakers that the ids tell, and what is said of it; as they are where they tell none."""
    told = speakers_of([utterance.id for utterance in utterances])
    if told is None:
        return utterances, ""
    corpus, speakers = told
    named = [replace(utterance, speaker=name) for utterance, name in zip(utterances, speakers, strict=True)]
    return named, f"the speakers are those that the ids tell, which are of {corpus}'s form"


def _only_table(folder: Path) -> Path:
    """The one table in a folder; the folder itself where there is none, or several."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in (".csv", *_JSON) and path.is_file()]
    return found[0] if len(found) == 1 else folder


class _Sounds:
    """The files of a folder, by path and by stem; it is searched when it is first asked for a stem."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, list[Path]] | None = None

    def find(self, path: str, name: str) -> list[Path]:
        """The files that a row may mean: one, if all is well."""
        if path:
            written = (path, path.replace("\\", "/"))  # the latter as Windows writes it
            return [self._folder / item for item in written if isfile(self._folder / item)][:1]
        if self._names is None:
            self._names = {}
            for sound in sounds(self._folder):
                self._names.setdefault(sound.stem, []).append(sound)
                self._names.setdefault(sound.name, []).append(sound)
        return self._names.get(name, [])


def _json_rows(path: Path) -> Iterator[Record]:
    """The objects of JSON lines, or of one array."""
    faults: list[str] = []
    for number, document in _documents(path):
        if isinstance(document, dict):
            fields = {str(name): "" if value is None else str(value) for name, value in document.items()}
            yield Record(number, fields)
        else:
            faults.append(f"line {number}: no JSON object")
    if faults:
        raise faulty(path, faults)


def _documents(path: Path) -> Iterator[tuple[int, object]]:
    """Line and value of each, None where it is no JSON; of an array the place in it, counted from 1."""
    text = text_of(path)
    if text.lstrip().startswith("["):
        whole = _parsed(text)
        if isinstance(whole, list):
            yield from enumerate(whole, 1)
            return
    for number, line in lines(path):
        yield number, _parsed(line)


def _parsed(text: str) -> object:
    try:
        found: object = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair cannot be written again
    except (ValueError, RecursionError):
        return None
    return found


def _utterance(row: Record, files: _Sounds, faults: list[str]) -> Utterance | None:
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
    found = files.find(path, name) if name else []
    if name and not found:
        wrong.append(f"no sound file {path or name}")
    if len(found) > 1:
        wrong.append(f"{len(found)} sound files are named {name} ({listed(list(map(str, found)))}); add a path")
    times = {key: _seconds(field(key), key, wrong) for key in ("start", "end")}
    faults += [f"line {row.line}: {item}" for item in wrong]
    if wrong:
        return None
    fold = fold_of(field("fold"))
    return Utterance(name, found[0], label, field("speaker"), field("session"), fold, times["start"], times["end"])


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
