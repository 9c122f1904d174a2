"""Interviews and labels of gestures, made up for the tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from imigue_build.apps.gestures.clock import Gesture
from imigue_build.apps.gestures.labels import Row
from imigue_build.apps.gestures.speech import Speech
from imigue_build.apps.gestures.speech import speech as read
from imigue_build.core.records import Role, Turn
from imigue_build.release import Release
from imigue_build.release.schema import rttm
from tests.release.tiny_release import PROVENANCE, TinyRelease, textgrid
from tests.release.tiny_release import row as release_row

HEADER = (
    "video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,subject_gender,"
    "subject_nationality,win_or_lose"
)
SPEAKERS: dict[Role, str] = {"interviewer": "SPEAKER_00", "interviewee": "SPEAKER_01"}


def line(
    video: object, start: float, end: float, number: int = 20, label: int = 1, subject: object = 1, outcome: str = "Win"
) -> str:
    """A row of the long form."""
    frames = int(start * 25 + 1e-6), int(end * 25 + 1e-6)
    return f"{video},{label},{start},{frames[0]},{end},{frames[1]},{number},{subject},F,United States,{outcome}"


def long(path: Path, lines: Sequence[str], header: str = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def row(start: float | None, end: float | None, frames: tuple[int, int] | None = None, line: int = 2) -> Row:
    first, last = frames or (None, None)
    return Row("labels.csv", line, "0001", None, 20, start, end, first, last)


def gesture(start: float, end: float, number: int = 20) -> Gesture:
    return Gesture("0001", None, number, start, end, int(start * 25), int(end * 25), "labels.csv:2")


def speech(
    said: Sequence[tuple[Role, float, Sequence[tuple[float, float, str]]]], duration: float = 20.0, pad: float = 0.1
) -> Speech:
    """An interview of rows (role, nothing, words); each row is a turn from its first word to its last, padded."""
    rows, turns = [], []
    for role, _, words in said:
        start, end = round(max(words[0][0] - pad, 0), 3), round(words[-1][1] + pad, 3)
        rows.append(release_row("0001", role, SPEAKERS[role], None, (start, end), list(words), ""))
        turns.append(Turn(start, end, SPEAKERS[role]))
    rows.sort(key=lambda made: (made["start"], made["end"], made["speaker"]))
    videos = {"0001": {"sha256": "a" * 64, "duration_s": duration}}
    with TemporaryDirectory() as folder:
        release = TinyRelease(Path(folder))
        release.write("manifest.jsonl", "".join(json.dumps(made) + "\n" for made in rows))
        release.write("provenance.json", json.dumps(PROVENANCE | {"videos": videos}))
        release.write("0001/0001.rttm", rttm.write("0001", turns, round(1000 * duration)))
        release.write("0001/0001.TextGrid", textgrid(duration, {"vad": []}))
        return read(Release.open(release.root).interview("0001"))
