"""Which speaker each frame of speech belongs to, given the voices; and who else speaks in overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.dvector.segmentation import best_path
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS
from imigue_build.backends.diarization.segmentation_onnx.voices import spread
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.local_speakers import Heard
    from imigue_build.backends.diarization.segmentation_onnx.voices import Stretches, Voices

    Labels = NDArray[np.int64]  # (frames,) a speaker's number, -1 where nobody speaks

LENGTH: Final = round(1.5 / FRAME_SECONDS)
HOP: Final = round(0.75 / FRAME_SECONDS)
_CHANGE: Final = 0.08
"""Cost of a change of speaker within a stretch, in cosines of a window."""
_CHANGE_BETWEEN: Final = 0.03
"""The same from one stretch to the next."""
_ROUNDS: Final = 2
_FADE: Final = 1.0
"""Seconds after which a frame tells e times less about who is who."""


def windows_of(stretches: Stretches) -> tuple[Stretches, NDArray[np.int64]]:
    """The windows whose voices `label` needs, and for each the index of its stretch."""
    return spread(stretches, LENGTH, HOP)


def label(
    frames: int, stretches: Stretches, windows: Stretches, owners: NDArray[np.int64], heard: Voices, voices: Voices
) -> tuple[Labels, Voices]:
    """The speaker of each frame, by the best path, and the voices as the labels then have them.

    Args:
        frames: Of the recording.
        stretches: Speech, between pauses and changes of local speakers.
        windows: Windows over the stretches.
        owners: (windows,) the index of a window's stretch.
        heard: (windows, 192) their voices.
        voices: (speakers, 192).
    """
    import numpy as np

    labels = np.full(frames, -1, np.int64)
    if not len(stretches):
        return labels, voices
    middles = windows.mean(axis=1)
    bounds = np.searchsorted(owners, np.arange(len(stretches) + 1))
    inside = np.concatenate([np.arange(first, last) for first, last in stretches])
    costs = np.full(len(inside), _CHANGE)
    costs[np.cumsum(stretches[:-1, 1] - stretches[:-1, 0])] = _CHANGE_BETWEEN
    for _ in range(_ROUNDS):
        scores = (heard @ voices.T).astype(np.float64) / HOP
        columns = [_interpolated(stretches, bounds, middles, scores[:, k]) for k in range(len(voices))]
        path = best_path(np.stack(columns, axis=1), costs)
        labels[inside] = path
        voices = _voices_of(labels, windows, heard, voices)
    return labels, voices


def _interpolated(
    stretches: Stretches, bounds: NDArray[np.int64], middles: NDArray[np.float64], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """One speaker's score of each frame of speech, between the middles of the windows of its stretch."""
    import numpy as np

    return np.concatenate(
        [
            np.interp(np.arange(first, last) + 0.5, middles[begin:end], scores[begin:end])
            for (first, last), begin, end in zip(stretches, bounds[:-1], bounds[1:], strict=True)
        ]
    )


def _voices_of(labels: Labels, windows: Stretches, heard: Voices, voices: Voices) -> Voices:
    """Each speaker's mean voice over the windows that are wholly theirs; as it was where there is none."""
    import numpy as np

    found = voices.copy()
    for speaker in range(len(voices)):
        theirs = np.concatenate([[0], np.cumsum(labels == speaker)])
        frames = theirs[windows[:, 1]] - theirs[windows[:, 0]]
        pure = frames == windows[:, 1] - windows[:, 0]
        if pure.any():
            found[speaker] = unit_rows((heard[pure] * frames[pure, None]).sum(axis=0))
    return found


def both_speakers(heard: Heard, labels: Labels, overlap: NDArray[np.bool_], speakers: int) -> NDArray[np.bool_]:
    """(frames, speakers) who speaks, in overlap the two that the windows' local speakers stand for.

    A local speaker stands for the voices of the frames near by in which it alone speaks.

    Args:
        heard: The windows.
        labels: The one speaker of each frame.
        overlap: (frames,) where two speak.
        speakers: How many voices there are.
    """
    import numpy as np

    who: NDArray[np.bool_] = labels[:, None] == np.arange(speakers)
    if speakers < 2 or not overlap.any():
        return who
    length = heard.classes.shape[1]
    votes = np.zeros((len(labels), speakers), np.float32)
    times = np.arange(length) * FRAME_SECONDS / _FADE
    for first, active in heard.active():
        at = np.flatnonzero(overlap[first : first + length])
        if not len(at):
            continue
        part = slice(first, first + length)
        single = who[part] & ~overlap[part, None]
        near = np.exp(-np.abs(times[at, None] - times[None])).astype(np.float32)  # (overlap, frames)
        for local in range(active.shape[1]):
            stands = near @ (single * active[:, local, None])
            stands /= np.maximum(stands.sum(axis=1, keepdims=True), 1e-6)
            votes[first + at] += active[at, local, None] * stands
    top = np.argsort(-votes[overlap], axis=1, kind="stable")[:, :2]
    heard_two = np.take_along_axis(votes[overlap], top, axis=1)[:, 1] > 0
    both = np.zeros((len(top), speakers), bool)
    np.put_along_axis(both, top, True, axis=1)
    who[overlap] = np.where(heard_two[:, None], both, who[overlap])
    return who
