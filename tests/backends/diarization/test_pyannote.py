"""From pyannote's output to our record; the pipeline itself is tested in tests/real_models."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pyannote.core import Annotation, Segment

from imigue_build.backends.diarization.pyannote.diarizer import _diarization
from imigue_build.core.records import Overlap, Span, Speaker, Turn


def output(
    turns: list[tuple[float, float, str]], exclusive: list[tuple[float, float, str]], voices: Any = None
) -> SimpleNamespace:
    """As pyannote's `DiarizeOutput`."""
    return SimpleNamespace(
        speaker_diarization=annotation(turns),
        exclusive_speaker_diarization=annotation(exclusive),
        speaker_embeddings=None if voices is None else np.array(voices),
    )


def annotation(turns: list[tuple[float, float, str]]) -> Annotation:
    found = Annotation()
    for track, (start, end, who) in enumerate(turns):
        found[Segment(start, end), track] = who
    return found


TURNS = [(0.0, 2.0, "B"), (1.5, 4.0, "A"), (5.0, 6.0, "B"), (6.0, 7.0, "B")]
EXCLUSIVE = [(0.0, 1.7, "B"), (1.7, 4.0, "A"), (5.0, 7.0, "B")]


def test_speakers_are_numbered_as_they_appear_and_keep_their_own_voices() -> None:
    found = _diarization(output(TURNS, EXCLUSIVE, [[3.0, 4.0], [0.0, -2.0]]), 10.0)  # in the order A, B
    assert [turn.speaker for turn in found.turns] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]  # 5-6 and 6-7 are one
    assert found.speakers == (
        Speaker("SPEAKER_00", 4.0, 2, (0.0, -1.0)),
        Speaker("SPEAKER_01", 2.5, 1, (0.6, 0.8)),
    )
    assert found.overlap == (Overlap(1.5, 2.0, ("SPEAKER_00", "SPEAKER_01")),)
    assert found.speech == (Span(0.0, 4.0), Span(5.0, 7.0))
    assert found.exclusive[1] == Turn(1.7, 4.0, "SPEAKER_01")


@pytest.mark.parametrize("voice", [[0.0, 0.0], [float("nan"), 1.0], [float("inf"), 1.0]])
def test_what_is_no_voice_is_none(voice: list[float]) -> None:
    found = _diarization(output(TURNS, EXCLUSIVE, [[3.0, 4.0], voice]), 10.0)
    assert [speaker.embedding for speaker in found.speakers] == [None, (0.6, 0.8)]
    assert _diarization(output(TURNS, EXCLUSIVE), 10.0).speakers[0].embedding is None


def test_turns_end_with_the_recording_and_last_a_millisecond_at_least() -> None:
    turns = [(-0.01, 1.0, "A"), (2.0, 2.0004, "A"), (3.0, 3.12345, "A"), (9.0, 10.008, "A"), (10.001, 10.2, "B")]
    found = _diarization(output(turns, turns), 10.0)
    assert [(turn.start, turn.end) for turn in found.turns] == [(0.0, 1.0), (3.0, 3.123), (9.0, 10.0)]
    assert len(found.speakers) == 1


def test_the_exclusive_view_is_exclusive_whatever_comes() -> None:
    found = _diarization(output(TURNS, [(0.0, 2.0, "B"), (0.5, 1.0, "A"), (1.5, 4.0, "A")]), 10.0)
    assert [(turn.start, turn.end, turn.speaker[-1]) for turn in found.exclusive] == [
        (0.0, 0.5, "0"),
        (0.5, 1.0, "1"),  # within the other's turn
        (1.0, 2.0, "0"),
        (2.0, 4.0, "1"),
    ]


def test_overlap_of_three_is_cut_where_the_speakers_change() -> None:
    turns = [(0.0, 4.0, "A"), (1.0, 3.0, "B"), (2.0, 3.0, "C"), (3.0, 3.5, "B")]
    found = _diarization(output(turns, []), 10.0)
    assert [(item.start, item.end, len(item.speakers)) for item in found.overlap] == [(1, 2, 2), (2, 3, 3), (3, 3.5, 2)]


def test_nobody_spoke() -> None:
    found = _diarization(output([], [], np.zeros((0, 4))), 10.0)
    assert (found.turns, found.speakers, found.speech) == ((), (), ())
