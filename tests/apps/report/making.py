"""Releases for the tests of the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from imigue_build.apps.report.interview import InterviewView
from imigue_build.apps.report.sound import PEAKS, Sound
from imigue_build.core.records import ROLES, Turn
from imigue_build.release.reader import Release
from imigue_build.release.schema import layout, provenance, rttm
from imigue_build.release.schema.rows import DroppedSegment, Segment, Word, dropped_line, segment_line
from tests.release.tiny_release import Content, TinyRelease, build

HOSTILE: Final = "</script><script>boom()</script><!--&'\""
"""A word that ends scripts, comments and attributes, where it is not escaped."""


def long_release(root: Path, minutes: float, words_a_second: float = 3.0) -> None:
    """A release without sound of one interview, `long`: two people in turns of ten seconds, without a pause."""
    segments, turns = [], []
    each = round(10 * words_a_second)
    step = 10 / each
    for number in range(int(minutes * 6)):
        start, speaker, role = 10.0 * number, f"SPEAKER_{number % 2:02d}", ROLES[number % 2]
        words = tuple(
            Word(f"word{place}", start + place * step, start + (place + 0.9) * step, True, (place % 10) / 10)
            for place in range(each)
        )
        raw = " ".join(word.word for word in words)
        name = layout.segment_name(number // 2 + 1, 1)
        clip = layout.clip_path("long", role, name)
        turns.append(Turn(start, start + 10, speaker))
        segments.append(Segment("long", role, name, speaker, start, start + 10, clip, raw, raw, words))
    made = provenance.Provenance(
        format_version=layout.FORMAT_VERSION,
        imigue_build="0.1.0",
        config={},
        tools={},
        models=(),
        videos={"long": provenance.Source("a" * 64, minutes * 60)},
    )
    (root / "long").mkdir(parents=True)
    (root / "long/long.rttm").write_text(rttm.write("long", turns, round(minutes * 60_000)))
    (root / layout.MANIFEST).write_bytes(b"".join(map(segment_line, segments)))
    (root / layout.PROVENANCE).write_bytes(provenance.encode(made))


def long_interview(root: Path, minutes: float) -> InterviewView:
    """The interview of `long_release`, written to `root`."""
    long_release(root, minutes)
    peaks = tuple(bytes(int(minutes * 60 * PEAKS / 8**level) + 1) for level in range(4))
    return InterviewView(Release.open(root).interview("long"), Sound(minutes * 60, peaks))


def hostile_release(root: Path) -> TinyRelease:
    """A release whose words, labels and reasons are markup."""
    content = Content()
    content.rows[0]["words"][0]["word"] = HOSTILE
    content.rows[0]["flags"] = [HOSTILE]
    content.labels = content.labels.replace("F,", '"<b onclick=boom()>",')
    content.provenance["tools"] = {HOSTILE: HOSTILE}
    content.provenance["videos"]["0001"]["role_doubts"] = [HOSTILE]
    release = build(root, content)
    dropped = DroppedSegment("0001", "interviewer", "SPEAKER_00", 3.9, 4.2, "Yes", HOSTILE)
    release.write("dropped.jsonl", dropped_line(dropped).decode())
    return release


def gestures(folder: Path) -> Path:
    """A folder as `imigue-build gestures` writes it, with one gesture of an interview that is not there."""
    folder.mkdir()
    rows = [
        {"video_id": "0001", "class": 3, "name": "Biting nails", "start": 2.0, "end": 2.5, "more": [1]},
        {"video_id": "0001", "class": 1, "name": HOSTILE, "start": 1.0, "end": 1.5},
        {"video_id": "9999", "class": 1, "name": "Shrugging", "start": 1.0, "end": 1.5},
    ]
    (folder / "gestures.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder
