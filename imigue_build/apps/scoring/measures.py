"""The measures of one interview as counts that can be pooled by addition, and the rates from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Any, Final, NamedTuple

from imigue_build.apps.scoring import phones, turns, words
from imigue_build.apps.scoring.labels import Labels
from imigue_build.corpus.annotations import mapping

COLLAR: Final = 0.25
"""Seconds around each boundary of the reference, on either side, that the measures with a collar exclude."""

DEFINITIONS: Final[Mapping[str, str]] = {
    "wer": "(substitutions + deletions + insertions) / words of the reference (jiwer), both sides normalised "
    "(lower case, no punctuation, numbers in words), words of all speakers in the order of their starts",
    "cpwer": "the same with each speaker's words concatenated, under the assignment of speakers with the fewest "
    "errors: overlap causes no errors there, a word of the wrong speaker counts twice",
    "der": "(missed + false alarm + speaker confusion) / speech of the reference, in time (pyannote.metrics); "
    "overlap is scored, no collar; der_collar_025 excludes 0.25 s on each side of the reference's boundaries",
    "jer": "mean over the reference's speakers of 1 - intersection / union of speaking time (pyannote.metrics), "
    "no collar",
    "word_speaker_accuracy": "of the correct words, the share with the correct speaker, under the one-to-one mapping "
    "of speakers with the most such words",
    "role_accuracy": "of the reference's speakers with a role, the share whose counterpart in the release has it: "
    "mapped one-to-one by shared speaking time, else by shared words; remaining speakers by the largest share",
    "word_boundary": "absolute errors of the starts and ends of correct words, in milliseconds; "
    "within_N: the share of at most N ms",
    "phone_boundary": "the same for phones of correct words, aligned within the word, in ARPAbet (TIMIT mapped to it), "
    "with the same phone or one of its class",
}
"""The definition of each measure. Pooled values add counts over interviews, so each word or second has equal weight."""

_WITHIN: Final = (20, 50, 100)
_ROUNDING: Final = 1e-6  # milliseconds, so that 0.120 - 0.100 s counts as 20 ms


class Share(NamedTuple):
    """A number of correct items out of `n`."""

    right: int
    n: int


class Tally(NamedTuple):
    """The counts of an interview; None if the reference lacks the labels. Boundary errors are in milliseconds."""

    words: words.Counts | None = None
    permuted: words.Counts | None = None
    turns: turns.TurnErrors | None = None
    turns_collar: turns.TurnErrors | None = None
    jaccard: turns.Jaccard | None = None
    jaccard_collar: turns.Jaccard | None = None
    speakers: Share | None = None
    roles: Share | None = None
    word_boundaries: tuple[float, ...] | None = None
    phone_boundaries: tuple[float, ...] | None = None


def compare(reference: Labels, found: Labels) -> Tally:
    """Compares an interview of a release with its reference."""
    tally = Tally()
    word_counts: dict[tuple[str, str], float] = {}
    if reference.words is not None:
        reference_words, found_words = words.spoken_words_of(reference.words), words.spoken_words_of(found.words or ())
        counts, pairs = words.compare(reference_words, found_words)
        word_counts = words.shared_words(pairs)
        tally = tally._replace(
            words=counts,
            permuted=words.permutation_counts(reference_words, found_words),
            speakers=_speakers(pairs, word_counts),
            word_boundaries=words.boundary_errors(pairs),
            phone_boundaries=phones.boundary_errors(words.tokens(pairs)),
        )
    seconds: dict[tuple[str, str], float] = {}
    if reference.turns is not None:
        strict, jaccard = turns.compare(reference.turns, found.turns or (), 0.0)
        with_collar, jaccard_collar = turns.compare(reference.turns, found.turns or (), COLLAR)
        seconds = mapping.shared_seconds(reference.turns, found.turns or ())
        tally = tally._replace(turns=strict, turns_collar=with_collar, jaccard=jaccard, jaccard_collar=jaccard_collar)
    return tally._replace(roles=_roles(reference, found, seconds, word_counts))


def _speakers(pairs: Sequence[words.Pair], word_counts: Mapping[tuple[str, str], float]) -> Share | None:
    right = sum(word_counts.get((truth, name), 0) for name, truth in mapping.one_to_one(word_counts).items())
    attributed = sum(truth.word.speaker is not None for truth, _ in pairs)
    return Share(int(right), attributed) if attributed else None


def _roles(
    reference: Labels,
    found: Labels,
    seconds: Mapping[tuple[str, str], float],
    word_counts: Mapping[tuple[str, str], float],
) -> Share | None:
    """The number of speakers with the correct role; speakers without a counterpart or its words have none."""
    if not reference.roles:
        return None
    counterpart = {**mapping.counterparts(word_counts), **mapping.counterparts(seconds)}
    right = sum(found.roles.get(counterpart.get(speaker, "")) == role for speaker, role in reference.roles.items())
    return Share(right, len(reference.roles))


def pool(tallies: Iterable[Tally]) -> Tally:
    """The sum of the tallies; a measure without a reference in any interview stays None."""
    return Tally(*(_sum([part for part in column if part is not None]) for column in zip(*tallies, strict=True)))


def _sum(parts: list[Any]) -> Any:
    """Adds counts element-wise and concatenates boundary errors."""
    if not parts:
        return None
    if isinstance(parts[0], Share | words.Counts | turns.TurnErrors | turns.Jaccard):
        return type(parts[0])(*(sum(values) for values in zip(*parts, strict=True)))
    return tuple(error for part in parts for error in part)


def rates(tally: Tally) -> dict[str, Any]:
    """The measures by name: rates, usually in [0, 1]; above 1 with many insertions or false alarms."""
    return {
        "wer": _ratio(tally.words.errors, tally.words.n) if tally.words else None,
        "wer_parts": tally.words._asdict() | {"n": tally.words.n} if tally.words else None,
        "cpwer": _ratio(tally.permuted.errors, tally.permuted.n) if tally.permuted else None,
        "der": _der(tally.turns),
        "der_parts": _der_parts(tally.turns),
        "der_collar_025": _der(tally.turns_collar),
        "der_collar_025_parts": _der_parts(tally.turns_collar),
        "jer": _ratio(*tally.jaccard) if tally.jaccard else None,
        "jer_collar_025": _ratio(*tally.jaccard_collar) if tally.jaccard_collar else None,
        "word_speaker_accuracy": _ratio(*tally.speakers) if tally.speakers else None,
        "role_accuracy": _ratio(*tally.roles) if tally.roles else None,
        "word_boundary": _boundary_statistics(tally.word_boundaries),
        "phone_boundary": _boundary_statistics(tally.phone_boundaries),
    }


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None


def _der(errors: turns.TurnErrors | None) -> float | None:
    return _ratio(errors.missed + errors.false_alarm + errors.confusion, errors.total) if errors else None


def _der_parts(errors: turns.TurnErrors | None) -> dict[str, float | None] | None:
    """Missed speech, false alarms and confusion relative to the reference's speech, and its seconds."""
    if errors is None:
        return None
    parts = {name: _ratio(getattr(errors, name), errors.total) for name in ("missed", "false_alarm", "confusion")}
    return {**parts, "total_s": round(errors.total, 3)}


def _boundary_statistics(errors: tuple[float, ...] | None) -> dict[str, float] | None:
    if not errors:
        return None
    within = {
        f"within_{limit}": round(sum(error <= limit + _ROUNDING for error in errors) / len(errors), 6)
        for limit in _WITHIN
    }
    return {"mean_ms": round(fmean(errors), 3), "median_ms": round(median(errors), 3), **within, "n": len(errors)}
