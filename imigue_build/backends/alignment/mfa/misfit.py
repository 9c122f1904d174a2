"""Which utterances do not sound like their text, told by how much they differ from others of the same voice.

A wide beam places any text in any sound: phones that were not said are squeezed to the shortest
length that the model has, and the sound is unlikely under them. How likely sound is depends on
voice, room and model, and how many phones are short on who speaks, so an utterance is compared
with the others of its speaker in the same interview, never with those of a batch. All limits are
wide: who listens to flagged utterances again shall not hear good ones.

Measured with another model of the same kind, on 48 utterances of read speech: of the phones of true
text at most 20 % have the shortest length (median 9 %), of those of swapped text 38 % in the median.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median
from typing import Final, NamedTuple

from imigue_build.backends.alignment.mfa.results import Placed

_SHORTEST_PHONE: Final = 0.0301  # seconds: three frames, one for each state of a phone's model
_FEWEST_OTHERS: Final = 4  # utterances, below which nothing is known of the voice
_FEWEST_PHONES: Final = 6  # an utterance of fewer says too little
_FASTEST: Final = 28.0  # phones a second over a whole utterance: nobody speaks so
_LEAST_SHARE: Final = 0.12  # of shortest phones, that are no sign of anything
_SQUEEZED: Final = 4.0  # standard deviations of the count of shortest phones above the others' share: enough
_RATHER_SQUEEZED: Final = 2.5  # and enough where the sound is unlikely as well
_UNLIKELY: Final = 3.5  # standard deviations of the likelihood below the others
_MAD: Final = 1.4826  # median absolute deviation to standard deviation
_LEAST_SPREAD: Final = 0.03  # of the likelihood's own size, as a standard deviation: utterances differ that much


class Fitness(NamedTuple):
    """What tells of one utterance: log-likelihood of its speech, phones, the shortest among them, phones a second."""

    likelihood: float | None
    phones: int
    squeezed: int
    rate: float


def fitness(placed: Placed) -> Fitness:
    """How well an aligned utterance fits, by itself."""
    lengths = [phone.end - phone.start for sound in placed.sounds for phone in sound.phones]
    likelihood = placed.quality.speech_log_likelihood if placed.quality else None
    squeezed = sum(length <= _SHORTEST_PHONE for length in lengths)
    return Fitness(likelihood, len(lengths), squeezed, len(lengths) / sum(lengths) if lengths else 0.0)


def misfits(group: Sequence[Fitness]) -> list[bool]:
    """Which utterances of one speaker in one interview do not fit their text, in order.

    Suspect are those that are faster than anybody speaks, and those that are far more squeezed than
    the others of the group, or clearly more squeezed and far less likely.
    """
    return [_is_misfit(one, [*group[:at], *group[at + 1 :]]) for at, one in enumerate(group)]


def _is_misfit(one: Fitness, others: Sequence[Fitness]) -> bool:
    if one.phones < _FEWEST_PHONES:
        return False
    if one.rate > _FASTEST:
        return True
    known = [other for other in others if other.phones >= _FEWEST_PHONES]
    if len(known) < _FEWEST_OTHERS:
        return False
    usual = max(median(other.squeezed / other.phones for other in known), _LEAST_SHARE)
    if usual >= 1:
        return False
    excess = (one.squeezed - usual * one.phones) / sqrt(one.phones * usual * (1 - usual))
    return excess > _SQUEEZED or (excess > _RATHER_SQUEEZED and _is_unlikely(one, known))


def _is_unlikely(one: Fitness, others: Sequence[Fitness]) -> bool:
    likelihoods = [other.likelihood for other in others if other.likelihood is not None]
    if one.likelihood is None or len(likelihoods) < _FEWEST_OTHERS:
        return False
    usual = median(likelihoods)
    spread = max(_MAD * median(abs(value - usual) for value in likelihoods), _LEAST_SPREAD * abs(usual))
    return one.likelihood < usual - _UNLIKELY * spread
