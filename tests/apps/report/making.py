"""Interviews for the tests of the report, made without sound where none is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from imigue_build.apps.report.interview import Interview, interview
from imigue_build.apps.report.read import Row, Word
from imigue_build.apps.report.sound import PEAKS, Sound
from imigue_build.core.records import ROLES, Turn
from tests.release.tiny_release import Content, TinyRelease, build

HOSTILE: Final = "</script><script>boom()</script><!--&'\""
"""A word that ends scripts, comments and attributes, where it is not escaped."""


def long_interview(minutes: float, words_a_second: float = 3.0) -> Interview:
    """Two people in turns of ten seconds, without a pause."""
    rows, turns = [], []
    each = round(10 * words_a_second)
    for number in range(int(minutes * 6)):
        start, speaker = 10.0 * number, f"SPEAKER_{number % 2:02d}"
        step = 10 / each
        words = tuple(
            Word(f"word{place}", start + place * step, start + (place + 0.9) * step, True, (place % 10) / 10)
            for place in range(each)
        )
        role = ROLES[number % 2]
        turns.append(Turn(start, start + 10, speaker))
        rows.append(Row("long", role, f"segment_{number // 2 + 1:03d}", speaker, start, start + 10, words))
    peaks = tuple(bytes(int(minutes * 60 * PEAKS / 8**level) + 1) for level in range(4))
    return interview("long", rows, turns, Sound(minutes * 60, peaks))


def hostile_release(root: Path) -> TinyRelease:
    """A release whose words, labels and reasons are markup."""
    content = Content()
    content.rows[0]["words"][0]["word"] = HOSTILE
    content.rows[0]["flags"] = [HOSTILE]
    content.labels = content.labels.replace("F,", '"<b onclick=boom()>",')
    content.provenance["tools"] = {HOSTILE: HOSTILE}
    content.provenance["videos"]["0001"]["role_doubts"] = [HOSTILE]
    release = build(root, content)
    dropped = {"video_id": "0001", "start": 3.9, "end": 4.2, "reason": HOSTILE}
    release.write("dropped.jsonl", json.dumps(dropped) + "\n")
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
