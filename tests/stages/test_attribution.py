"""Words to speakers, and words to utterances."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imigue_build.core.records import Diarization, Transcript, TranscriptSegment, Turn, Word
from imigue_build.stages.attribution import attribute, utterances

TURNS = (Turn(1.0, 3.0, "A"), Turn(3.0, 5.0, "B"), Turn(8.0, 9.0, "A"))
WHO = Diarization(TURNS, TURNS, (), (), ())


def transcript(*words: Word, speaker: str | None = None) -> Transcript:
    return Transcript("en", (TranscriptSegment(0.0, 20.0, words, speaker=speaker),))


def speaker(start: float, end: float) -> str:
    return attribute(transcript(Word(start, end, "w")), WHO)[0][1]


def test_a_word_belongs_to_the_turn_that_covers_most_of_it() -> None:
    assert speaker(1.5, 2.0) == "A"
    assert speaker(2.8, 3.1) == "A"
    assert speaker(2.9, 3.2) == "B"


def test_a_word_in_a_gap_belongs_to_the_nearest_turn() -> None:
    assert speaker(0.0, 0.5) == "A"
    assert speaker(5.5, 6.0) == "B"
    assert speaker(7.5, 7.9) == "A"
    assert speaker(20.0, 21.0) == "A"


def test_a_zero_length_word_is_attributed() -> None:
    assert speaker(3.5, 3.5) == "B"


def test_utterances_end_at_speaker_changes_pauses_and_the_longest_length() -> None:
    words = [Word(0.0, 1.0, "a"), Word(1.1, 2.0, "b"), Word(2.1, 3.0, "c"), Word(4.0, 5.0, "d"), Word(5.0, 8.0, "e")]
    found = utterances(list(zip(words, "AABBB", strict=True)), pause=0.5, longest=3.5)
    assert [[word.word for word in u.words] for u in found] == [["a", "b"], ["c"], ["d"], ["e"]]
    assert [(u.start, u.end, u.speaker) for u in found][:2] == [(0.0, 2.0, "A"), (2.1, 3.0, "B")]


def test_words_of_speakers_who_talk_at_once_stay_together() -> None:
    mine = [Word(0.0, 1.0, "a"), Word(1.0, 2.0, "b")]
    yours = [Word(0.5, 1.5, "c"), Word(1.5, 2.5, "d")]
    found = utterances([(mine[0], "A"), (yours[0], "B"), (mine[1], "A"), (yours[1], "B")], pause=0.5, longest=9.0)
    assert [[word.word for word in u.words] for u in found] == [["a", "b"], ["c", "d"]]


def test_an_utterance_ends_where_another_says_a_word_in_its_pause() -> None:
    words = [(Word(0.0, 1.0, "a"), "A"), (Word(1.1, 1.3, "yes"), "B"), (Word(1.4, 2.0, "b"), "A")]
    assert [u.speaker for u in utterances(words, pause=0.5, longest=9.0)] == ["A", "B", "A"]


def test_a_named_speaker_is_the_one_whose_turns_share_most_time() -> None:
    said = transcript(Word(1.5, 2.5, "a"), Word(2.5, 2.9, "b"), Word(3.0, 3.3, "c"), speaker="Nadal")
    assert [name for _, name in attribute(said, WHO)] == ["A", "A", "A"]
    nowhere = transcript(Word(6.9, 7.5, "a"), speaker="Nadal")
    assert [name for _, name in attribute(nowhere, WHO)] == ["A"]


def test_what_is_said_in_a_corrected_turn_is_of_its_speaker_within_a_sentence_too() -> None:
    text = transcript(
        *(Word(1.0 + 0.3 * at, 1.2 + 0.3 * at, word) for at, word in enumerate(["one", "two", "three", "four."]))
    )
    corrected = (Turn(1.55, 1.85, "B"),)
    assert "".join(name for _, name in attribute(text, WHO)) == "AAAA"
    assert "".join(name for _, name in attribute(text, WHO, corrected)) == "AABA"
    named = transcript(Word(1.6, 1.8, "w"), speaker="A")
    assert attribute(named, WHO, corrected)[0][1] == "B"


def test_a_name_of_several_speakers_leaves_its_words_to_whom_of_them_the_turns_are() -> None:
    turns = (Turn(0.0, 2.0, "A"), Turn(2.0, 6.0, "B"), Turn(6.0, 8.0, "C"))
    said = ((0.0, 2.3, "Q"), (2.3, 6.0, "NADAL"), (6.0, 8.0, "Q"))  # the first question runs on into B's turn
    text = Transcript(
        "en",
        tuple(
            TranscriptSegment(s, e, (Word(s, (s + e) / 2, "a"), Word((s + e) / 2, e, "b")), speaker=n)
            for s, e, n in said
        ),
    )
    found = attribute(text, Diarization(turns, turns, (), (), ()))
    assert "".join(name for _, name in found) == "AABBCC"


def smoothed_by(text: str, *turns: tuple[float, float, str]) -> str:
    """Who says each word of a text of half-second words, given turns."""
    words = tuple(Word(at / 2, at / 2 + 0.45, token) for at, token in enumerate(text.split()))
    given = tuple(Turn(*turn) for turn in turns)
    found = attribute(transcript(*words), Diarization(given, given, (), (), ()))
    return "".join(name for _, name in found)


def test_a_word_over_the_edge_of_a_turn_stays_in_its_sentence() -> None:
    assert smoothed_by("How do you feel? I am fine.", (0.0, 1.7, "A"), (1.7, 4.0, "B")) == "AAAABBB"
    assert smoothed_by("How do you feel? I am fine.", (0.0, 2.3, "A"), (2.3, 4.0, "B")) == "AAAABBB"


def test_without_punctuation_the_turns_decide() -> None:
    assert smoothed_by("how do you feel i am fine", (0.0, 1.7, "A"), (1.7, 4.0, "B")) == "AAABBBB"


def test_a_backchannel_is_kept_with_who_said_it() -> None:
    turns = [(0.0, 1.5, "A"), (1.5, 1.95, "B"), (1.95, 5.0, "A")]
    assert smoothed_by("I played well yeah in the end.", *turns) == "AAABAAA"
    blip = [(0.0, 1.6, "A"), (1.6, 1.8, "B"), (1.8, 5.0, "A")]
    assert smoothed_by("I played well again in the end.", *blip) == "AAAAAAA"


def test_a_sentence_that_two_share_is_left() -> None:
    assert smoothed_by("So you won it and I lost it.", (0.0, 2.0, "A"), (2.0, 5.0, "B")) == "AAAABBBB"


def test_a_short_answer_is_no_stray() -> None:
    assert (
        smoothed_by("Did you enjoy it? Yes. And now?", (0.0, 2.0, "A"), (2.0, 2.5, "B"), (2.5, 4.0, "A")) == "AAAABAA"
    )


def words_of(text: str) -> tuple[Word, ...]:
    """Words from a text of "token start end" triples."""
    parts = text.split()
    return tuple(
        Word(float(start), float(end), token)
        for token, start, end in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )


def speakers_of(words: tuple[Word, ...], turns: tuple[Turn, ...], exclusive: tuple[Turn, ...] = ()) -> str:
    found = attribute(transcript(*words), Diarization(turns, exclusive or turns, (), (), ()))
    return "".join(name for _, name in found)


def test_a_word_that_begins_in_the_pause_before_it_is_in_its_own_sentence() -> None:
    """As faster-whisper reads the demo: its "I" begins a second early, in the question's turn."""
    words = words_of(
        "What 19.2 19.5 made 19.5 19.66 the 19.66 19.88 difference? 19.88 20.24 I 20.24 21.26 think 21.26 21.54"
    )
    assert speakers_of(words, (Turn(19.226, 20.492, "A"), Turn(21.133, 22.77, "B"))) == "AAAABB"
    early = words_of("Congratulations. 0.5 1.5 She 1.70 1.74 had 1.74 2.4 your 2.4 2.58 dark 2.58 2.74 suit 2.74 3.0")
    assert speakers_of(early, (Turn(0.5, 2.36, "A"), Turn(2.16, 4.7, "B"))) == "ABBBBB"


def test_only_the_end_of_a_long_word_counts() -> None:
    words = words_of("with 2.1 2.5 clay 2.5 2.8 does 2.8 3.68 Hindu 3.68 4.0 ideology 4.0 4.4")
    assert speakers_of(words, (Turn(0.5, 3.2, "A"), Turn(3.5, 6.0, "B"))) == "AABBB"


def test_sentences_stay_whole_in_overlap() -> None:
    """The exclusive turns change in the midst of both sentences."""
    words = words_of("How 1.0 1.2 do 1.2 1.4 you 1.4 1.6 feel? 1.6 2.0 I 2.0 2.2 am 2.2 2.5 fine. 2.5 3.0")
    turns = (Turn(0.0, 2.1, "A"), Turn(1.3, 4.0, "B"))
    assert speakers_of(words, turns, (Turn(0.0, 1.5, "A"), Turn(1.5, 4.0, "B"))) == "AAAABBB"
    turns = (Turn(0.0, 2.8, "A"), Turn(1.9, 4.0, "B"))
    assert speakers_of(words, turns, (Turn(0.0, 2.4, "A"), Turn(2.4, 4.0, "B"))) == "AAAABBB"


def test_exclusive_turns_decide_in_overlap_within_a_sentence() -> None:
    words = words_of("please 0.0 0.5 confirm 0.5 1.0 policy 1.0 1.5 carry 1.5 2.0 an 2.0 2.4 oily 2.4 3.0 rag. 3.0 3.5")
    turns = (Turn(0.0, 2.2, "A"), Turn(0.9, 4.0, "B"))
    assert speakers_of(words, turns, (Turn(0.0, 1.5, "A"), Turn(1.5, 4.0, "B"))) == "AAABBBB"


def test_a_change_without_a_full_stop_is_found_at_the_comma() -> None:
    words = words_of(
        "argue 31.0 31.5 history, 31.5 32.0 the 32.17 32.21 water 32.21 32.4 contained 32.4 32.8 it. 32.8 33.4"
    )
    assert speakers_of(words, (Turn(27.4, 32.27, "A"), Turn(32.27, 35.0, "B"))) == "AABBBB"


def test_a_speaker_with_turns_in_overlap_alone_can_have_words() -> None:
    words = words_of("Yes. 1.0 1.5 No. 1.5 2.0")
    turns = (Turn(0.0, 1.6, "A"), Turn(1.4, 2.2, "B"))
    assert speakers_of(words, turns, (Turn(0.0, 1.6, "A"),)) == "AB"


@given(st.lists(st.tuples(st.floats(0, 8.8), st.floats(0.1, 2))))
def test_without_punctuation_a_word_within_one_turn_alone_has_its_speaker(spans: list[tuple[float, float]]) -> None:
    for word, name in attribute(transcript(*(Word(a, a + length, "w") for a, length in spans)), WHO):
        assert all(turn.speaker == name for turn in TURNS if turn.start <= word.start and word.end <= turn.end)


times = st.floats(0, 20, allow_nan=False)


@given(st.lists(st.tuples(times, times, st.text(min_size=1, max_size=3))), st.floats(0, 2), st.floats(0.1, 10))
def test_no_word_is_ever_lost(spans: list[tuple[float, float, str]], pause: float, longest: float) -> None:
    words = [Word(min(a, b), max(a, b), text) for a, b, text in spans]
    speakers = attribute(transcript(*words), WHO)
    found = utterances(speakers, pause, longest)
    kept = sorted((word.start, word.end, word.word, u.speaker) for u in found for word in u.words)
    assert kept == sorted((word.start, word.end, word.word, name) for word, name in speakers)
