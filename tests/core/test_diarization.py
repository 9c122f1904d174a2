"""What follows from turns."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from imigue_build.core.diarization import from_turns, overlap
from imigue_build.core.intervals import intersect, total
from imigue_build.core.record_json import decode, encode
from imigue_build.core.records import Diarization, Overlap, Span, Speaker, Turn

A, B = "SPEAKER_00", "SPEAKER_01"


def test_everything_follows_from_the_turns() -> None:
    found = from_turns([Turn(3.0, 6.0, "x"), Turn(0.0, 4.0, "y"), Turn(5.0, 7.0, "y")])
    assert found.turns == (Turn(0.0, 4.0, A), Turn(3.0, 6.0, B), Turn(5.0, 7.0, A))
    assert found.exclusive == (Turn(0.0, 4.0, A), Turn(4.0, 6.0, B), Turn(6.0, 7.0, A))
    assert found.overlap == (Overlap(3.0, 4.0, (A, B)), Overlap(5.0, 6.0, (A, B)))
    assert found.speech == (Span(0.0, 7.0),)
    assert found.speakers == (Speaker(A, 6.0, 2), Speaker(B, 3.0, 1))


def test_turns_of_one_speaker_that_touch_are_one() -> None:
    found = from_turns([Turn(0.0, 1.0, "a"), Turn(1.0, 2.0, "a"), Turn(1.5, 3.0, "a"), Turn(3.1, 4.0, "a")])
    assert found.turns == found.exclusive == (Turn(0.0, 3.0, A), Turn(3.1, 4.0, A))
    assert (found.overlap, found.speakers) == ((), (Speaker(A, 3.9, 2),))


def test_times_are_cut_to_the_recording_and_rounded() -> None:
    turns = [Turn(-0.2, 1.00049, "a"), Turn(2.0, 2.0004, "b"), Turn(9.0, 12.0, "a"), Turn(10.001, 11.0, "c")]
    found = from_turns(turns, duration=10.0)
    assert found.turns == (Turn(0.0, 1.0, A), Turn(9.0, 10.0, A))


def test_what_a_diarizer_knows_better_is_kept() -> None:
    turns = [Turn(0.0, 4.0, "a"), Turn(2.0, 6.0, "b")]
    exclusive = [Turn(0.0, 2.5, "a"), Turn(2.4, 6.0, "b"), Turn(8.0, 9.0, "never speaks")]
    found = from_turns(turns, exclusive, [Span(0.0, 3.0), Span(3.0, 6.5)], {"b": (0.6, 0.8), "a": None})
    assert found.exclusive == (Turn(0.0, 2.5, A), Turn(2.5, 6.0, B))
    assert found.overlap == (Overlap(2.0, 4.0, (A, B)),)
    assert found.speech == (Span(0.0, 3.0), Span(3.0, 6.5))
    assert [speaker.embedding for speaker in found.speakers] == [None, (0.6, 0.8)]


def test_no_turns() -> None:
    assert from_turns([]) == Diarization((), (), (), (), ())


def test_speakers_keep_the_names_of_a_file() -> None:
    found = from_turns([Turn(3.0, 6.0, "x"), Turn(0.0, 2.0, "y")], names={"x": "Q.", "y": "NADAL"})
    assert [(speaker.speaker, speaker.name) for speaker in found.speakers] == [
        ("SPEAKER_00", "NADAL"),
        ("SPEAKER_01", "Q."),
    ]
    assert [speaker.name for speaker in from_turns([Turn(0.0, 2.0, "y")]).speakers] == [None]


@pytest.mark.parametrize("seed", range(20))
def test_its_parts_agree_with_each_other(seed: int) -> None:
    chance = random.Random(seed)
    starts = [chance.uniform(0, 60) for _ in range(40)]
    turns = [Turn(start, start + chance.uniform(0, 6), chance.choice("abcd")) for start in starts]
    found = from_turns(turns, duration=60.0)
    assert all(before.end <= after.start for before, after in pairwise(found.exclusive))
    assert total(found.exclusive) == pytest.approx(total(found.turns)) == pytest.approx(total(found.speech))
    for region in found.overlap:
        own = [turn.speaker for turn in found.turns if turn.start <= region.start and turn.end >= region.end]
        assert tuple(sorted(own)) == region.speakers
    for speaker in found.speakers:
        assert speaker.seconds == pytest.approx(total(turn for turn in found.turns if turn.speaker == speaker.speaker))
    once = total(found.turns) - total(found.overlap)
    several = sum(total(intersect([region], found.turns)) * len(region.speakers) for region in found.overlap)
    assert once + several == pytest.approx(sum(speaker.seconds for speaker in found.speakers))
    assert from_turns(chance.sample(turns, len(turns)), duration=60.0) == found
    assert decode(encode(found), Diarization) == found


@pytest.mark.parametrize(
    ("turns", "regions"),
    [
        ([(0, 8, "a"), (3, 5, "b"), (5, 8, "b")], [(3, 8, "ab")]),
        ([(0, 8, "a"), (3, 6, "b"), (5, 8, "b")], [(3, 8, "ab")]),
        ([(0, 8, "a"), (3, 5, "b"), (5, 8, "c")], [(3, 5, "ab"), (5, 8, "ac")]),
        ([(0, 5, "a"), (5, 9, "a"), (3, 8, "b")], [(3, 8, "ab")]),
        ([(0, 8, "a"), (3, 5, "a")], []),
        ([(0, 4, "a"), (4, 8, "b")], []),
        ([(0, 8, "a"), (1, 4, "b"), (2, 3, "c")], [(1, 2, "ab"), (2, 3, "abc"), (3, 4, "ab")]),
    ],
)
def test_overlap_is_of_sets_of_speakers(turns: list[tuple[int, int, str]], regions: list[tuple[int, int, str]]) -> None:
    found = overlap(Turn(start, end, speaker) for start, end, speaker in turns)
    assert [(region.start, region.end, "".join(region.speakers)) for region in found] == regions


@pytest.mark.parametrize(
    ("turns", "alone"),
    [
        ([(0, 9, "a"), (2, 4, "b")], "aabbaaaaa"),
        ([(0, 9, "a"), (0, 4, "b")], "bbbbaaaaa"),
        ([(0, 9, "a"), (5, 9, "b")], "aaaaabbbb"),
        ([(0, 9, "a"), (1, 7, "b"), (3, 5, "c")], "abbccbbaa"),
        ([(0, 5, "a"), (3, 9, "b")], "aaaaabbbb"),
        ([(0, 5, "a"), (2, 9, "b"), (3, 4, "c")], "aaacabbbb"),
        ([(0, 9, "a"), (1, 4, "b"), (2, 6, "c")], "abbbccaaa"),
        ([(0, 3, "a"), (0, 3, "b")], "aaa"),
    ],
)
def test_a_turn_within_a_longer_one_has_the_time(turns: list[tuple[int, int, str]], alone: str) -> None:
    found = from_turns(Turn(start, end, speaker) for start, end, speaker in turns)
    labels = {turn.speaker: "" for turn in found.turns}
    names = dict(zip(labels, dict.fromkeys(name for _, _, name in sorted(turns, key=lambda turn: turn)), strict=True))
    seconds = (next(turn for turn in found.exclusive if turn.start <= at < turn.end) for at in range(len(alone)))
    assert "".join(names[turn.speaker] for turn in seconds) == alone
