"""Word errors, and the pairs of equal words of reference and release.

Both sides are converted to spoken words (`imigue_build.text.normalise`: "6-4" is two), ordered by the words' starts
across speakers, and aligned by jiwer (Levenshtein). The concatenated minimum-permutation WER (Watanabe et al. 2020,
CHiME-6) compares each speaker's concatenated words with those of one released speaker, under the assignment with
the fewest errors: overlap cannot interleave two speakers' words there, but a word of the wrong speaker counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from imigue_build.apps.scoring.labels import Word
from imigue_build.corpus.annotations.mapping import one_to_one


class Counts(NamedTuple):
    """Words substituted, deleted, inserted and correct."""

    substitutions: int
    deletions: int
    insertions: int
    hits: int

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def n(self) -> int:
        """Words of the reference."""
        return self.substitutions + self.deletions + self.hits


class SpokenWord(NamedTuple):
    """The spoken word number `position` (from 0) of the `length` words of a written token."""

    text: str
    word: Word
    position: int
    length: int

    @property
    def first(self) -> bool:
        return self.position == 0

    @property
    def last(self) -> bool:
        return self.position == self.length - 1


Pair = tuple[SpokenWord, SpokenWord]
"""A word of the reference, and the equal word of the release."""


def spoken_words_of(words: Iterable[Word]) -> list[SpokenWord]:
    """The spoken words in the order of their tokens' starts; each token is read next to others of its speaker."""
    from imigue_build.text.normalise import spoken_words_of

    in_order = sorted(words, key=lambda token: (token.start, token.end))
    spoken: dict[int, list[str]] = {}
    for speaker in dict.fromkeys(word.speaker for word in in_order):
        parts = [
            (index, text)
            for index, word in enumerate(in_order)
            if word.speaker == speaker
            for text in word.text.split()
        ]
        for (index, _), texts in zip(parts, spoken_words_of([text for _, text in parts]), strict=True):
            spoken.setdefault(index, []).extend(texts)
    return [
        SpokenWord(text, in_order[index], position, len(texts))
        for index, texts in sorted(spoken.items())
        for position, text in enumerate(texts)
    ]


def compare(reference: Sequence[SpokenWord], found: Sequence[SpokenWord]) -> tuple[Counts, list[Pair]]:
    """The errors, and the pairs of correct words."""
    output = _process(reference, found)
    return _counts(output), list(_equal(output, reference, found))


def permutation_counts(reference: Sequence[SpokenWord], found: Sequence[SpokenWord]) -> Counts | None:
    """The errors of each speaker's concatenated words; None if a word of the reference has no speaker."""
    if any(word.word.speaker is None for word in reference):
        return None
    references, hypotheses = _by_speaker(reference), _by_speaker(found)
    counts = {(a, b): _counts(_process(references[a], hypotheses[b])) for a in references for b in hypotheses}
    # errors that pairing two speakers saves, compared with deleting all words of one and inserting those of the other
    saved = {(a, b): len(references[a]) + len(hypotheses[b]) - pair.errors for (a, b), pair in counts.items()}
    mapping = one_to_one(saved)
    parts = [counts[b, a] for a, b in mapping.items()]
    parts += [Counts(0, len(own), 0, 0) for name, own in references.items() if name not in mapping.values()]
    parts += [Counts(0, 0, len(own), 0) for name, own in hypotheses.items() if name not in mapping]
    return Counts(*(sum(values) for values in zip(*parts, strict=True))) if parts else Counts(0, 0, 0, 0)


def tokens(pairs: Iterable[Pair]) -> Iterator[tuple[Word, Word]]:
    """The written tokens whose spoken words are all correct, on both sides."""
    for _, group in groupby(pairs, key=lambda pair: (id(pair[0].word), id(pair[1].word))):
        correct = list(group)
        reference, found = correct[0]
        if len(correct) == reference.length == found.length:
            yield reference.word, found.word


def boundary_errors(pairs: Iterable[Pair]) -> tuple[float, ...] | None:
    """The errors of the starts and ends of correct words, in milliseconds.

    A start counts if both spoken words are the first of their tokens, an end if both are the last. None if no such
    word has times.
    """
    errors: list[float] = []
    for reference, found in pairs:
        if reference.word.timed:
            errors += [1000 * abs(reference.word.start - found.word.start)] * (reference.first and found.first)
            errors += [1000 * abs(reference.word.end - found.word.end)] * (reference.last and found.last)
    return tuple(errors) or None


def shared_words(pairs: Iterable[Pair]) -> dict[tuple[str, str], float]:
    """The number of correct words that each pair of speakers (reference, release) shares."""
    counts: dict[tuple[str, str], float] = {}
    for reference, released in pairs:
        if reference.word.speaker is not None and released.word.speaker is not None:
            key = reference.word.speaker, released.word.speaker
            counts[key] = counts.get(key, 0) + 1
    return counts


def _process(reference: Sequence[SpokenWord], found: Sequence[SpokenWord]) -> Any:
    import jiwer

    return jiwer.process_words(" ".join(word.text for word in reference), " ".join(word.text for word in found))


def aligned(reference: Sequence[SpokenWord], found: Sequence[SpokenWord]) -> Sequence[Any]:
    """jiwer's chunks in order, each with a `type`, `equal` or of error, and indices of both sides."""
    chunks: Sequence[Any] = _process(reference, found).alignments[0]
    return chunks


def _counts(output: Any) -> Counts:
    return Counts(output.substitutions, output.deletions, output.insertions, output.hits)


def _equal(output: Any, reference: Sequence[SpokenWord], found: Sequence[SpokenWord]) -> Iterator[Pair]:
    for chunk in output.alignments[0]:
        if chunk.type == "equal":
            references = reference[chunk.ref_start_idx : chunk.ref_end_idx]
            yield from zip(references, found[chunk.hyp_start_idx : chunk.hyp_end_idx], strict=True)


def _by_speaker(words: Iterable[SpokenWord]) -> dict[str, list[SpokenWord]]:
    by_speaker: dict[str, list[SpokenWord]] = {}
    for word in words:
        by_speaker.setdefault(word.word.speaker or "", []).append(word)
    return by_speaker
