"""Word errors, and which released word is which word of the reference.

Both sides are put into spoken words (`imigue_build.text.normalise`: "6-4" is two) and ordered by
the words' starts, whoever says them; jiwer aligns them (Levenshtein). The concatenated
minimum-permutation WER (Watanabe et al. 2020, CHiME-6) compares each speaker's words in a row with
those of one released speaker, under the assignment with the fewest errors: overlap cannot
interleave two speakers' words there, but a word given to the wrong speaker counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from imigue_build.apps.scoring.labels import Word
from imigue_build.corpus.annotations.mapping import one_to_one


class Counts(NamedTuple):
    """Words substituted, deleted, inserted and right."""

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


class Spoken(NamedTuple):
    """The spoken word number `at` (from 0) of the `of` that a written token stands for."""

    text: str
    word: Word
    at: int
    of: int

    @property
    def first(self) -> bool:
        return self.at == 0

    @property
    def last(self) -> bool:
        return self.at == self.of - 1


Pair = tuple[Spoken, Spoken]
"""A word of the reference, and the same word of the release."""


def spoken(words: Iterable[Word]) -> list[Spoken]:
    """The spoken words in the order of their tokens' starts."""
    from imigue_build.text.normalise import spoken_words

    found: list[Spoken] = []
    for word in sorted(words, key=lambda one: (one.start, one.end)):
        texts = [part for text in word.text.split() for part in spoken_words(text)]
        found.extend(Spoken(text, word, at, len(texts)) for at, text in enumerate(texts))
    return found


def compare(reference: Sequence[Spoken], found: Sequence[Spoken]) -> tuple[Counts, list[Pair]]:
    """The errors, and the pairs of words that are right."""
    output = _process(reference, found)
    return _counts(output), list(_equal(output, reference, found))


def permuted(reference: Sequence[Spoken], found: Sequence[Spoken]) -> Counts | None:
    """The errors of every speaker's words in a row; None where a word of the reference has no speaker."""
    if any(one.word.speaker is None for one in reference):
        return None
    truths, hypotheses = _voices(reference), _voices(found)
    counts = {(a, b): _counts(_process(truths[a], hypotheses[b])) for a in truths for b in hypotheses}
    # What pairing two speakers saves, against deleting all the one said and inserting all the other said.
    saved = {(a, b): len(truths[a]) + len(hypotheses[b]) - one.errors for (a, b), one in counts.items()}
    chosen = one_to_one(saved)
    parts = [counts[b, a] for a, b in chosen.items()]
    parts += [Counts(0, len(own), 0, 0) for name, own in truths.items() if name not in chosen.values()]
    parts += [Counts(0, 0, len(own), 0) for name, own in hypotheses.items() if name not in chosen]
    return Counts(*(sum(values) for values in zip(*parts, strict=True))) if parts else Counts(0, 0, 0, 0)


def tokens(pairs: Iterable[Pair]) -> Iterator[tuple[Word, Word]]:
    """The written tokens of which every spoken word is right, on both sides."""
    for _, group in groupby(pairs, key=lambda pair: (id(pair[0].word), id(pair[1].word))):
        same = list(group)
        truth, other = same[0]
        if len(same) == truth.of == other.of:
            yield truth.word, other.word


def boundary_errors(pairs: Iterable[Pair]) -> tuple[float, ...] | None:
    """How far off the starts and ends of the right words are, in milliseconds.

    A start counts where both spoken words begin their tokens, an end where both end theirs. None
    where no such word has times of its own.
    """
    errors: list[float] = []
    for truth, other in pairs:
        if truth.word.timed:
            errors += [1000 * abs(truth.word.start - other.word.start)] * (truth.first and other.first)
            errors += [1000 * abs(truth.word.end - other.word.end)] * (truth.last and other.last)
    return tuple(errors) or None


def votes(pairs: Iterable[Pair]) -> dict[tuple[str, str], float]:
    """How many of the right words each speaker of the reference shares with each released one."""
    found: dict[tuple[str, str], float] = {}
    for truth, other in pairs:
        if truth.word.speaker is not None and other.word.speaker is not None:
            key = truth.word.speaker, other.word.speaker
            found[key] = found.get(key, 0) + 1
    return found


def _process(reference: Sequence[Spoken], found: Sequence[Spoken]) -> Any:
    import jiwer

    return jiwer.process_words(" ".join(one.text for one in reference), " ".join(one.text for one in found))


def _counts(output: Any) -> Counts:
    return Counts(output.substitutions, output.deletions, output.insertions, output.hits)


def _equal(output: Any, reference: Sequence[Spoken], found: Sequence[Spoken]) -> Iterator[Pair]:
    for chunk in output.alignments[0]:
        if chunk.type == "equal":
            truth = reference[chunk.ref_start_idx : chunk.ref_end_idx]
            yield from zip(truth, found[chunk.hyp_start_idx : chunk.hyp_end_idx], strict=True)


def _voices(words: Iterable[Spoken]) -> dict[str, list[Spoken]]:
    found: dict[str, list[Spoken]] = {}
    for one in words:
        found.setdefault(one.word.speaker or "", []).append(one)
    return found
