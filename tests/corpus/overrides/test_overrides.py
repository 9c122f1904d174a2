"""A person's corrections: read with the line of every fault, applied where they fit, told where they do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from imigue_build.core.errors import AnnotationError
from imigue_build.core.records import (
    Diarization,
    Overlap,
    Role,
    Roles,
    Span,
    Speaker,
    Transcript,
    TranscriptSegment,
    Turn,
    Word,
)
from imigue_build.corpus.overrides import (
    KINDS,
    Override,
    correct_roles,
    correct_turns,
    correct_words,
    corrected_turns,
    dropped_spans,
    merge_speakers,
    parse,
    read,
)
from imigue_build.corpus.overrides.write import added

PATH = Path("overrides/0440.yaml")
A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
TURNS = (Turn(0.0, 5.0, A), Turn(4.0, 9.0, B), Turn(10.0, 12.0, C), Turn(12.0, 20.0, A))
EXCLUSIVE = (Turn(0.0, 5.0, A), Turn(5.0, 9.0, B), Turn(10.0, 12.0, C), Turn(12.0, 20.0, A))
WHO = Diarization(
    TURNS,
    EXCLUSIVE,
    (Overlap(4.0, 5.0, (A, B)),),
    (Span(0.0, 9.0), Span(10.0, 20.0)),
    (Speaker(A, 13.0, 2, (1.0, 0.0)), Speaker(B, 5.0, 1, (0.0, 1.0)), Speaker(C, 2.0, 1)),
)


def override(text: str) -> Override:
    return parse(text, PATH)


def test_a_file_is_read_as_it_is_written() -> None:
    found = override(
        "video_id: 0440\ndate: 2026-11-21\nnum_speakers: 2\nmerge_speakers:\n- [1.5, SPEAKER_02]\n"
        "words:\n- {at: 3, was: 6-4, now: 6-3}\nroles:\n- {voice: 2, role: interviewer}\ndrop:\n- {start: 1, end: 2}\n"
    )
    assert (found.video_id, found.num_speakers, found.merge_speakers) == ("0440", 2, ((1.5, C),))
    assert (found.words[0].was, found.words[0].now, found.roles[0].voice) == ("6-4", "6-3", 2.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("num_speakers: 2\nrole: x\n", "line 2: there is no key role"),
        (
            "roles:\n- {voice: 1, role: interviewee}\n- {voice: 2, role: athlete}\n",
            "line 3: roles.1.role is ",
        ),
        ("words:\n- at: 1\n  was: a b\n  now: c\n", "line 3: words.0.was is 'a b': it takes a text of the form"),
        ("words:\n- {at: 1, was: a}\n", "line 2: words.0.now is missing"),
        ("words:\n- {at: -1, was: a, now: b}\n", "line 2: words.0.at is '-1': it takes at least 0"),
        ("drop:\n- {start: 5, end: 4}\n", "line 2: drop.0: it ends at 4 s, before it begins at 5 s"),
        ("merge_speakers: [[1.0]]\n", "line 1: merge_speakers.0 is ['1.0']: it takes at least 2 values"),
        ("num_speakers: 2\nnum_speakers: 3\n", "line 2: num_speakers is there already"),
        ("a: [\n", "line 2: "),
        ("- a\n", "holds no corrections"),
        ("", "holds no corrections"),
        ("video_id: 0441\n", "is of interview 0441"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1: there is no key a"),
    ],
)
def test_every_fault_names_its_line(text: str, message: str) -> None:
    with pytest.raises(AnnotationError) as raised:
        override(text)
    assert f"{PATH}" in str(raised.value)
    assert message in str(raised.value)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AnnotationError, match=r"1\.yaml cannot be read"):
        read(tmp_path / "1.yaml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.yaml")
    with pytest.raises(AnnotationError, match="it is a named pipe"):
        read(tmp_path / "1.yaml")


def test_each_stage_depends_on_its_own_corrections_alone() -> None:
    plain = override("words:\n- {at: 1, was: a, now: b}\n")
    more = override("comment: new\ndrop:\n- {start: 1, end: 2}\nwords:\n- {at: 1, was: a, now: b}\n")
    assert [stage for stage, kinds in KINDS.items() if plain.digest(kinds) != more.digest(kinds)] == ["export"]
    assert [stage for stage, kinds in KINDS.items() if plain.digest(kinds) is not None] == ["align"]


def test_voices_of_one_person_become_one_speaker() -> None:
    found, corrections = merge_speakers(WHO, override("merge_speakers:\n- [6.0, 11.0]\n"))
    assert [(turn.start, turn.end, turn.speaker) for turn in found.turns] == [
        (0.0, 5.0, A),
        (4.0, 9.0, B),
        (10.0, 12.0, B),
        (12.0, 20.0, A),
    ]
    assert [(one.speaker, one.seconds, one.turns) for one in found.speakers] == [(A, 13.0, 2), (B, 7.0, 2)]
    assert [fix.applied for fix in corrections] == [True]


def test_merging_those_who_overlap_leaves_no_overlap() -> None:
    found, _ = merge_speakers(WHO, override("merge_speakers:\n- [SPEAKER_00, SPEAKER_01]\n"))
    assert found.overlap == ()
    assert [(turn.start, turn.end, turn.speaker) for turn in found.exclusive] == [
        (0.0, 9.0, A),
        (10.0, 12.0, B),
        (12.0, 20.0, A),
    ]
    merged = found.speakers[0].embedding
    assert merged is not None and sum(value * value for value in merged) == pytest.approx(1.0, abs=1e-5)


def test_a_voice_that_is_not_there_merges_nothing_and_is_told() -> None:
    found, corrections = merge_speakers(WHO, override("merge_speakers:\n- [6.0, 9.5]\n- [SPEAKER_00, SPEAKER_07]\n"))
    assert found == WHO
    assert [fix.applied for fix in corrections] == [False, False]


def test_a_stretch_is_of_one_voice_alone() -> None:
    found, corrections = correct_turns(WHO, override("speakers:\n- {start: 4.5, end: 7, voice: 15}\n"))
    assert [(turn.start, turn.end, turn.speaker) for turn in found.turns] == [
        (0.0, 7.0, A),
        (4.0, 4.5, B),
        (7.0, 9.0, B),
        (10.0, 12.0, C),
        (12.0, 20.0, A),
    ]
    assert [(turn.start, turn.end, turn.speaker) for turn in found.exclusive][:2] == [(0.0, 7.0, A), (7.0, 9.0, B)]
    assert [(region.start, region.end) for region in found.overlap] == [(4.0, 4.5)]
    assert [fix.applied for fix in corrections] == [True] and found.speakers[0].embedding == (1.0, 0.0)


def test_a_stretch_of_nobody_or_after_the_end_is_told() -> None:
    rows = ("start: 1, end: 2, voice: 9.5", "start: 1, end: 2, voice: SPEAKER_07", "start: 50, end: 60, voice: 1")
    found, corrections = correct_turns(WHO, override("speakers:\n" + "".join(f"- {{{row}}}\n" for row in rows)))
    assert found == WHO and [fix.applied for fix in corrections] == [False, False, False]


def test_a_voice_that_a_stretch_takes_all_from_is_gone_and_labels_follow() -> None:
    fixed = override("speakers:\n- {start: 9.9, end: 12, voice: 15}\n")
    found, _ = correct_turns(WHO, fixed)
    assert [speaker.speaker for speaker in found.speakers] == [A, B]
    assert corrected_turns(found, fixed) == (Turn(9.9, 12.0, A),)


def said(*words: tuple[float, float, str]) -> Transcript:
    return Transcript("en", (TranscriptSegment(0.0, 9.0, tuple(Word(*word) for word in words)),))


def rewritten(transcript: Transcript, text: str) -> tuple[list[str], list[bool]]:
    found, fixes = correct_words(transcript, override(text))
    return [word.word for word in found.words], [fix.applied for fix in fixes]


def test_the_nearest_word_that_reads_so_is_corrected() -> None:
    heard = said((0.0, 1.0, "joker,"), (2.0, 3.0, "Joker"), (4.0, 5.0, "won"))
    assert rewritten(heard, "words:\n- {at: 2.9, was: joker, now: Djokovic}\n") == (
        ["joker,", "Djokovic", "won"],
        [True],
    )
    assert rewritten(heard, "words:\n- {at: 3.9, was: won, now: has won}\n") == (
        ["joker,", "Joker", "has", "won"],
        [True],
    )
    assert rewritten(heard, "words:\n- {at: 4.5, was: won, now: ''}\n") == (["joker,", "Joker"], [True])


def test_a_word_that_changed_or_moved_is_told_and_left() -> None:
    heard = said((0.0, 1.0, "joker"), (4.0, 5.0, "won"))
    assert rewritten(heard, "words:\n- {at: 0.5, was: poker, now: x}\n") == (["joker", "won"], [False])
    assert rewritten(heard, "words:\n- {at: 7.0, was: won, now: x}\n") == (["joker", "won"], [False])


def test_several_words_share_the_time_of_the_one_they_replace() -> None:
    found, _ = correct_words(
        said((1.0, 2.0, "wimbledonfinal")), override("words:\n- {at: 1, was: wimbledonfinal, now: a bcd}")
    )
    assert [(word.start, word.end) for word in found.words] == [(1.0, 1.25), (1.25, 2.0)]


RULE: dict[str, Role] = {A: "interviewee", B: "interviewer", C: "interviewer"}
ROLES = Roles(RULE, 0.9, "longest-speaking-time", {})


def test_who_is_set_as_interviewee_takes_the_others_place() -> None:
    found, _ = correct_roles(ROLES, WHO, override("roles:\n- {voice: 6.0, role: interviewee}\n"))
    assert found.roles == {A: "interviewer", B: "interviewee", C: "interviewer"}
    assert (found.confidence, found.rule) == (1.0, "longest-speaking-time")


def test_two_athletes_can_be_set() -> None:
    text = "roles:\n- {voice: 1.0, role: interviewee}\n- {voice: 11.0, role: interviewee}\n"
    assert correct_roles(ROLES, WHO, override(text))[0].roles == {A: "interviewee", B: "interviewer", C: "interviewee"}


def test_a_moment_names_the_same_voice_after_a_new_numbering() -> None:
    names = {A: B, B: A, C: C}
    turns = tuple(replace(turn, speaker=names[turn.speaker]) for turn in EXCLUSIVE)
    anew = replace(WHO, exclusive=turns)
    found, _ = correct_roles(ROLES, anew, override("roles:\n- {voice: 6.0, role: interviewee}\n"))
    assert found.roles[A] == "interviewee"


def test_a_role_of_nobody_is_told_and_changes_nothing() -> None:
    found, corrections = correct_roles(ROLES, WHO, override("roles:\n- {voice: 9.5, role: interviewee}\n"))
    assert (found.roles, found.confidence) == (ROLES.roles, 0.9)
    assert [fix.applied for fix in corrections] == [False]


def test_a_span_after_the_end_is_told() -> None:
    found = dropped_spans(override("drop:\n- {start: 1, end: 2}\n- {start: 50, end: 60}\n"), 20.0)
    assert [(span.start, fix.applied) for span, fix in found.items()] == [(1.0, True), (50.0, False)]


@pytest.mark.parametrize(
    "word", ["so?", "a,b", "'tis", '"x"', "it's", "{y}", "#z", "[a]", "a:b", "!", "6-4", "-", "?", "né—", "yes", "~"]
)
def test_every_word_is_read_as_it_was_written(word: str) -> None:
    (fix,) = override(added("", {"words": [{"at": 1.0, "was": word, "now": word}]})).words
    assert (fix.was, fix.now) == (word, word)


def test_adding_keeps_what_a_person_wrote() -> None:
    text = "# heard twice\nwords:\n- {at: 1.0, was: a, now: b} # sure\nnum_speakers: 3\n"
    more = added(
        text, {"words": [{"at": 2.0, "was": "c", "now": "d"}], "num_speakers": 2, "drop": [{"start": 1, "end": 2}]}
    )
    assert "# heard twice" in more and "# sure" in more
    found = override(more)
    assert [fix.was for fix in found.words] == ["a", "c"]
    assert (found.num_speakers, len(found.drop)) == (2, 1)
    assert added(more, {"drop": [{"start": 1, "end": 2}]}) == more
