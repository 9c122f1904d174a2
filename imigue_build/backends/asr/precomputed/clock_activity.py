"""Whether a transcript's times fit where speech is, without listening to the words.

The recording is cut into windows; in each, the text's activity (its words, or segments) is shifted against the
speech's. Where the text has pauses, and they match the sound's at no shift but 0, the times are right there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.core.intervals import Timed

_STEP: Final = 0.1
"""Seconds."""
_WINDOW: Final = 60.0
_MAX_SHIFT: Final = 15.0
_RIGHT: Final = 0.25
"""Seconds of shift at which the best match still says that the times are right."""
_ELSEWHERE: Final = 1.0
"""Seconds from which a shift is another one."""
_MATCH: Final = 0.5
"""Correlation of text and speech from which they match."""
_BETTER: Final = 0.25
"""By how much the correlation has to exceed that at other shifts."""
_SHARE: Final = 0.7
"""Of the windows, in which the times have to be right; and in the first and the last of them."""


def fits(spans: Sequence[Timed], probabilities: NDArray[np.float32]) -> bool:
    """Whether the times are surely right; false where pauses do not tell.

    Args:
        spans: Words, or segments of the text, in any order; seconds.
        probabilities: (chunks,) of speech, of `silero_vad`.
    """
    import numpy as np

    duration = len(probabilities) * CHUNK_SECONDS
    count = int(duration / _STEP)
    if count == 0:
        return False
    steps = np.arange(count)
    speech = (probabilities[(steps * _STEP / CHUNK_SECONDS).astype(np.int64)] >= 0.5).astype(float)
    text = np.zeros(count)
    for span in spans:
        text[max(0, round(span.start / _STEP)) : max(0, round(span.end / _STEP))] = 1.0
    windows = max(1, round(duration / _WINDOW))
    edges = [round(count * k / windows) for k in range(windows + 1)]
    right = [_is_right(text[a:b], speech, a) for a, b in pairwise(edges)]
    return right[0] and right[-1] and sum(right) >= _SHARE * windows


def _is_right(text: NDArray[np.float64], speech: NDArray[np.float64], begin: int) -> bool:
    """Whether a window of the text, from step `begin`, matches the speech there, and at no other shift."""
    import numpy as np

    reach = round(_MAX_SHIFT / _STEP)
    padded = np.pad(speech, reach)
    around = padded[begin : begin + len(text) + 2 * reach]
    views = np.lib.stride_tricks.sliding_window_view(around, len(text))
    centred = text - text.mean()
    spread = np.sqrt((centred**2).sum() * views.var(axis=1) * len(text))
    match = np.where(spread > 0, views @ centred / np.where(spread > 0, spread, 1), 0.0)
    shifts = (np.arange(len(match)) - reach) * _STEP
    best = int(match.argmax())
    others = match[abs(shifts) >= _ELSEWHERE].max()
    return bool(abs(shifts[best]) <= _RIGHT + 1e-9 and match[best] >= _MATCH and match[best] - others >= _BETTER)
