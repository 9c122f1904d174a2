"""Rows: the format's invariants on whatever comes in, and the rules that a reader can name."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imigue_build.config import Export
from imigue_build.core.errors import BackendError
from imigue_build.core.records import ROLES, AlignedWord, Alignment, Diarization, Overlap, Phone, Role, Roles, Utterance
from imigue_build.core.times import samples_at
from imigue_build.release.build.segments import Row, rows
from imigue_build.release.schema.layout import MIN_WORD_MS, SAMPLE_RATE

ROLE: dict[str, Role] = {
    "SPEAKER_00": "interviewer",
    "SPEAKER_01": "interviewee",
    "SPEAKER_02": "interviewer",
}
WHO = Roles(ROLE, 0.9, "longest-speaking-time", {})


def word(start: float, end: float, text: str, aligned: bool = True) -> AlignedWord:
    middle = (start + end) / 2
    phones = (Phone(start, middle, "AH"), Phone(middle, end, "T"))
    return AlignedWord(start, end, text, 0.5, aligned=aligned, phones=phones if aligned else ())


def utterance(speaker: str, *words: AlignedWord) -> Utterance:
    return Utterance(min(w.start for w in words), max(w.end for w in words), speaker, words)


def cut(
    *utterances: Utterance,
    overlap: tuple[tuple[float, float], ...] = (),
    duration: float = 60.0,
    **options: float | bool,
) -> list[Row]:
    regions = tuple(Overlap(start, end, ("SPEAKER_00", "SPEAKER_01")) for start, end in overlap)
    diarization = Diarization((), (), regions, (), ())
    return rows(Alignment("en", utterances), diarization, WHO, Export.model_validate(options), duration)


def spans(found: list[Row]) -> list[tuple[str, int, int, str | None]]:
    return [(row.raw, row.start, row.end, row.segment_id) for row in found]


times = st.integers(-500, 6000).map(lambda ms: ms / 1000) | st.floats(-1, 7, allow_nan=False)
texts = st.sampled_from(["yes", "no.", 'said "so"?', "i", "forty-love", "a\nb", " ", "naïve", "\x00", "end!"])
phones = st.lists(st.builds(Phone, times, times, st.sampled_from(["AH", "T"])), max_size=3).map(tuple)
words = (
    st.builds(word, times, times, texts, st.booleans())
    | st.builds(AlignedWord, times, times, texts, st.none(), aligned=st.just(True), phones=phones)
    | times.map(lambda at: word(at, at, "zero"))
)
utterances = st.builds(
    lambda speaker, items: utterance(speaker, *items),
    st.sampled_from([*ROLE, "SPEAKER_03"]),
    st.lists(words, min_size=1, max_size=8),
)
regions = st.lists(st.tuples(times, times), max_size=4).map(
    lambda pairs: tuple(Overlap(min(pair), max(pair), ("SPEAKER_00", "SPEAKER_01")) for pair in pairs)
)
options = st.builds(
    lambda longest, pause, pad, both: Export(max_segment=longest, pause=pause, pad=pad, clip_overlap=both),
    st.sampled_from([0.05, 0.3, 1.0, 30.0]),
    st.sampled_from([0.0, 0.2, 0.6]),
    st.sampled_from([0.0, 0.003, 0.1, 2.0]),
    st.booleans(),
)


def union(regions: tuple[Overlap, ...]) -> set[int]:
    """The milliseconds in which several speak."""
    covered: set[int] = set()
    for region in regions:
        covered.update(range(max(int(region.start * 1000 + 0.5), 0), int(region.end * 1000 + 0.5)))
    return covered


@given(st.lists(utterances, max_size=8), regions, options, st.sampled_from([5.0, 5.9999, 1.0]))
@settings(max_examples=400, deadline=None)
def test_invariants(
    given_utterances: list[Utterance], overlap: tuple[Overlap, ...], export: Export, duration: float
) -> None:
    tokens = Counter(
        (utterance.speaker, token)
        for utterance in given_utterances
        for word in utterance.words
        for token in word.word.replace("\x00", " ").split()
    )
    assume(sum(tokens.values()) * MIN_WORD_MS <= duration * 1000)
    diarization = Diarization((), (), overlap, (), ())
    found = rows(Alignment("en", tuple(given_utterances)), diarization, WHO, export, duration)

    assert Counter((row.speaker, word.word) for row in found for word in row.words) == tokens
    assert found == sorted(found, key=lambda row: (row.start, row.end, row.speaker))
    overlapped = union(overlap)
    for row in found:
        assert 0 <= row.start < row.end <= duration * 1000
        assert row.role == ROLE.get(row.speaker, "interviewer")
        assert row.overlap == len(overlapped & set(range(row.start, row.end)))
        assert row.raw == " ".join(word.word for word in row.words)
        check_words(row)
        if row.segment_id is None:
            assert (row.start, row.end) == (row.words[0].start, row.words[-1].end)
        else:
            assert row.end - row.start <= export.max_segment * 1000
            if not export.clip_overlap:
                check_clip_without_overlap(row, overlapped)
    for role in ROLES:
        own = [row for row in found if row.role == role]
        assert all(before.end <= after.start for before, after in pairwise(own))
        numbers = [row.segment_id for row in own if row.segment_id]
        assert numbers == [f"segment_{number:03d}" for number in range(1, len(numbers) + 1)]
    if not export.clip_overlap:
        clips = [row for row in found if row.segment_id]
        assert all(before.end <= after.start for before, after in pairwise(clips))
        edges = [samples_at(ms, SAMPLE_RATE) for row in clips for ms in (row.start, row.end)]
        assert edges == sorted(edges)
    check_no_strangers(found)


def check_words(row: Row) -> None:
    at = row.start
    for word in row.words:
        assert word.speaker == row.speaker
        assert at <= word.start
        assert word.end - word.start >= MIN_WORD_MS
        at = word.end
        inside = word.start
        for phone in word.phones:
            assert inside <= phone.start < phone.end <= word.end
            inside = phone.end
    assert at <= row.end


def check_clip_without_overlap(row: Row, overlapped: set[int]) -> None:
    spoken = {ms for word in row.words for ms in range(word.start, word.end)}
    assert not overlapped & set(range(row.start, row.end)) - spoken
    assert not any((word.start + word.end) // 2 in overlapped for word in row.words if (word.start + word.end) % 2 == 0)


def check_no_strangers(found: list[Row]) -> None:
    """No word of somebody else lies between the words of a row, or in its padding."""
    for row in found:
        own = {ms for word in row.words for ms in range(2 * word.start, 2 * word.end + 1)}
        for other in found:
            if other.role != row.role:
                for word in other.words:
                    middle = word.start + word.end
                    assert not (2 * row.start < middle < 2 * row.end) or middle in own


def test_turns_alternate_and_padding_meets_in_the_middle() -> None:
    found = cut(
        utterance("SPEAKER_00", word(1.0, 1.5, "how"), word(1.5, 2.0, "so?")),
        utterance("SPEAKER_01", word(2.1, 2.6, "well"), word(4.0, 4.4, "yes")),
        utterance("SPEAKER_00", word(3.0, 3.2, "go")),
    )
    assert spans(found) == [
        ("how so?", 900, 2050, "segment_001"),
        ("well", 2050, 2700, "segment_001"),
        ("go", 2900, 3300, "segment_002"),
        ("yes", 3900, 4500, "segment_002"),
    ]


def test_other_speaker_between_words_ends_a_row_without_a_pause() -> None:
    found = cut(
        utterance("SPEAKER_01", word(1.0, 1.3, "i"), word(1.5, 2.0, "won")),
        utterance("SPEAKER_00", word(1.35, 1.45, "mm")),
    )
    assert [row.raw for row in found] == ["i", "mm", "won"]


def test_two_speakers_of_one_role_never_share_a_row() -> None:
    found = cut(utterance("SPEAKER_00", word(1, 2, "a")), utterance("SPEAKER_02", word(2, 3, "b")))
    assert [(row.speaker, row.segment_id) for row in found] == [
        ("SPEAKER_00", "segment_001"),
        ("SPEAKER_02", "segment_002"),
    ]


def test_overlapping_words_of_a_role_are_cut_in_the_middle() -> None:
    found = cut(utterance("SPEAKER_00", word(1.0, 2.0, "a")), utterance("SPEAKER_02", word(1.6, 3.0, "b")))
    first, second = (row.words[0] for row in found)
    assert (first.start, first.end, second.start, second.end) == (1000, 1800, 1800, 3000)
    assert [phone[:2] for phone in first.phones] == [(1000, 1500), (1500, 1800)]
    assert [phone[:2] for phone in second.phones] == [(1800, 2300), (2300, 3000)]


def test_words_of_an_utterance_keep_their_order() -> None:
    found = cut(utterance("SPEAKER_01", word(1.0, 1.4, "first"), word(0.9, 1.2, "second", aligned=False)))
    assert [row.raw for row in found] == ["first second"]


def test_word_in_overlap_is_in_no_clip_and_padding_stops_there() -> None:
    found = cut(
        utterance("SPEAKER_01", word(1.0, 2.0, "so"), word(2.0, 2.6, "we"), word(2.6, 3.0, "played")),
        overlap=((1.9, 2.5),),
    )
    assert spans(found) == [
        ("so", 900, 2000, "segment_001"),
        ("we", 2000, 2600, None),
        ("played", 2600, 3100, "segment_002"),
    ]
    assert [row.overlap for row in found] == [100, 500, 0]


def test_overlap_in_a_pause_ends_the_clip() -> None:
    found = cut(utterance("SPEAKER_01", word(1.0, 2.0, "so"), word(2.4, 3.0, "we")), overlap=((2.1, 2.3),))
    assert spans(found) == [("so", 900, 2100, "segment_001"), ("we", 2300, 3100, "segment_002")]


def test_clip_overlap_keeps_overlapped_words() -> None:
    speech = (
        utterance("SPEAKER_01", word(1.0, 2.0, "so"), word(2.0, 3.0, "we")),
        utterance("SPEAKER_00", word(2.2, 2.7, "sorry")),
    )
    found = cut(*speech, overlap=((2.1, 2.8),), clip_overlap=True)
    assert [(row.raw, row.segment_id) for row in found] == [("so we", "segment_001"), ("sorry", "segment_001")]


@pytest.mark.parametrize(
    ("first", "second", "without_clip"),
    [
        (word(1.0, 2.0, "mine"), word(1.9, 2.2, "yours"), "yours"),  # the shorter
        (word(1.0, 2.0, "mine", aligned=False), word(1.9, 2.2, "yours"), "mine"),  # the unaligned
        (word(1.0, 2.0, "mine"), word(1.5, 2.5, "yours"), "yours"),  # the later
    ],
)
def test_intersecting_words_of_two_roles(first: AlignedWord, second: AlignedWord, without_clip: str) -> None:
    found = cut(utterance("SPEAKER_01", first), utterance("SPEAKER_00", second))
    assert [row.raw for row in found if row.segment_id is None] == [without_clip]


def test_one_word_over_many_of_the_other_role_gives_way() -> None:
    found = cut(
        utterance("SPEAKER_01", word(1.0, 1.5, "a"), word(1.5, 2.0, "b"), word(2.0, 2.5, "c")),
        utterance("SPEAKER_00", word(1.1, 2.4, "hmm")),
    )
    assert spans(found) == [("a b c", 900, 2600, "segment_001"), ("hmm", 1100, 2400, None)]


def test_too_long_run_is_cut_at_the_last_sentence_end_that_fits() -> None:
    speech = [word(index, index + 1, f"w{index}" + "." * (index in (3, 7))) for index in range(12)]
    found = cut(utterance("SPEAKER_01", *speech), max_segment=10.0)
    assert [len(row.words) for row in found] == [8, 4]


def test_too_long_run_without_sentences_is_cut_at_its_longest_late_pause() -> None:
    speech = [word(index, index + (0.5 if index in (0, 6) else 0.9), f"w{index}") for index in range(12)]
    found = cut(utterance("SPEAKER_01", *speech), max_segment=10.0)
    assert [len(row.words) for row in found] == [7, 5]


def test_word_longer_than_a_segment_has_no_clip() -> None:
    found = cut(utterance("SPEAKER_01", word(1, 1.5, "a"), word(1.5, 9, "long"), word(9, 9.5, "b")), max_segment=5.0)
    assert [(row.raw, row.segment_id) for row in found] == [
        ("a", "segment_001"),
        ("long", None),
        ("b", "segment_002"),
    ]


def test_padding_never_makes_a_segment_too_long() -> None:
    found = cut(utterance("SPEAKER_01", word(1, 5.95, "a")), max_segment=5.0)
    assert spans(found) == [("a", 975, 5975, "segment_001")]


def test_four_digits_from_a_thousand_segments() -> None:
    speech = [word(index * 0.05, index * 0.05 + 0.02, "w") for index in range(1000)]
    found = cut(utterance("SPEAKER_01", *speech), pause=0.01)
    assert (found[0].segment_id, found[-1].segment_id) == ("segment_0001", "segment_1000")


def test_more_words_than_the_sound_has_room_for() -> None:
    speech = utterance("SPEAKER_01", *(word(0, 0.1, "you") for _ in range(30)))
    with pytest.raises(BackendError, match=r"30 words of the interviewee in 0\.200 s"):
        cut(speech, duration=0.2)


def test_nothing_said() -> None:
    assert cut() == []
