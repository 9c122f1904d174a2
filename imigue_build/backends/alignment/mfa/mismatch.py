"""Detects aligned utterances that do not match their text, by comparison with others of the same speaker.

A wide beam aligns any text with any audio: phones that were not spoken get the minimum duration of the model, and
the audio is unlikely under them. The likelihood depends on speaker, room and model, and the share of short phones
on the speaker, so an utterance is compared with others of the same speaker in the same interview, never with the
whole batch. The thresholds are conservative: someone who checks flagged utterances should not find good ones.

Measured with a similar model on 48 utterances of read speech: at most 20 % of the phones of correct text have the
minimum duration (median 9 %); of the phones of swapped text 38 % in the median.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median
from typing import Final, NamedTuple

from imigue_build.backends.alignment.mfa.results import TimedUtterance

_MIN_PHONE: Final = 0.0301  # seconds: three frames, one for each state of a phone's model
_MIN_OTHERS: Final = 4  # utterances for a comparison
_MIN_PHONES: Final = 6  # of an utterance that can be tested
_MAX_RATE: Final = 28.0  # phones per second over an utterance: faster than anyone speaks
_MIN_SHORT_SHARE: Final = 0.12  # a share of phones of minimum duration up to this is normal
_MANY_SHORT: Final = 4.0  # standard deviations of the number of short phones above the expected one: suspect
_RATHER_MANY_SHORT: Final = 2.5  # suspect if the audio is unlikely as well
_UNLIKELY: Final = 3.5  # standard deviations of the likelihood below the others
_MAD: Final = 1.4826  # median absolute deviation to standard deviation
_MIN_SPREAD: Final = 0.03  # standard deviation of the likelihood, relative to the median


class AlignmentStatistics(NamedTuple):
    """Of one utterance: its log-likelihood, number of phones, of short phones, and phones per second."""

    likelihood: float | None
    phones: int
    short_phones: int
    rate: float


def alignment_statistics(utterance: TimedUtterance) -> AlignmentStatistics:
    """The statistics of an aligned utterance."""
    durations = [phone.end - phone.start for word in utterance.words for phone in word.phones]
    likelihood = utterance.quality.log_likelihood if utterance.quality else None
    short = sum(duration <= _MIN_PHONE for duration in durations)
    rate = len(durations) / sum(durations) if durations else 0.0
    return AlignmentStatistics(likelihood, len(durations), short, rate)


def mismatches(group: Sequence[AlignmentStatistics]) -> list[bool]:
    """Which utterances of one speaker in one interview do not match their text, in order.

    Suspect are utterances that are faster than anyone speaks, those with far more short phones than the others of
    the group, and those with clearly more short phones and a far lower likelihood. Those with too few phones to be
    tested alone are tested as one, and suspect together.
    """
    suspect = [_is_mismatch(item, [*group[:index], *group[index + 1 :]]) for index, item in enumerate(group)]
    brief = [item for item in group if item.phones < _MIN_PHONES]
    together = bool(brief) and _is_mismatch(_sum(brief), group)
    return [together if item.phones < _MIN_PHONES else alone for item, alone in zip(group, suspect, strict=True)]


def _sum(items: Sequence[AlignmentStatistics]) -> AlignmentStatistics:
    """The statistics of several utterances, one after the other; their likelihoods are not comparable."""
    phones, seconds = sum(item.phones for item in items), sum(item.phones / item.rate for item in items if item.rate)
    return AlignmentStatistics(
        None, phones, sum(item.short_phones for item in items), phones / seconds if seconds else 0.0
    )


def _is_mismatch(tested: AlignmentStatistics, others: Sequence[AlignmentStatistics]) -> bool:
    if tested.phones < _MIN_PHONES:
        return False
    if tested.rate > _MAX_RATE:
        return True
    compared = [other for other in others if other.phones >= _MIN_PHONES]
    if len(compared) < _MIN_OTHERS:
        return False
    expected = max(median(other.short_phones / other.phones for other in compared), _MIN_SHORT_SHARE)
    if expected >= 1:
        return False
    excess = (tested.short_phones - expected * tested.phones) / sqrt(tested.phones * expected * (1 - expected))
    return excess > _MANY_SHORT or (excess > _RATHER_MANY_SHORT and _is_unlikely(tested, compared))


def _is_unlikely(tested: AlignmentStatistics, others: Sequence[AlignmentStatistics]) -> bool:
    likelihoods = [other.likelihood for other in others if other.likelihood is not None]
    if tested.likelihood is None or len(likelihoods) < _MIN_OTHERS:
        return False
    middle = median(likelihoods)
    spread = max(_MAD * median(abs(value - middle) for value in likelihoods), _MIN_SPREAD * abs(middle))
    return tested.likelihood < middle - _UNLIKELY * spread
