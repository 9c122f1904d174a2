"""How well `review` finds what is wrong: its queue against words that differ from a reference.

`python -m tests.benchmarks.reviewing RELEASE REFERENCE` measures it of any release with references.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from imigue_build.apps.scoring import words
from imigue_build.apps.scoring.labels import Labels, Word
from imigue_build.apps.scoring.reference import find, read
from imigue_build.core.records import ROLES
from imigue_build.release.reader import Interview, Release
from imigue_build.release.reader.ranking.evidence import chance_of, weighed
from tests.benchmarks.embedded import run

FIRST = 20


class Judged(NamedTuple):
    """A passage: the chance that it is right, by the queue and by the mean confidence; how many words are wrong."""

    chance: float
    confidence: float
    wrong: int


def measure() -> Mapping[str, float]:
    """The figures of the embedded recipe on the shared interviews; none where these are not there."""
    data = os.environ.get("IMIGUE_SHARED_DATA")
    if not data:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        run(Path(data) / "interviews", Path(folder), 2)
        return figures(list(judged(Path(folder) / "release", Path(data) / "interviews")))


def judged(root: Path, reference: Path) -> Iterator[Judged]:
    """Every passage of the interviews that have a reference; the words of each role are aligned by themselves."""
    release = Release.open(root)
    for video_id, files in find(reference, release.ids).items():
        if video_id in release.ids:
            yield from _judged(release.interview(video_id), read(files, video_id))


def _judged(interview: Interview, truth: Labels) -> Iterator[Judged]:
    right: set[tuple[float, str]] = set()
    for role in ROLES:
        said = [word for word in truth.words or () if word.speaker and truth.roles.get(word.speaker) == role]
        found = [Word(word.word, word.start, word.end, role) for word in interview.words(role)]
        _, pairs = words.compare(words.spoken_words_of(said), words.spoken_words_of(found))
        right |= {(word.start, role) for _, word in words.tokens(pairs)}
    for passage, evidence in weighed(interview):
        wrong = sum((word.start, passage.segment.role) not in right for word in passage.words)
        sure = [word.confidence for word in passage.words if word.confidence is not None]
        yield Judged(chance_of(evidence), sum(sure) / len(sure) if sure else 1.0, wrong)


def figures(found: Sequence[Judged]) -> Mapping[str, float]:
    """Precision of the first twenty, the share of wrong words in the first fifth, the area under the ROC curve."""
    queue = sorted(found, key=lambda passage: passage.chance)
    total = sum(passage.wrong for passage in found)
    return {
        "passages": len(found),
        "passages with a wrong word": sum(passage.wrong > 0 for passage in found),
        f"of the first {FIRST}, the share with a wrong word": sum(p.wrong > 0 for p in queue[:FIRST]) / FIRST,
        "share of wrong words in the first fifth": sum(p.wrong for p in queue[: len(queue) // 5]) / max(total, 1),
        "area under the curve": _area(found, [passage.chance for passage in found]),
        "the same by mean confidence": _area(found, [passage.confidence for passage in found]),
    }


def _area(found: Sequence[Judged], scores: Sequence[float]) -> float:
    """The chance that of a wrong and a right passage the wrong one has the lower score."""
    wrong = [score for score, passage in zip(scores, found, strict=True) if passage.wrong]
    right = [score for score, passage in zip(scores, found, strict=True) if not passage.wrong]
    won = sum((low < high) + 0.5 * (low == high) for low in wrong for high in right)
    return won / max(len(wrong) * len(right), 1)


if __name__ == "__main__":
    for name, value in figures(list(judged(Path(sys.argv[1]), Path(sys.argv[2])))).items():
        print(f"{name}: {value:.3g}")
