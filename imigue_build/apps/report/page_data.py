"""What the scripts of an interview's page read."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

import msgspec

from imigue_build.apps.report.interview import InterviewView, Passage, Phones
from imigue_build.apps.report.pitch import FRAME, HIGHEST, LOWEST, STEP
from imigue_build.core.intervals import Timed, merge
from imigue_build.core.times import milliseconds
from imigue_build.release.reader import Interview

_DIGITS: Final = 32
"""Of a digest in hexadecimal."""


def data(view: InterviewView) -> dict[str, Any]:
    """What the page's scripts read: times in milliseconds, speakers and words by their place in the lists."""
    places = {speaker.speaker: place for place, speaker in enumerate(view.speakers)}
    words, passages = view.words, view.passages
    names = list(dict.fromkeys(gesture.name for gesture in view.gestures))
    return {
        "id": view.interview.video_id,
        "place": place(view.interview),
        "corrections": view.corrections and view.corrections.model_dump(mode="json", exclude_defaults=True),
        "seconds": round(view.sound.seconds, 3),
        "speakers": [
            {"id": speaker.speaker, "name": speaker.name, "role": speaker.role, "moments": speaker.moments}
            for speaker in view.speakers
        ],
        "turns": [[places[turn.speaker], *_span(turn)] for turn in view.interview.turns],
        "overlap": [_span(span) for span in merge(view.interview.overlap)],
        "gestures": [[names.index(gesture.name), *_span(gesture)] for gesture in view.gestures],
        "gestureNames": names,
        "passages": [
            [*_span(passage.segment), _first(passage), places[passage.segment.speaker]] for passage in passages
        ],
        "starts": [milliseconds(shown.word.start) for shown in words],
        "ends": [milliseconds(shown.word.end) for shown in words],
        "wordSpeakers": [places[passage.segment.speaker] for passage in passages for _ in passage.words],
        "phones": _phones(view.phones),
        "pitch": {"step": round(1000 * STEP), "first": round(500 * FRAME), "low": LOWEST, "high": HIGHEST}
        | {"values": base64.b64encode(view.sound.pitch).decode()},
        "peaks": [base64.b64encode(level).decode() for level in view.sound.peaks],
        "doubtful": [shown.number for shown in view.doubtful],
        "check": view.check,
    }


def _phones(phones: Phones) -> dict[str, Any]:
    """The phones by role, packed: starts (32 bits) and lengths (16) in milliseconds, and places of labels (16)."""
    import numpy as np

    names = list(dict.fromkeys(phone.phone for own in phones.by_role.values() for phone in own))[:65_535]
    places = {name: place for place, name in enumerate(names)}
    packed = {}
    for role, own in phones.by_role.items():
        spans = [_span(phone) for phone in own if phone.phone in places]
        columns = (
            np.array([start for start, _ in spans], "<u4"),
            np.array([min(end - start, 65_535) for start, end in spans], "<u2"),
            np.array([places[phone.phone] for phone in own if phone.phone in places], "<u2"),
        )
        packed[role] = [base64.b64encode(column.tobytes()).decode() for column in columns]
    return {"names": names, "roles": packed}


def place(interview: Interview) -> str:
    """Where a browser keeps the corrections made on an interview's page: `PREFIX/RECORDING/CONTENT`.

    They are of this content of the interview alone; another release of the recording has another place beside it.
    """
    turns = [[turn.start, turn.end, turn.speaker] for turn in interview.turns]
    applied = msgspec.to_builtins(interview.source.overrides)
    found = msgspec.json.encode([interview.video_id, interview.source.sha256, turns, applied], order="deterministic")
    content = hashlib.sha256(b"\n".join([found, *interview.lines])).hexdigest()
    recording = hashlib.sha256(interview.source.sha256.encode()).hexdigest()
    return f"imigue-build/corrections/{interview.video_id}-{recording[:_DIGITS]}/{content[:_DIGITS]}"


def _first(passage: Passage) -> int:
    """The number of its first word; -1 where it has none."""
    return passage.words[0].number if passage.words else -1


def _span(timed: Timed) -> list[int]:
    return [milliseconds(timed.start), milliseconds(timed.end)]
