"""Roles by the longest speaking time."""

from __future__ import annotations

import pytest

from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, Alignment, Correction, Diarization, Roles, Speaker, Turn, Utterance
from imigue_build.stages.roles import assign_roles, is_question, with_words


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


QUESTION = "how do you feel about that"
ANSWER = "i played well and i am happy with it"


def interview(*turns: tuple[str, float, str]) -> Roles:
    """The roles, with the evidence of the words, of turns that follow each other: speaker, seconds, text."""
    at, found, said = 0.0, [], []
    for name, seconds, text in turns:
        speaker = f"SPEAKER_{ord(name) - ord('A'):02d}"
        found.append(Turn(at, at + seconds, speaker))
        said.append(Utterance(at, at + seconds, speaker, tuple(AlignedWord(at, at, word) for word in text.split())))
        at += seconds
    names = list(dict.fromkeys(turn.speaker for turn in found))
    times = {name: [turn.duration for turn in found if turn.speaker == name] for name in names}
    speakers = tuple(Speaker(name, sum(own), len(own)) for name, own in times.items())
    diarization = Diarization(tuple(found), tuple(found), (), (), speakers)
    return with_words(assign_roles(diarization), diarization, Alignment("en", tuple(said)))


CLEAR = interview(*[("A", 6.0, QUESTION), ("B", 20.0, ANSWER)] * 4)
LONG_WINDED = interview(*[("A", 20.0, QUESTION), ("B", 15.0, ANSWER)] * 4)
EQUAL = interview(*[("A", 10.0, ANSWER), ("B", 10.0, ANSWER)] * 4)
THREE = interview(*[("A", 9.0, ANSWER), ("B", 10.0, ANSWER), ("C", 9.5, ANSWER)] * 3)
MODERATED = interview(("C", 5.0, "first question please"), *[("A", 6.0, QUESTION), ("B", 25.0, ANSWER)] * 4)
TWO_ATHLETES = interview(*[("A", 5.0, QUESTION), ("B", 12.0, ANSWER), ("C", 11.0, ANSWER)] * 4)
MANY = interview(
    *[(name, turn, text) for name in "ACDE" for name, turn, text in ((name, 7.0, QUESTION), ("B", 22.0, ANSWER))]
)


def test_a_clear_interview_is_sure() -> None:
    assert CLEAR.roles == {"SPEAKER_00": "interviewer", "SPEAKER_01": "interviewee"}
    assert CLEAR.confidence >= 0.95 and CLEAR.reasons == ()


def test_a_moderator_and_many_reporters_do_not_make_it_doubtful() -> None:
    for found in (MODERATED, MANY):
        assert [name for name, role in found.roles.items() if role == "interviewee"] == ["SPEAKER_01"]
        assert found.confidence >= 0.9


def test_a_journalist_who_talks_longest_is_found_out_by_the_questions() -> None:
    assert LONG_WINDED.roles["SPEAKER_00"] == "interviewee"  # by the rule, wrongly
    assert LONG_WINDED.confidence < 0.5
    assert "the interviewee asks 4 of 4 questions" in LONG_WINDED.reasons


def test_equal_shares_three_voices_and_two_athletes_are_doubtful() -> None:
    for found in (EQUAL, THREE, TWO_ATHLETES):
        assert found.confidence < 0.75
        assert any("talk about as long" in reason for reason in found.reasons)
    assert any("the third talks" in reason for reason in THREE.reasons)


def test_the_worst_come_first_by_confidence() -> None:
    assert LONG_WINDED.confidence < EQUAL.confidence < CLEAR.confidence


def test_what_a_person_said_is_not_doubted() -> None:
    who = Roles({"SPEAKER_00": "interviewee"}, 1.0, "longest-speaking-time", {}, (Correction("roles", "x", True),))
    assert with_words(who, diarization(1.0), Alignment("en", ())) is who


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("How did you feel?", True),
        ("what was the difference today", True),
        ("and did you expect that", True),
        ("can you tell us about the second set", True),
        ("tell us about the tiebreak", True),
        ("I know how it feels", False),
        ("it was a hard match and I played well", False),
        ("what I did well was serve", False),
        ("", False),
    ],
)
def test_questions(text: str, asks: bool) -> None:
    assert is_question(text) is asks
