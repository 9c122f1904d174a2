"""How likely a passage is right, from what the release says of it, and what a person should do where it is not.

Each piece of evidence has a chance that the passage is right; the chances are multiplied, and the weightiest piece
decides which correction is proposed. The chances of words, ill-fitting sound, turns and overlap are measured
(`python -m tests.benchmarks reviewing` says how well they rank); those of other flags, which the recordings did not
have, are set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from imigue_build.release.reader.doubts import MANY_UNALIGNED
from imigue_build.release.reader.interview import Interview
from imigue_build.release.reader.ranking.item import Item, Kind, drop_option, joined, speaker_option, word_option
from imigue_build.release.reader.ranking.passages import Passage, passages
from imigue_build.release.reader.ranking.voices import Voices
from imigue_build.release.schema.rows import Word

LEAST_DOUBT: Final = 0.9
"""What is right with a higher chance is not listed."""
_SURE: Final = 0.003
"""What a confidence is kept away from 0 and 1 by."""
_OWN, _BESIDE, _FIT, _BIAS = 0.82, 0.26, 0.5, 0.88
"""Weights of the confidences of a word and of its neighbours, of the pronunciation fit, and of neither."""
_USUAL_FIT: Final = -0.8
_UNKNOWN: Final = 0.99
"""The confidence of a word that has none: a person wrote or corrected it."""
_FLAGS: Final[Mapping[str, tuple[Kind, float, str]]] = {
    "no_speech": ("words", 0.3, "there is text where no speech was heard"),
    "repetition": ("words", 0.4, "the ASR repeats itself"),
    "compression": ("words", 0.4, "the text is suspiciously regular"),
    "low_log_probability": ("words", 0.5, "the text is unlikely to the ASR itself"),
    "poor_fit": ("words", 0.5, "the sound does not fit the text"),
    "too_short": ("times", 0.3, "there is too little sound for the text"),
    "wide_beam": ("times", 0.8, "the text was hard to align"),
}
"""By flag of a row what it casts doubt on, the chance that a passage with it is right, and what it says."""
_UNALIGNED: Final = 0.5
_OTHERS_TURN: Final = 0.8
_OVERLAPPED: Final = 0.93
_MISHEARD: Final = 0.9
"""Words with a lower chance are named."""
_MOST_NAMED: Final = 4


class Evidence(NamedTuple):
    """What speaks against a passage: `chance` that it is right by this alone, in [0, 1]; options that correct it."""

    kind: Kind
    chance: float
    reason: str
    correction: tuple[str, ...]


def passage_items(interview: Interview) -> Iterator[Item]:
    """The doubtful passages of an interview.

    Raises:
        InterviewError: If one of its files cannot be read.
    """
    for passage, evidence in weighed(interview):
        chance = chance_of(evidence)
        if chance <= LEAST_DOUBT:
            yield _item(interview.video_id, passage, evidence, chance)


def chance_of(evidence: Sequence[Evidence]) -> float:
    """The chance that a passage is right, by all that speaks against it."""
    return math.prod(piece.chance for piece in evidence)


def weighed(interview: Interview) -> Iterator[tuple[Passage, list[Evidence]]]:
    """Every passage of an interview, doubtful or not, with what speaks against it. Raises as `passage_items`."""
    voices = Voices(interview)
    words = [word for segment in interview.segments for word in segment.words]
    many = sum(not word.aligned for word in words) > MANY_UNALIGNED * len(words)  # an item of the interview says so
    for segment in interview.segments:
        for passage in passages(segment):
            evidence = [*_words(passage), *_flags(passage), *_speaker(passage, voices)]
            evidence += () if many else _times(passage)
            yield passage, evidence


def word_chance(confidence: float | None, beside: float | None, fit: float | None) -> float:
    """The chance that a word is right, as a logistic regression has it.

    Its weights were fitted to the words of 18 recordings with references, six of them clear and twelve noisy, as
    a small model of the ASR hears them.

    Args:
        confidence: Of the word, in [0, 1].
        beside: The least confidence of the words before and after it.
        fit: The pronunciation fit of its row: 0 is perfect, below it is worse.

    >>> [round(word_chance(confidence, 0.9, -0.8), 2) for confidence in (0.3, 0.7, 0.95, 0.999)]
    [0.59, 0.85, 0.97, 1.0]
    """
    score = _OWN * _odds(confidence) + _BESIDE * _odds(beside) + _FIT * (_USUAL_FIT if fit is None else fit) + _BIAS
    return 1 / (1 + math.exp(-score))


def _odds(confidence: float | None) -> float:
    """The logarithm of the odds, kept within bounds."""
    known = _UNKNOWN if confidence is None else min(max(confidence, 0.0), 1.0)
    return math.log((known + _SURE) / (1 - known + _SURE))


def _item(video_id: str, passage: Passage, evidence: Sequence[Evidence], chance: float) -> Item:
    by_chance = sorted(evidence, key=lambda piece: piece.chance)
    main = by_chance[0]
    return Item(
        video_id=video_id,
        kind=main.kind,
        start=passage.start,
        end=passage.end,
        text=joined(passage.words),
        speaker=passage.segment.speaker,
        reason="; ".join(piece.reason for piece in by_chance if piece.reason),
        confidence=round(chance, 3),
        correction=main.correction,
    )


def _words(passage: Passage) -> Iterator[Evidence]:
    """Words that the ASR was not sure of."""
    fit = (passage.segment.alignment or {}).get("fit")
    own = [_UNKNOWN if word.confidence is None else word.confidence for word in passage.words]
    beside = [min(own[max(at - 1, 0) : at] + own[at + 1 : at + 2], default=own[at]) for at in range(len(own))]
    chances = [(word_chance(sure, near, fit), at) for at, (sure, near) in enumerate(zip(own, beside, strict=True))]
    worst = sorted(chances)[:_MOST_NAMED]
    named = sorted(index for chance, index in worst if chance < _MISHEARD) or [worst[0][1]]
    doubtful = ", ".join(_shown(passage.words[index]) for index in named)
    options = [word_option(passage.words[index]) for index in named]
    mends = tuple(option for option in options if option is not None) or (drop_option(passage.start, passage.end),)
    chance = math.prod(chance for chance, _ in chances)
    reason = f"perhaps misheard: {doubtful}" if worst[0][0] < _MISHEARD or chance <= LEAST_DOUBT else ""
    yield Evidence("words", chance, reason, mends)


def _flags(passage: Passage) -> Iterator[Evidence]:
    for flag in passage.segment.flags:
        if flag in _FLAGS:
            kind, chance, reason = _FLAGS[flag]
            yield Evidence(kind, chance, reason, (drop_option(passage.start, passage.end),))


def _times(passage: Passage) -> Iterator[Evidence]:
    """Words that could not be aligned, and so have the times of the ASR."""
    lost = [word for word in passage.words if not word.aligned]
    if lost:
        reason = f"its sound was not found for {', '.join(_quoted(word) for word in lost[:_MOST_NAMED])}"
        yield Evidence("times", _UNALIGNED, reason, (drop_option(passage.start, passage.end),))


def _speaker(passage: Passage, voices: Voices) -> Iterator[Evidence]:
    """Words in a turn of somebody else, or where several speak."""
    own = passage.segment.speaker
    middles = [(word.start + word.end) / 2 for word in passage.words]
    others = [turn for middle in middles if (turn := voices.at(middle)) is not None and turn != own]
    overlapped = sum(voices.overlapped(middle) for middle in middles)
    if not others and not overlapped:
        return
    other = max(set(others), key=lambda name: (others.count(name), name)) if others else voices.other(passage, own)
    at = voices.moment(other) if other else None
    span = passage.start, passage.end
    mend = (drop_option(*span) if at is None else speaker_option(*span, at),)
    share = (len(others) or overlapped) / len(middles)
    if others:
        yield Evidence("speaker", 1 - share * (1 - _OTHERS_TURN), f"said in a turn of {other}, not of {own}", mend)
    else:
        yield Evidence("speaker", 1 - share * (1 - _OVERLAPPED), f"said while another speaks than {own}", mend)


def _shown(word: Word) -> str:
    return _quoted(word) + (f" ({word.confidence:.2f})" if word.confidence is not None else "")


def _quoted(word: Word) -> str:
    return f'"{word.word}"'
