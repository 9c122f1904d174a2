"""Boundaries of phones between the frames of the acoustic model, by the likelihoods of the two phones around each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from imigue_build.backends.acoustic_model.model import FRAME
from imigue_build.backends.acoustic_model.phone_scores import phones
from imigue_build.backends.acoustic_model.text_decoder import LAG
from imigue_build.backends.signal.boundaries import PhoneSpan

if TYPE_CHECKING:
    from imigue_build.backends.acoustic_model.phone_scores import Scores

_REACH: Final = 2
"""Frames around a boundary in which another is sought."""
_TOUCHING: Final = 1e-6
"""Seconds."""


def placed_between_frames(spans: Sequence[PhoneSpan], scores: Scores) -> list[PhoneSpan]:
    """The spans in the same order, their common boundaries moved by up to a third of a phone.

    A decoder's boundary lies between two frames of 10 ms. Around it the sound passes from one phone to the next where
    the sum of their differences of log-likelihood is greatest, and between the frames there where the difference is 0.
    The two places are averaged: the decoder knows the neighbours of a phone, the likelihoods know parts of a frame.

    Args:
        spans: As of `TextDecoder`, in time order, seconds from the start of the sound.
        scores: (frames, phones) of the sound, from `phone_scores.scores`.
    """
    columns = {name: index for index, name in enumerate(phones())}
    starts, ends = [span.start for span in spans], [span.end for span in spans]
    for index, (left, right) in enumerate(pairwise(spans), 1):
        if right.start - left.end < _TOUCHING and (found := _passage(left, right, scores, columns)) is not None:
            first, last = left.end - (left.end - left.start) / 3, right.start + (right.end - right.start) / 3
            ends[index - 1] = starts[index] = min(max((left.end + found) / 2, first), last)
    return [span._replace(start=start, end=end) for span, start, end in zip(spans, starts, ends, strict=True)]


def _passage(left: PhoneSpan, right: PhoneSpan, scores: Scores, columns: Mapping[str, int]) -> float | None:
    """The time at which one phone passes into the next; None if the likelihoods name none near their boundary."""
    import numpy as np

    if left.phone not in columns or right.phone not in columns:
        return None
    middle = int((left.end - LAG) / FRAME)
    first = max(middle - _REACH, round((left.start - LAG) / FRAME), 0)
    near = scores[first : min(middle + _REACH + 1, round((right.end - LAG) / FRAME))]
    difference = near[:, columns[left.phone]] - near[:, columns[right.phone]]
    after = int(np.argmax(np.cumsum(difference))) + 1 if len(difference) else 0
    if after == len(difference) or difference[0] <= 0:
        return None
    last, following = float(difference[after - 1]), float(difference[after])
    return (first + after - 0.5 + last / (last - following)) * FRAME + LAG
