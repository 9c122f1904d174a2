"""Folds in the format of EmoBox (Ma et al. 2024): `fold_1/<corpus>_train_fold_1.json`, `_test_` and perhaps `_valid_`.

A file is `{key: {"wav", "length", "emo", "dataset", "channel"}}`, or JSON lines of such rows with a `key`. Classes are
renamed by `label_map.json` if there is one. The files have no speakers: unless rows have a `speaker` (or `spk`), or the
audio files are named as in a known corpus, it cannot be checked whether speakers are on both sides of a split, and the
result says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from os.path import isfile
from pathlib import Path, PurePosixPath
from typing import Any, Final

from imigue_build.apps.bench.datasets.base import Options, lines, require_complete, require_folder, text_of, unmatched
from imigue_build.apps.bench.datasets.names import speakers_of
from imigue_build.apps.bench.utterances import Dataset, Split, Utterance, build_dataset, listed
from imigue_build.core.errors import UsageError

_FOLD: Final = re.compile(r"fold_?(\d+)", re.IGNORECASE)
_PARTS: Final = {"train": "train", "test": "test", "valid": "validation", "val": "validation"}
_REMEDY: Final = "name the folder of fold_1, fold_2, ... as --root, or as --labels with the audio folder as --root"


def load(root: Path, options: Options) -> Dataset:
    """A corpus with EmoBox's folds.

    Args:
        root: The folder of `fold_1`, ...; or of the audio, with the folder of the folds as `--labels`.
        options: Labels, and whether rows without audio may be left out.

    Raises:
        UsageError: If there are no folds, they contradict each other, or audio is missing.
    """
    folder = options.labels or root
    require_folder(folder)
    names = _label_map(folder)
    rows: dict[str, dict[str, Any]] = {}
    parts: dict[str, dict[str, list[str]]] = {}
    for fold, part, path in _files(folder):
        for key, row in _rows(path):
            if rows.setdefault(key, row).get("emo") != row.get("emo"):
                raise UsageError(f"{path}: {key} has another class than in another fold", "correct the folds")
            parts.setdefault(fold, {}).setdefault(part, []).append(key)
    if not parts:
        raise UsageError(f"{folder} has no fold_N with JSON files of train and test", _REMEDY)
    found = {key: _sound(root, folder, str(row.get("wav", ""))) for key, row in rows.items()}
    without_audio = sorted(key for key, path in found.items() if path is None)
    utterances = [
        Utterance(key, wav, _named(row, names), _speaker(row))
        for key, row in rows.items()
        if (wav := found[key]) is not None
    ]
    known = speakers_of([utterance.path.name for utterance in utterances])
    if known and all(utterance.speaker is None for utterance in utterances):
        utterances = [replace(utterance, speaker=name) for utterance, name in zip(utterances, known[1], strict=True)]
    splits = tuple(_split(fold, parts[fold], found) for fold in sorted(parts, key=int))
    labels = sorted({utterance.label for utterance in utterances})
    title = next((str(row["dataset"]) for row in rows.values() if row.get("dataset")), folder.name)
    dataset = build_dataset(f"{title} (EmoBox)", utterances, labels, "given", splits)
    return require_complete(dataset, unmatched(dataset.name, without_audio), (), options)


def _files(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Fold, part and path of every file; EmoBox writes `fold_1` and `fold1`."""
    for path in sorted(folder.glob("fold*/*.json*")):
        fold = _FOLD.fullmatch(path.parent.name)
        part = next((part for part in _PARTS if f"_{part}_" in path.name), None)
        if fold and part and not path.name.startswith("."):
            yield fold[1], _PARTS[part], path


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        if path.suffix == ".jsonl":
            documents = [json.loads(line) for _, line in lines(path)]
            found = {str(document["key"]): document for document in documents}
        else:
            found = json.loads(text_of(path))
        for key, row in found.items():
            if not isinstance(row, dict):
                raise UsageError(f"{path}: {key} is not an object with wav and emo", "correct the file")
            if not isinstance(row.get("wav"), str) or not isinstance(row.get("emo"), str):
                raise UsageError(f"{path}: {key} has no wav or no emo", "correct the file")
            yield key, row
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is not a fold file of EmoBox ({error!r})", "correct the file") from error


def _label_map(folder: Path) -> dict[str, str]:
    """Class in the files, in lower case -> its name; empty without `label_map.json`."""
    path = folder / "label_map.json"
    if not path.is_file():
        return {}
    try:
        return {str(key).lower(): str(name) for key, name in json.loads(text_of(path)).items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is not a map of labels ({error})", "correct the file") from error


def _named(row: dict[str, Any], names: dict[str, str]) -> str:
    label = str(row["emo"])
    if not names:
        return label
    if label.lower() not in names:
        raise UsageError(f"label_map.json lacks the class {label!r}", f"it has {listed(sorted(names))}")
    return names[label.lower()]


def _speaker(row: dict[str, Any]) -> str | None:
    found = row.get("speaker", row.get("spk"))
    return None if found in (None, "") else str(found)


def _sound(root: Path, folder: Path, wav: str) -> Path | None:
    """The file of a row: in the root, or a parent of the folds; EmoBox's paths start with `downloads/<corpus>/`."""
    parts = PurePosixPath(wav).parts
    if ".." in parts:
        return None
    inner = Path(*parts[2:]) if parts[:1] == ("downloads",) and len(parts) > 2 else Path(wav)
    places = [root / inner, root / wav, *(parent / wav for parent in (folder, *folder.absolute().parents))]
    return next((path for path in places if isfile(path)), None)


def _split(fold: str, parts: dict[str, list[str]], found: dict[str, Path | None]) -> Split:
    present = {part: tuple(sorted({key for key in keys if found[key]})) for part, keys in parts.items()}
    return Split(fold, present.get("train", ()), present.get("test", ()), present.get("validation", ()))
