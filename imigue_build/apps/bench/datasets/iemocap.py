"""IEMOCAP (Busso et al. 2008): four classes, excitement merged into happiness. Leave one session out.

Labels are in `SessionN/dialog/EmoEvaluation/*.txt`, audio in `SessionN/sentences/wav/<dialog>/<utterance>.wav`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.bench.datasets.base import Options, lines, require_complete, require_folder, unmatched
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset, require_counts
from imigue_build.core.errors import UsageError

CLASSES: Final = {"ang": "ang", "hap": "hap", "exc": "hap", "neu": "neu", "sad": "sad"}
COUNTS: Final = {"Session1": 1085, "Session2": 1023, "Session3": 1151, "Session4": 1031, "Session5": 1241}
_LABELS: Final = Path("dialog", "EmoEvaluation")
_LINE: Final = re.compile(
    r"\[\s*[\d.]+\s*-\s*[\d.]+\s*\]\t(?P<id>Ses(?P<session>\d\d)[FM]_\w+_(?P<gender>[FM])\w*)\t(?P<label>\w+)\t.*"
)


class _Labelled(NamedTuple):
    id: str
    label: str
    speaker: str


def load(root: Path, options: Options, expected: Mapping[str, int] = COUNTS) -> Dataset:
    """IEMOCAP from the folder with `Session1` to `Session5`.

    Raises:
        UsageError: If it is missing or incomplete: a session, an audio file or a label is missing.
    """
    require_folder(root)
    root = _parent_of_sessions(root, tuple(expected))
    missing = [name for name in expected if not (root / name / _LABELS).is_dir()]
    if len(missing) == len(expected):
        raise UsageError(f"{root} has no SessionN/dialog/EmoEvaluation", "name the folder of IEMOCAP's sessions")
    faults = [f"IEMOCAP: no {', '.join(missing)} in {root}"] if missing else []
    found: list[Utterance] = []
    without_audio: list[str] = []
    unlabelled: list[str] = []
    for session in expected:
        if session in missing:
            continue
        wavs = {path.stem: path for path in _wavs(root / session)}
        labelled = {label.id: label for label in _labels(root / session)}
        unlabelled += sorted(wavs.keys() - labelled.keys())
        for name, item in labelled.items():
            if name not in wavs:
                without_audio += [name] if item.label in CLASSES else []
            elif item.label in CLASSES:
                found.append(Utterance(name, wavs[name], CLASSES[item.label], item.speaker, session))
    dataset = build_dataset("IEMOCAP", found, tuple(dict.fromkeys(CLASSES.values())), "session")
    sessions = {name: sum(item.session == name for item in found) for name in expected}
    faults += [unmatched("IEMOCAP", without_audio), require_counts("IEMOCAP", sessions, dict(expected), "sessions")]
    return require_complete(dataset, "\n  ".join(fault for fault in faults if fault), unlabelled, options)


def _parent_of_sessions(root: Path, sessions: Sequence[str]) -> Path:
    """The root, or a folder in it: the published archive has the sessions in `IEMOCAP_full_release`."""
    folders = (root, *sorted(path for path in root.iterdir() if path.is_dir()))
    return next((folder for folder in folders if any((folder / name / _LABELS).is_dir() for name in sessions)), root)


def _wavs(session: Path) -> Iterator[Path]:
    for path in (session / "sentences" / "wav").glob("*/*"):
        if path.suffix.lower() == ".wav" and not path.name.startswith("."):
            yield path


def _labels(session: Path) -> Iterator[_Labelled]:
    for path in sorted((session / _LABELS).glob("*.txt")):
        if path.name.startswith("."):
            continue
        for _, line in lines(path):
            if match := _LINE.fullmatch(line):
                yield _Labelled(match["id"], match["label"], f"Ses{match['session']}{match['gender']}")
