"""Every token of the text is one word with times, whatever its placer split, dropped or knew no time for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends.asr.whisper.words import AlignedText, timed_words, within_speech
from imigue_build.core.records import Span, Word


def test_one_piece_per_word() -> None:
    pieces = [AlignedText("Well,", 1.0, 1.3, 0.9), AlignedText("yes.", 1.4, 1.8, 1.2)]
    assert timed_words(" Well, yes.", pieces, 1.0, 3.0) == [Word(1.0, 1.3, "Well,", 0.9), Word(1.4, 1.8, "yes.", 1.0)]


def test_pieces_smaller_and_larger_than_words() -> None:
    pieces = [
        AlignedText(" un", 0.0, 0.2, 0.5),
        AlignedText("real", 0.2, 0.4, 1.0),
        AlignedText(" is it", 0.5, 0.9, 0.4),
    ]
    found = timed_words("unreal is it", pieces, 0.0, 1.0)
    assert [word.word for word in found] == ["unreal", "is", "it"]
    assert (found[0].start, found[0].end) == (0.0, 0.4)
    assert found[0].confidence == pytest.approx((0.5 * 2 + 1.0 * 4) / 6)
    assert (found[1].start, found[2].end) == (0.5, 0.9)
    assert found[1].end <= found[2].start


def test_dropped_words_share_the_gap_by_their_length() -> None:
    pieces = [AlignedText("I", 1.0, 1.1), AlignedText("today.", 2.0, 2.4), AlignedText("won", None, None)]
    found = timed_words("I won 6-4 today. Thanks", pieces, 0.0, 3.4)
    assert [(word.word, round(word.start, 3), round(word.end, 3)) for word in found] == [
        ("I", 1.0, 1.1),
        ("won", 1.1, 1.55),
        ("6-4", 1.55, 2.0),
        ("today.", 2.0, 2.4),
        ("Thanks", 2.4, 3.4),
    ]
    assert all(word.confidence is None for word in found)


def test_without_pieces_the_words_share_the_interval() -> None:
    found = timed_words("a bc d", [], 2.0, 4.0)
    assert [(word.start, word.end) for word in found] == [(2.0, 2.5), (2.5, 3.5), (3.5, 4.0)]


def test_times_are_put_in_order_and_inside() -> None:
    pieces = [
        AlignedText("a", -1.0, 2.0),
        AlignedText("b", 1.0, 1.5),
        AlignedText("c", 3.0, 9.0),
        AlignedText("d", 9.0, 9.5),
    ]
    found = timed_words("a b c d", pieces, 0.0, 4.0)
    assert [(word.start, word.end) for word in found] == [(0.0, 2.0), (2.0, 2.0), (3.0, 4.0), (4.0, 4.0)]


def test_nan_is_neither_a_time_nor_a_confidence() -> None:
    (word,) = timed_words("a", [AlignedText("a", math.nan, 1.0, math.nan)], 0.0, 1.0)
    assert word == Word(0.0, 1.0, "a", None)


_TOKENS = st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=6), min_size=1, max_size=20)
_TIMES = st.none() | st.floats(-5, 20)


@given(tokens=_TOKENS, blank=st.sampled_from([" ", "  ", "\n", "\u00a0"]), data=st.data())
def test_text_is_complete_whatever_the_aligner_returns(tokens: list[str], blank: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(tokens), max_size=25))
    pieces = [AlignedText(text, data.draw(_TIMES), data.draw(_TIMES), data.draw(_TIMES)) for text in kept]
    found = timed_words(blank + blank.join(tokens), pieces, 1.0, 10.0)
    assert [word.word for word in found] == tokens
    edges = [time for word in found for time in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[0] >= 1.0 and edges[-1] <= 10.0
    assert all(word.confidence is None or 0 <= word.confidence <= 1 for word in found)


def test_a_pause_is_no_part_of_a_word() -> None:
    speech = [Span(0.0, 1.0), Span(3.0, 4.0)]
    words = [Word(0.5, 1.0, "all"), Word(0.8, 2.9, "day."), Word(2.0, 3.4, "Then"), Word(1.2, 2.0, "you")]
    found = within_speech(words, speech)
    assert [(word.start, word.end) for word in found] == [(0.5, 1.0), (0.8, 1.0), (3.0, 3.4), (1.2, 2.0)]
    assert within_speech(words, []) == words


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("今天我们，很高兴。", ["今天", "我们，", "很", "高兴。"], ["今天", "我们，", "很", "高兴。"]),  # noqa: RUF001 - Chinese punctuation
        ("ありがとう。 はい", ["ありが", "とう", "。", "はい"], ["ありが", "とう。", "はい"]),
        ("我用iPhone手机", ["我", "用", "i", "Phone", "手机"], ["我", "用iPhone", "手机"]),
        ("สวัสดีครับ", ["สวัส", "ดี", "ครับ"], ["สวัส", "ดี", "ครับ"]),
        ("co-educational D.C. $5 3:30 U.S.", [" co", "-educational", " D", ".C.", " $", "5", " 3", ":30"], None),
        ("저는 좋아요 — ¿sí? “no”", ["저", "는", " 좋아", "요"], None),
    ],
)
def test_words_of_any_script(text: str, pieces: list[str], expected: list[str] | None) -> None:
    """Without blanks a word is what the aligner times, with its punctuation; with them it is as it is written."""
    aligned = [AlignedText(piece, 0.1 * index, 0.1 * index + 0.1) for index, piece in enumerate(pieces)]
    found = timed_words(text, aligned, 0.0, 10.0)
    assert [word.word for word in found] == (expected or text.split())
    assert found[0].start == 0.0
