"""How good a release is, against references in the form of `demo.json`.

WER: jiwer, on lower-case words without punctuation, all interviews pooled.
DER: pyannote.metrics, overlap scored; its `collar` is the total width, so 0.25 s on each side is 0.5.
Boundaries: starts and ends of the words that the ASR got right, in milliseconds.
Word speakers: of those words, the share whose speaker is the reference's (best mapping).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jiwer
import numpy as np
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate


class Accuracy(NamedTuple):
    """Shares in [0, 1]; boundary errors in milliseconds; `roles_right` of `interviews`."""

    wer: float
    der: float
    der_collar_025: float
    word_speakers: float
    boundary_median_ms: float
    boundary_within_100: float
    roles_right: int
    interviews: int


class _Word(NamedTuple):
    text: str
    start: float
    end: float
    speaker: str


def measure(release: Path, references: dict[str, Path]) -> Accuracy:
    """Scores the interviews of a release that have a reference (id -> JSON file)."""
    rows = [json.loads(line) for line in (release / "manifest.jsonl").read_text().splitlines()]
    errors = total = right = 0
    collared, strict = DiarizationErrorRate(collar=0.5), DiarizationErrorRate()
    boundaries: list[float] = []
    speakers: list[bool] = []
    for video_id, path in references.items():
        reference = json.loads(path.read_text())
        truth = [_Word(_plain(w["word"]), w["start"], w["end"], w["speaker"]) for w in reference["words"]]
        own = [row for row in rows if row["video_id"] == video_id]
        found = [_Word(_plain(w["word"]), w["start"], w["end"], row["speaker"]) for row in own for w in row["words"]]
        truth.sort(key=lambda word: word.start)
        found.sort(key=lambda word: word.start)
        output = jiwer.process_words(" ".join(w.text for w in truth), " ".join(w.text for w in found))
        errors += output.substitutions + output.deletions + output.insertions
        total += len(truth)
        pairs = list(_correct(output, truth, found))
        boundaries += [1000 * abs(a - b) for t, f in pairs for a, b in ((t.start, f.start), (t.end, f.end))]
        names = _mapping(pairs)
        speakers += [names.get(f.speaker) == t.speaker for t, f in pairs]
        expected, actual = _turns(reference), _rttm(release / video_id / f"{video_id}.rttm")
        collared(expected, actual)
        strict(expected, actual)
        role = {row["speaker"]: row["role"] for row in own}
        right += all(reference["roles"][names[s]] == role[s] for s in role if s in names)
    errors_ms = np.array(boundaries)
    return Accuracy(
        errors / total,
        abs(strict),
        abs(collared),
        float(np.mean(speakers)),
        float(np.median(errors_ms)),
        float(np.mean(errors_ms <= 100)),
        right,
        len(references),
    )


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9']", "", word.lower())


def _correct(output: Any, truth: list[_Word], found: list[_Word]) -> Iterator[tuple[_Word, _Word]]:
    for chunk in output.alignments[0]:
        if chunk.type == "equal":
            length = chunk.ref_end_idx - chunk.ref_start_idx
            for offset in range(length):
                yield truth[chunk.ref_start_idx + offset], found[chunk.hyp_start_idx + offset]


def _mapping(pairs: list[tuple[_Word, _Word]]) -> dict[str, str]:
    votes: dict[str, Counter[str]] = {}
    for t, f in pairs:
        votes.setdefault(f.speaker, Counter())[t.speaker] += 1
    return {name: counts.most_common(1)[0][0] for name, counts in votes.items()}


def _turns(reference: dict[str, Any]) -> Annotation:
    annotation = Annotation()
    for index, turn in enumerate(reference["turns"]):
        annotation[Segment(turn["start"], turn["end"]), index] = turn["speaker"]
    return annotation


def _rttm(path: Path) -> Annotation:
    annotation = Annotation()
    for index, line in enumerate(path.read_text().splitlines()):
        fields = line.split()
        start, duration = float(fields[3]), float(fields[4])
        annotation[Segment(start, start + duration), index] = fields[7]
    return annotation
