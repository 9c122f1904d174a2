"""The measures of one interview as counts that add up, so that pooling is adding, and their shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Any, Final, NamedTuple

from imigue_build.apps.scoring import phones, turns, words
from imigue_build.apps.scoring.labels import Labels
from imigue_build.corpus.annotations import mapping

COLLAR: Final = 0.25
"""Seconds on each side of a boundary of the reference that the measures with a collar leave out."""

DEFINITIONS: Final[Mapping[str, str]] = {
    "wer": "(substitutions + deletions + insertions) / words of the reference (jiwer), both sides normalised "
    "(lower case, no punctuation, numbers in words), words of all speakers in the order of their starts",
    "cpwer": "the same for each speaker's words in a row, under the assignment of speakers with the fewest errors: "
    "overlap costs nothing there, a word of the wrong speaker counts twice",
    "der": "(missed + false alarm + wrong speaker) / the reference's speech, in time (pyannote.metrics); "
    "overlap is scored, no collar; der_collar_025 leaves out 0.25 s on each side of the reference's boundaries",
    "jer": "mean over the reference's speakers of 1 - time of both / time of either (pyannote.metrics), no collar",
    "word_speaker_accuracy": "of the words that are right, the share whose speaker is the true one, under the "
    "one-to-one mapping of speakers with the most such words",
    "role_accuracy": "of the reference's speakers with a role, the share whose counterpart in the release has it: "
    "one-to-one by the time that both talk, else by words; who is left over goes with the one he shares most with",
    "word_boundary": "distances of the starts and ends of words that are right, in milliseconds; "
    "within_N: the share of at most N ms",
    "phone_boundary": "the same for phones of words that are right, matched in order within the word, in ARPAbet "
    "(TIMIT folded into it), by the same phone or one of its class",
}
"""What each measure means; everything pooled adds up over interviews, each word or second counting the same."""

_WITHIN: Final = (20, 50, 100)
_ROUNDING: Final = 1e-6  # milliseconds: 0.120 - 0.100 is no more than 20 ms


class Share(NamedTuple):
    """How many of how many are right."""

    right: int
    n: int


class Tally(NamedTuple):
    """What was counted; None where the reference says nothing on it. Boundaries are errors in milliseconds."""

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
    """What one interview of a release has right, and what not."""
    tally = Tally()
    votes: dict[tuple[str, str], float] = {}
    if reference.words is not None:
        truth, other = words.spoken(reference.words), words.spoken(found.words or ())
        counts, pairs = words.compare(truth, other)
        votes = words.votes(pairs)
        tally = tally._replace(
            words=counts,
            permuted=words.permuted(truth, other),
            speakers=_speakers(pairs, votes),
            word_boundaries=words.boundary_errors(pairs),
            phone_boundaries=phones.boundary_errors(words.tokens(pairs)),
        )
    seconds: dict[tuple[str, str], float] = {}
    if reference.turns is not None:
        strict, jaccard = turns.compare(reference.turns, found.turns or (), 0.0)
        collared, jaccard_collar = turns.compare(reference.turns, found.turns or (), COLLAR)
        seconds = mapping.shared_seconds(reference.turns, found.turns or ())
        tally = tally._replace(turns=strict, turns_collar=collared, jaccard=jaccard, jaccard_collar=jaccard_collar)
    return tally._replace(roles=_roles(reference, found, seconds, votes))


def _speakers(pairs: Sequence[words.Pair], votes: Mapping[tuple[str, str], float]) -> Share | None:
    right = sum(votes.get((truth, name), 0) for name, truth in mapping.one_to_one(votes).items())
    attributed = sum(truth.word.speaker is not None for truth, _ in pairs)
    return Share(int(right), attributed) if attributed else None


def _roles(
    reference: Labels,
    found: Labels,
    seconds: Mapping[tuple[str, str], float],
    votes: Mapping[tuple[str, str], float],
) -> Share | None:
    """How many speakers have their role; one without a counterpart, or without words in the release, has none."""
    if not reference.roles:
        return None
    same = {**mapping.counterparts(votes), **mapping.counterparts(seconds)}
    right = sum(found.roles.get(same.get(speaker, "")) == role for speaker, role in reference.roles.items())
    return Share(right, len(reference.roles))


def pool(tallies: Iterable[Tally]) -> Tally:
    """The tallies added up; what no interview has a reference for stays None."""
    return Tally(*(_sum([part for part in column if part is not None]) for column in zip(*tallies, strict=True)))


def _sum(parts: list[Any]) -> Any:
    """Counts added place by place, boundary errors put one after the other."""
    if not parts:
        return None
    if isinstance(parts[0], Share | words.Counts | turns.TurnErrors | turns.Jaccard):
        return type(parts[0])(*(sum(values) for values in zip(*parts, strict=True)))
    return tuple(error for part in parts for error in part)


def shares(tally: Tally) -> dict[str, Any]:
    """The measures by name: shares, in [0, 1] but where false alarms and insertions exceed what there is."""
    return {
        "wer": _share(tally.words.errors, tally.words.n) if tally.words else None,
        "wer_parts": tally.words._asdict() | {"n": tally.words.n} if tally.words else None,
        "cpwer": _share(tally.permuted.errors, tally.permuted.n) if tally.permuted else None,
        "der": _der(tally.turns),
        "der_parts": _der_parts(tally.turns),
        "der_collar_025": _der(tally.turns_collar),
        "der_collar_025_parts": _der_parts(tally.turns_collar),
        "jer": _share(*tally.jaccard) if tally.jaccard else None,
        "jer_collar_025": _share(*tally.jaccard_collar) if tally.jaccard_collar else None,
        "word_speaker_accuracy": _share(*tally.speakers) if tally.speakers else None,
        "role_accuracy": _share(*tally.roles) if tally.roles else None,
        "word_boundary": _distances(tally.word_boundaries),
        "phone_boundary": _distances(tally.phone_boundaries),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None


def _der(errors: turns.TurnErrors | None) -> float | None:
    return _share(errors.missed + errors.false_alarm + errors.confusion, errors.total) if errors else None


def _der_parts(errors: turns.TurnErrors | None) -> dict[str, float | None] | None:
    """The three parts as shares of the reference's speech, and that in seconds."""
    if errors is None:
        return None
    parts = {name: _share(getattr(errors, name), errors.total) for name in ("missed", "false_alarm", "confusion")}
    return {**parts, "total_s": round(errors.total, 3)}


def _distances(errors: tuple[float, ...] | None) -> dict[str, float] | None:
    if not errors:
        return None
    within = {
        f"within_{limit}": round(sum(error <= limit + _ROUNDING for error in errors) / len(errors), 6)
        for limit in _WITHIN
    }
    return {"mean_ms": round(fmean(errors), 3), "median_ms": round(median(errors), 3), **within, "n": len(errors)}
