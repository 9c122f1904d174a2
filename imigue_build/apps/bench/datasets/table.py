"""Any corpus as a table: a CSV `path,label,speaker,fold`, or JSON lines `{"id", "sentence", "label"}`.

`id`, `session`, `start` and `end` (seconds) are supported too. Paths are relative to the root; a row without one is
found by its id. Folds named train, validation and test are an official split, others are cross-validation folds;
without folds one speaker is left out at a time. If no row has a speaker, speakers are taken from ids such as
`Ses01F_impro01_F000`; else the folds are random.
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
from imigue_build.apps.bench.utterances import Dataset, Protocol, Utterance, build_dataset, listed
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.bounded_csv import Record

_PARTS: Final = {"dev": "validation", "val": "validation", "valid": "validation"}
_JSON: Final = (".jsonl", ".ndjson", ".json")


def load(root: Path, options: Options) -> Dataset:
    """The corpus of a table: `root` is the table, or the audio folder with the table as `--labels`.

    Raises:
        UsageError: If the table cannot be read or has faults; all faults are listed.
    """
    file = options.labels or (_only_table(root) if root.is_dir() else root)
    folder = root if root.is_dir() else root.parent
    if file.is_dir() or not file.exists():
        raise UsageError(f"{file} is not a table", "name a CSV or JSON lines file, as --root or --labels")
    rows, notes = Rows(list(_json_rows(file)), ()) if file.suffix.lower() in _JSON else table(file, ("label",))
    faults: list[str] = []
    files = _Sounds(folder)
    utterances = [utterance for row in rows if (utterance := _utterance(row, files, faults)) is not None]
    if faults:
        raise faulty(file, faults)
    labels = sorted({utterance.label for utterance in utterances})
    protocol = protocol_of(utterances, file)
    warning = ""
    if utterances and all(utterance.speaker is None for utterance in utterances):
        utterances, warning = _named(utterances)
        if protocol == "speaker" and not warning:
            protocol, warning = "random", "there are no speakers and no folds: the folds are random"
    return build_dataset(file.stem, utterances, labels, protocol, warnings=(*notes, warning) if warning else notes)


def protocol_of(utterances: Sequence[Utterance], file: Path) -> Protocol:
    """The protocol: the given parts or folds if rows have them, else one speaker at a time.

    Raises:
        UsageError: If some rows have parts and others folds.
    """
    folds = {utterance.fold for utterance in utterances if utterance.fold is not None}
    if not folds:
        return "speaker"
    if folds <= set(PARTS):
        return "official"
    if {"train", "test"} & folds:
        message = f"{file}: the column fold has parts and other folds: {listed(sorted(folds))}"
        raise UsageError(message, f"the parts are {', '.join(PARTS)}; or give only folds")
    return "given"


def fold_of(text: str | None) -> str | None:
    """A fold as written, a part by its canonical name; None if there is none."""
    if not text:
        return None
    part = _PARTS.get(text.lower(), text.lower())
    return part if part in PARTS else text


def _named(utterances: list[Utterance]) -> tuple[list[Utterance], str]:
    """The utterances with speakers from their ids, and a warning; unchanged if the ids have none."""
    known = speakers_of([utterance.id for utterance in utterances])
    if known is None:
        return utterances, ""
    corpus, speakers = known
    named = [replace(utterance, speaker=name) for utterance, name in zip(utterances, speakers, strict=True)]
    return named, f"the speakers are taken from the ids, which are like those of {corpus}"


def _only_table(folder: Path) -> Path:
    """The only table in a folder; the folder itself if there is none, or several."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in (".csv", *_JSON) and path.is_file()]
    return found[0] if len(found) == 1 else folder


class _Sounds:
    """The files of a folder, by path and by stem; it is searched at the first request for a stem."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, list[Path]] | None = None

    def find(self, path: str, name: str) -> list[Path]:
        """The files that match a row; should be one."""
        if path:
            written = (path, path.replace("\\", "/"))  # Windows paths
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
            faults.append(f"line {number}: not a JSON object")
    if faults:
        raise faulty(path, faults)


def _documents(path: Path) -> Iterator[tuple[int, object]]:
    """Line and value of each, None if it is not JSON; of an array the position in it, from 1."""
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
        json.dumps(found, ensure_ascii=False).encode()  # rejects lone surrogates
    except (ValueError, RecursionError):
        return None
    return found


def _utterance(row: Record, files: _Sounds, faults: list[str]) -> Utterance | None:
    """A row's utterance; its problems are added to `faults`."""

    def field(name: str) -> str | None:
        return row.fields.get(name) or None

    path, label = field("path") or "", field("label") or ""
    name = field("id") or path
    problems = []
    if label.lower() in NOTHING:
        problems.append("no label")
    if not name:
        problems.append("neither a path nor an id")
    found = files.find(path, name) if name else []
    if name and not found:
        problems.append(f"no audio file {path or name}")
    if len(found) > 1:
        problems.append(f"{len(found)} audio files are named {name} ({listed(list(map(str, found)))}); add a path")
    times = {key: _seconds(field(key), key, problems) for key in ("start", "end")}
    faults += [f"line {row.line}: {item}" for item in problems]
    if problems:
        return None
    fold = fold_of(field("fold"))
    return Utterance(name, found[0], label, field("speaker"), field("session"), fold, times["start"], times["end"])


def _seconds(text: str | None, name: str, problems: list[str]) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        problems.append(f"{name} is {text!r}, not seconds")
        return None
    return value
