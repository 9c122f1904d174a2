"""EmotionTalk (Chinese dialogues, 19 speakers): seven classes, official train, validation and test.

Labels are in `mm.csv` (`file_name,emotion`, `G00009/G00009_42/G00009_42_14/G00009_42_14_024.mp4,neutral`), or else
in a JSON file per utterance (`file_name`, `emotion_result`). The audio is a WAV of the same stem, in any folder;
the third number of the stem is the speaker. The official parts are in a column `split` of `mm.csv`, or in the
authors' `mm_label.npz` (`train_corpus`, `val_corpus`, `test_corpus`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.bench.datasets.base import Options, faulty, require_complete, sounds, table, text_of, unmatched
from imigue_build.apps.bench.datasets.pickled import read_objects
from imigue_build.apps.bench.folds import PARTS
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset, require_counts
from imigue_build.core.errors import UsageError

CLASSES: Final = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
COUNTS: Final = {"train": 15_413, "validation": 1_908, "test": 1_929}
TABLE: Final = "mm.csv"
PARTITION: Final = "mm_label.npz"
_SHORT: Final = {"anger": "angry", "disgust": "disgusted", "fear": "fearful", "surprise": "surprised"}
_PARTS: Final = {"train": "train", "val": "validation", "validation": "validation", "dev": "validation", "test": "test"}
_STEM: Final = re.compile(r"G\d+_\d+_(?P<speaker>\d+)_\d+", re.ASCII)


class _Labelled(NamedTuple):
    id: str
    label: str
    part: str | None


def load(root: Path, options: Options, expected: Mapping[str, int] = COUNTS) -> Dataset:
    """EmotionTalk from its folder; `--labels` names another table of labels.

    Raises:
        UsageError: If it is missing or incomplete: audio, labels or a part is missing.
    """
    wavs = {path.stem: path for path in sounds(root, (".wav",))}
    file = options.labels or _first(root, TABLE)
    labelled = list(_of_table(file)) if file is not None else list(_of_json(root))
    if not labelled:
        raise UsageError(f"{root} has no {TABLE} and no labelled JSON", "name EmotionTalk's folder as --root")
    parts = {} if all(item.part for item in labelled) else _parts(root)
    found: list[Utterance] = []
    for item in labelled:
        if item.id in wavs:
            match = _STEM.fullmatch(item.id)
            speaker = match["speaker"] if match else None
            found.append(Utterance(item.id, wavs[item.id], item.label, speaker, fold=item.part or parts.get(item.id)))
    has_parts = any(item.fold for item in found)
    warnings = () if has_parts else (f"EmotionTalk: the official parts are missing (a column split, or {PARTITION})",)
    dataset = build_dataset("EmotionTalk", found, CLASSES, "official", warnings=warnings)
    counted = {part: sum(item.fold == part for item in found) for part in PARTS}
    without = len(found) - sum(counted.values())
    if not has_parts:  # another protocol may still be requested
        fault = require_counts("EmotionTalk", {"all": without}, {"all": sum(expected.values())}, "utterances")
    else:
        counted |= {"no part": without} if without else {}
        fault = require_counts("EmotionTalk", counted, dict(expected), "parts")
    without_audio = unmatched("EmotionTalk", [item.id for item in labelled if item.id not in wavs])
    known = {item.id for item in labelled}
    unlabelled = [name for name in wavs if _STEM.fullmatch(name) and name not in known]
    return require_complete(dataset, "\n  ".join(item for item in (without_audio, fault) if item), unlabelled, options)


def _first(root: Path, name: str) -> Path | None:
    return next((path for path in (root / name, *sorted(root.rglob(name))) if path.is_file()), None)


def _of_table(file: Path) -> Iterator[_Labelled]:
    faults = []
    for line, fields in table(file, ("emotion",)).rows:
        if not (name := fields.get("file_name") or fields.get("name")):
            raise UsageError(f"{file}, line {line}: no file_name", "give a table file_name,emotion or name,emotion")
        label, part = _class(fields["emotion"]), fields.get("split", "").lower()
        if label not in CLASSES or (part and part not in _PARTS):
            faults.append(f"line {line}: {fields['emotion']!r} {part!r} is not a class, or not a part, of EmotionTalk")
        yield _Labelled(Path(name).stem, label, _PARTS.get(part))
    if faults:
        raise faulty(file, faults)


def _of_json(root: Path) -> Iterator[_Labelled]:
    for path in sorted(root.rglob("G*.json")):
        try:
            document = json.loads(text_of(path))
            name, emotion = document["file_name"], document["emotion_result"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError(f"{path} is not the label of an utterance ({error!r})", "correct or remove it") from error
        yield _Labelled(Path(str(name)).stem, _class(str(emotion)), None)


def _class(text: str) -> str:
    text = text.strip().lower()
    return _SHORT.get(text, text)


def _parts(root: Path) -> dict[str, str]:
    """Stem -> part, from the authors' partition if it is present."""
    path = _first(root, PARTITION)
    if path is None:
        return {}
    corpora = read_objects(path, ("train_corpus", "val_corpus", "test_corpus"))
    return {
        Path(str(name)).stem: _PARTS[key.removesuffix("_corpus")] for key, names in corpora.items() for name in names
    }
