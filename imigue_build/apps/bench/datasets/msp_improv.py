"""MSP-IMPROV (Busso et al. 2017): four classes of six. Leave one session out.

Labels are lines of `Evalution.txt` (so spelled; some copies say `Evaluation.txt`):
`UTD-IMPROV-S01A-F01-S-FM01.avi; N; A:3.0; V:3.5; D:3.0 ; N:4.0;`; ratings may be NaN. The sound is
`session1/S01A/S/MSP-IMPROV-S01A-F01-S-FM01.wav`, whatever folders are above it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import Options, lines, require_complete, sounds, unmatched
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset, counts, listed, require_counts
from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import clause

CLASSES: Final = {"A": "angry", "H": "happy", "N": "neutral", "S": "sad"}
COUNTS: Final = {"angry": 792, "happy": 2644, "neutral": 3477, "sad": 885}
SESSIONS: Final = 6
TABLES: Final = ("Evalution.txt", "Evaluation.txt")
_LINE: Final = re.compile(
    r"UTD-(?P<name>IMPROV-S\d\d[A-Z]-(?P<speaker>[FM](?P<session>\d\d))-[PRST]-[FM]{2}\d+)\.avi\s*;\s*(?P<label>[A-Z])\s*;.*"
)

_NAN: Final = re.compile(r":\s*nan\b", re.IGNORECASE)


def load(
    root: Path, options: Options, expected: Mapping[str, int] = COUNTS, expected_sessions: int = SESSIONS
) -> Dataset:
    """MSP-IMPROV from its folder.

    Raises:
        UsageError: If it is missing or incomplete: a session, an audio file or a label is missing.
    """
    wavs = {path.stem: path for path in sounds(root, (".wav",))}
    labelled: dict[str, Utterance] = {}
    without_audio, other = [], set()
    unrated: list[str] = []
    for _, line in lines(_table(root)):
        if (match := _LINE.fullmatch(line)) is None:
            continue
        name = f"MSP-{match['name']}"
        if match["label"] not in CLASSES:
            other.add(name)
        elif name not in wavs:
            without_audio.append(name)
        else:
            session = f"session{int(match['session'])}"
            labelled[name] = Utterance(name, wavs[name], CLASSES[match["label"]], match["speaker"], session)
            unrated += [name] if _NAN.search(line) else []
    many = clause(len(unrated), "utterance", "has", "have")
    warning = f"MSP-IMPROV: {many} ratings that are NaN, and the classes are used: {listed(unrated)}"
    warnings = (warning,) if unrated else ()
    dataset = build_dataset("MSP-IMPROV", labelled.values(), tuple(CLASSES.values()), "session", warnings=warnings)
    sessions = [f"session{number}" for number in range(1, expected_sessions + 1)]
    missing = [name for name in sessions if name not in {utterance.session for utterance in dataset.utterances}]
    faults = [f"MSP-IMPROV: no utterances of {', '.join(missing)}"] if missing else []
    faults += [
        unmatched("MSP-IMPROV", without_audio),
        require_counts("MSP-IMPROV", counts(dataset.utterances, tuple(expected)), dict(expected), "classes"),
    ]
    unlabelled = [
        name for name in wavs if name.startswith("MSP-IMPROV-") and name not in labelled and name not in other
    ]
    return require_complete(dataset, "\n  ".join(fault for fault in faults if fault), unlabelled, options)


def _table(root: Path) -> Path:
    for name in TABLES:
        for path in (root / name, *sorted(root.rglob(name))):
            if path.is_file():
                return path
    raise UsageError(f"{root} has no {' or '.join(TABLES)}", "name MSP-IMPROV's folder as --root")
