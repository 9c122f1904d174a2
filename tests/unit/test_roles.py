"""Roles by the longest speaking time."""

from __future__ import annotations

import pytest

from imigue_build.errors import BackendError
from imigue_build.records import Diarization, Speaker
from imigue_build.roles import assign_roles


def diarization(*seconds: float) -> Diarization:
    speakers = tuple(Speaker(f"SPEAKER_{n:02d}", value, 1) for n, value in enumerate(seconds))
    return Diarization((), (), (), (), speakers)


def test_the_longest_speaker_is_the_interviewee_and_everybody_else_interviews() -> None:
    roles = assign_roles(diarization(10.0, 70.0, 20.0))
    assert roles.roles == {"SPEAKER_00": "interviewer", "SPEAKER_01": "interviewee", "SPEAKER_02": "interviewer"}
    assert roles.seconds["SPEAKER_01"] == 70.0


def test_one_speaker_alone_is_the_interviewee_without_evidence() -> None:
    roles = assign_roles(diarization(10.0))
    assert roles.roles == {"SPEAKER_00": "interviewee"}
    assert roles.confidence == 0.5


def test_the_confidence_grows_with_the_margin() -> None:
    confidences = [assign_roles(diarization(50.0 + margin, 50.0 - margin)).confidence for margin in (0, 5, 10, 20, 40)]
    assert confidences[0] == 0.5
    assert confidences == sorted(set(confidences))
    assert assign_roles(diarization(30.0, 70.0)).confidence > 0.9


def test_equal_times_go_to_the_first_speaker() -> None:
    assert assign_roles(diarization(10.0, 10.0)).roles["SPEAKER_00"] == "interviewee"


def test_nobody_is_an_error() -> None:
    with pytest.raises(BackendError, match="no speaker"):
        assign_roles(diarization())
