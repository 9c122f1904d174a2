"""The final times of the words of one role: one interval for each word, none too short, none overlapping.

Times of `RowWord` and `RowPhone` are integer milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, Alignment, AlignmentQuality, Flag, Phone, Role, Roles, Utterance
from imigue_build.core.times import milliseconds
from imigue_build.release.schema.layout import MIN_WORD_MS

_CONTROL: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF), " ")


class RowPhone(NamedTuple):
    """A phone of a word."""

    start: int
    end: int
    phone: str


class RowWord(NamedTuple):
    """A word as the release holds it: a single token; its phones lie within it.

    `flags` are those of the ASR's word and of the aligned utterance, whose quality `quality` is.
    """

    start: int
    end: int
    speaker: str
    word: str
    aligned: bool
    confidence: float | None
    phones: tuple[RowPhone, ...]
    flags: tuple[Flag, ...] = ()
    quality: AlignmentQuality | None = None


def role_words(alignment: Alignment, roles: Roles, role: Role, length: int) -> list[RowWord]:
    """The words of all speakers of a role, in the order of their tier, with final times.

    Words are sorted by start, end and speaker, but the words of an utterance keep their order
    whatever their times. Two neighbours that overlap are both cut at the middle of the overlap;
    what is still too short or out of place is pushed to the right, and back to the left where it
    would leave the recording. Phones are cut to their word; one without any time left is dropped.
    A speaker without a role counts as interviewer.

    Args:
        length: Of the recording, in milliseconds.

    Raises:
        BackendError: If there are more words than the recording has room for.
    """
    words = _ordered(alignment, roles, role)
    if len(words) * MIN_WORD_MS > length:
        raise BackendError(
            f"the transcript has {len(words)} words of the {role} in {length / 1000:.3f} s of sound",
            "the speech recognition made them up: check the recording, or choose another transcribe backend",
        )
    spans = _spans([word for _, word in words], length)
    return [
        _row_word(utterance, word, start, end) for (utterance, word), (start, end) in zip(words, spans, strict=True)
    ]


def _row_word(utterance: Utterance, word: AlignedWord, start: int, end: int) -> RowWord:
    return RowWord(
        start,
        end,
        utterance.speaker,
        word.word,
        word.aligned,
        word.confidence,
        _phones(word.phones, start, end),
        (*word.flags, *utterance.flags),
        utterance.quality,
    )


def _ordered(alignment: Alignment, roles: Roles, role: Role) -> list[tuple[Utterance, AlignedWord]]:
    keyed: list[tuple[tuple[float, float, str, int, int], Utterance, AlignedWord]] = []
    for number, utterance in enumerate(alignment.utterances):
        if roles.roles.get(utterance.speaker, "interviewer") != role:
            continue
        start = end = float("-inf")
        tokens = (token for word in utterance.words for token in _tokens(word))
        for index, token in enumerate(tokens):
            start, end = max(start, token.start), max(end, token.end)
            keyed.append(((start, end, utterance.speaker, number, index), utterance, token))
    keyed.sort(key=lambda item: item[0])
    return [(utterance, token) for _, utterance, token in keyed]


def _tokens(word: AlignedWord) -> Iterator[AlignedWord]:
    """The word itself; where white space is within, its parts, which share its time equally."""
    parts = word.word.translate(_CONTROL).split()
    share = (word.end - word.start) / len(parts) if parts else 0.0
    for index, part in enumerate(parts):
        start = word.start + index * share
        end = word.end if index == len(parts) - 1 else start + share
        yield AlignedWord(start, end, part, word.confidence, word.flags, word.aligned, word.phones)


def _spans(words: Sequence[AlignedWord], length: int) -> list[tuple[int, int]]:
    spans: list[list[int]] = []
    for word in words:
        start = min(max(milliseconds(word.start), 0), length)
        spans.append([start, min(max(milliseconds(word.end), start), length)])
    for before, after in pairwise(spans):
        first, last = max(before[0], after[0]), min(before[1], after[1])
        if first < last:
            before[1] = after[0] = (first + last) // 2
    at = 0
    for span in spans:
        span[0] = max(span[0], at)
        at = span[1] = max(span[1], span[0] + MIN_WORD_MS)
    at = length
    for span in reversed(spans):
        span[1] = min(span[1], at)
        at = span[0] = min(span[0], span[1] - MIN_WORD_MS)
    return [(start, end) for start, end in spans]


def _phones(phones: Sequence[Phone], start: int, end: int) -> tuple[RowPhone, ...]:
    kept: list[RowPhone] = []
    at = start
    for phone in phones:
        first, last = max(milliseconds(phone.start), at), min(milliseconds(phone.end), end)
        if first < last and phone.phone:
            kept.append(RowPhone(first, last, phone.phone))
            at = last
    return tuple(kept)
