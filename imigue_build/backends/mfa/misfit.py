"""Which utterances do not sound like their text, told by how much they differ from others of the same voice.

A wide beam places any text in any sound: phones that were not said are squeezed to the shortest
length that the model has, and the sound is unlikely under them. How likely sound is depends on
voice, room and model, so an utterance is compared with the others of its speaker in the
same interview, never with those of a batch. All limits are wide: who reads flagged utterances
again shall not read good ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

from imigue_build.backends.mfa.results import Placed

_SHORTEST_PHONE: Final = 0.0301  # seconds: three frames, one for each state of a phone's model
_FEWEST_OTHERS: Final = 4  # below it nothing is known of the voice
_FEWEST_PHONES: Final = 6  # an utterance of fewer says too little
_FASTEST: Final = 28.0  # phones a second over a whole utterance: nobody speaks so
_SQUEEZED: Final = 0.25  # share of shortest phones by which an utterance exceeds the others
_UNLIKELY: Final = 3.5  # standard deviations of the likelihood below the others
_MAD: Final = 1.4826  # median absolute deviation to standard deviation
_LEAST_SPREAD: Final = 0.03  # of the likelihood's own size, as a standard deviation: utterances differ that much


class Fitness(NamedTuple):
    """What tells of one utterance: mean log-likelihood of its speech, share of shortest phones, phones a second."""

    likelihood: float | None
    squeezed: float
    rate: float
    phones: int


def fitness(placed: Placed) -> Fitness:
    """How well an aligned utterance fits, by itself."""
    lengths = [phone.end - phone.start for sound in placed.sounds for phone in sound.phones]
    likelihood = placed.quality.speech_log_likelihood if placed.quality else None
    if not lengths:
        return Fitness(likelihood, 0.0, 0.0, 0)
    squeezed = sum(length <= _SHORTEST_PHONE for length in lengths) / len(lengths)
    return Fitness(likelihood, squeezed, len(lengths) / sum(lengths), len(lengths))


def misfits(group: Sequence[Fitness]) -> list[bool]:
    """Which utterances of one speaker in one interview do not fit their text, in order.

    Suspect are those that are faster than anybody speaks, and those that are both far less likely and
    far more squeezed than the others of the group.
    """
    return [_is_misfit(one, [*group[:at], *group[at + 1 :]]) for at, one in enumerate(group)]


def _is_misfit(one: Fitness, others: Sequence[Fitness]) -> bool:
    if one.phones < _FEWEST_PHONES:
        return False
    if one.rate > _FASTEST:
        return True
    known = [other for other in others if other.likelihood is not None and other.phones >= _FEWEST_PHONES]
    if one.likelihood is None or len(known) < _FEWEST_OTHERS:
        return False
    likelihoods = [other.likelihood for other in known if other.likelihood is not None]
    usual = median(likelihoods)
    spread = max(_MAD * median(abs(value - usual) for value in likelihoods), _LEAST_SPREAD * abs(usual))
    unlikely = one.likelihood < usual - _UNLIKELY * spread
    return unlikely and one.squeezed > median(other.squeezed for other in known) + _SQUEEZED
