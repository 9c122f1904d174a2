"""Names in given transcripts and turns: whose they are, and the roles that they say."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from imigue_build.core.diarization import from_turns
from imigue_build.core.records import Diarization, Roles, Transcript, TranscriptSegment, Turn, Word
from imigue_build.stages.naming import named_roles, speakers_by_name
from imigue_build.stages.roles import LONGEST, NAMED, NAMED_BY_LABELS, assign_roles, contradictions

A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
Said = tuple[str | None, float, float]


def transcript(*said: Said, language: str = "en") -> Transcript:
    """Half-second words by name, from and to a second."""
    return Transcript(language, tuple(TranscriptSegment(s, e, tuple(words(s, e)), speaker=name) for name, s, e in said))


def words(start: float, end: float) -> Iterable[Word]:
    while start < end:
        yield Word(start, start + 0.4, "word")
        start += 0.5


def diarized(*turns: tuple[float, float, str], named: bool = False) -> Diarization:
    names = {label: label for *_, label in turns} if named else {}
    return from_turns([Turn(*turn) for turn in turns], names=names)


def roles(diarization: Diarization, text: Transcript, player: str | None = None) -> Roles:
    return assign_roles(diarization, named_roles(diarization, text, player))


def interviewees(found: Roles) -> list[str]:
    return [speaker for speaker, role in found.roles.items() if role == "interviewee"]


TWO = diarized((0.0, 20.0, "a"), (20.0, 30.0, "b"))
NOTHING = transcript((None, 0.0, 30.0))


def test_a_name_belongs_to_the_speaker_with_whose_turns_it_shares_most_time() -> None:
    found = named_roles(TWO, transcript(("Q", 0.0, 19.0), ("A", 19.0, 30.0)))
    assert found.names == {A: "Q", B: "A"} and found.roles[B].role == "interviewee"


def test_words_without_a_name_and_speech_without_words_give_none() -> None:
    assert named_roles(TWO, transcript((None, 0.0, 21.0), ("A", 21.0, 30.0))).names == {B: "A"}
    assert named_roles(TWO, transcript(("A", 19.0, 30.0))).names == {B: "A"}
    assert named_roles(TWO, NOTHING).names == {}


def test_one_name_may_stand_for_several_speakers() -> None:
    three = diarized((0.0, 5.0, "a"), (5.0, 20.0, "b"), (20.0, 25.0, "c"))
    text = transcript(("Q", 0.0, 5.0), ("NADAL", 5.0, 20.0), ("Q", 20.0, 25.0))
    assert speakers_by_name(text, three) == {"Q": {A, C}, "NADAL": {B}}


def test_every_name_with_common_time_has_a_speaker() -> None:
    text = transcript(("Q", 0.0, 20.0), ("A", 20.0, 30.0), ("MODERATOR", 1.0, 2.0))
    assert speakers_by_name(text, TWO)["MODERATOR"] == {A}


def test_who_is_named_interviewee_is_it_although_another_talks_longer() -> None:
    turns = diarized((0.0, 20.0, "interviewer"), (20.0, 30.0, "interviewee"), named=True)
    found = roles(turns, NOTHING)
    assert (interviewees(found), found.rule, found.by_time) == ([B], NAMED, A)
    assert found.confidence <= 0.5
    assert found.reasons == (
        f"the file names the roles: {B} is the interviewee, though {A} talks longer (20.0 s against 10.0 s)",
    )
    (warning,) = contradictions(found, named_roles(turns, NOTHING), names=True)
    assert f"{B} ('interviewee') is the interviewee, though {A} ('interviewer') talks longer" in warning


def test_where_names_and_times_agree_the_roles_are_surer() -> None:
    turns = diarized((0.0, 20.0, "Player"), (20.0, 30.0, "Reporter"), named=True)
    found = roles(turns, NOTHING)
    assert (interviewees(found), found.rule, found.reasons) == ([A], NAMED, ())
    assert found.confidence > assign_roles(turns).confidence


def test_interviewers_named_alone_leave_the_longest_of_the_others() -> None:
    turns = diarized((0.0, 5.0, "m"), (5.0, 30.0, "q"), (30.0, 45.0, "n"), (45.0, 50.0, "other"))
    text = transcript(("THE MODERATOR", 0.0, 5.0), ("Q", 5.0, 30.0), ("NOVAK DJOKOVIC", 30.0, 45.0), (None, 45.0, 50.0))
    found = roles(turns, text)
    assert (interviewees(found), found.rule) == ([C], NAMED)
    assert "talks longer (25.0 s against 15.0 s)" in found.reasons[0]


def test_a_moderator_named_among_others_changes_nothing_while_time_agrees() -> None:
    turns = diarized((0.0, 5.0, "Moderator"), (5.0, 30.0, "Smith"), (30.0, 45.0, "Jones"), named=True)
    found = roles(turns, NOTHING)
    assert (interviewees(found), found.rule, found.confidence) == ([B], LONGEST, assign_roles(turns).confidence)


def test_without_names_the_time_decides() -> None:
    turns = diarized((0.0, 20.0, "a"), (20.0, 20.5, "b"))
    assert roles(turns, NOTHING) == assign_roles(turns) and assign_roles(turns).rule == LONGEST


def test_a_moment_of_a_voice_without_a_name_is_no_interviewee() -> None:
    turns = diarized((0.0, 20.0, "q"), (20.0, 30.0, "r"), (30.0, 30.5, "cough"))
    text = transcript(("Reporter 1", 0.0, 20.0), ("Reporter 2", 20.0, 30.0))
    found = roles(turns, text)
    assert (interviewees(found), found.rule) == ([A], LONGEST)
    assert "all are interviewers" in found.reasons[0]


@pytest.mark.parametrize("label", ["Reporter", "Participant"])
def test_names_that_do_not_tell_the_roles_apart_leave_them_to_the_time(label: str) -> None:
    turns = diarized((0.0, 20.0, f"{label} 1"), (20.0, 30.0, f"{label} 2"), named=True)
    found = roles(turns, NOTHING)
    assert (interviewees(found), found.rule) == ([A], LONGEST)
    assert bool(found.reasons) == (label == "Reporter")


def test_of_several_who_are_named_so_the_one_who_talks_longest_with_all_voices_of_that_name() -> None:
    turns = diarized((0.0, 4.0, "a"), (4.0, 8.0, "b"), (8.0, 14.0, "c"), (14.0, 20.0, "q"))
    text = transcript(("Player 1", 0.0, 8.0), ("Player 2", 8.0, 14.0), ("Interviewer", 14.0, 20.0))
    found = roles(turns, text)
    assert interviewees(found) == [A, B]
    assert found.reasons == ()  # together they talk longer than anybody


def test_the_players_name_counts_for_more_than_other_words() -> None:
    turns = diarized((0.0, 20.0, "Guest"), (20.0, 30.0, "Nadal"), named=True)
    assert interviewees(roles(turns, NOTHING)) == [A]
    found = roles(turns, NOTHING, player="Nadal, Rafael")
    assert (interviewees(found), found.rule) == ([B], NAMED_BY_LABELS)
    assert interviewees(roles(turns, NOTHING, player="Serena Williams")) == [A]


def test_a_release_says_no_persons_name() -> None:
    turns = diarized((0.0, 20.0, "Jane Doe"), (20.0, 30.0, "Nadal"), named=True)
    (reason,) = roles(turns, NOTHING, player="Rafael Nadal").reasons
    assert "Nadal" not in reason and "Doe" not in reason


def test_turns_count_where_the_transcript_says_otherwise_and_that_is_a_doubt() -> None:
    turns = diarized((0.0, 20.0, "interviewee"), (20.0, 30.0, "interviewer"), named=True)
    found = roles(turns, transcript(("Q", 0.0, 20.0), ("A", 20.0, 30.0)))
    assert interviewees(found) == [A] and found.confidence <= 0.5
    assert all("another one in the turns than in the transcript" in reason for reason in found.reasons)
