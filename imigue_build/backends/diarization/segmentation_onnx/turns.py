"""From frames to the record: turns, the exclusive view, overlap and speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FIRST_MIDDLE, FRAME_SECONDS
from imigue_build.backends.diarization.segmentation_onnx.voices import runs
from imigue_build.core import intervals
from imigue_build.core.records import Diarization, Overlap, Span, Speaker, Turn, milliseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.voices import Voices


def diarization_of(who: NDArray[np.bool_], labels: NDArray[np.int64], voices: Voices, samples: int) -> Diarization:
    """The record; speakers are numbered by first appearance.

    Args:
        who: (frames, speakers) who speaks.
        labels: (frames,) the one speaker of the exclusive view, -1 where nobody speaks.
        voices: (speakers, 192).
        samples: Of the recording, which ends all turns.
    """
    import numpy as np

    duration = milliseconds(samples / SAMPLE_RATE) / 1000
    columns = range(who.shape[1])
    turns = _turns([(who[:, k], str(k)) for k in columns], duration)
    names = {key: f"SPEAKER_{order:02d}" for order, key in enumerate(dict.fromkeys(turn.speaker for turn in turns))}
    exclusive = [turn for turn in _turns([(labels == k, str(k)) for k in columns], duration) if turn.speaker in names]
    embeddings = {names[str(k)]: voices[k] for k in columns if str(k) in names}
    return _from_turns(
        [Turn(turn.start, turn.end, names[turn.speaker]) for turn in turns],
        [Turn(turn.start, turn.end, names[turn.speaker]) for turn in exclusive],
        {name: tuple(round(float(value), 6) for value in np.asarray(voice)) for name, voice in embeddings.items()},
    )


def _turns(masks: list[tuple[NDArray[np.bool_], str]], duration: float) -> list[Turn]:
    """The stretches of each mask as turns in time order; a frame reaches half a step to both sides of its middle."""
    found = []
    for mask, speaker in masks:
        for first, last in runs(mask):
            start = max(first * FRAME_SECONDS + FIRST_MIDDLE - FRAME_SECONDS / 2, 0.0)
            end = min(last * FRAME_SECONDS + FIRST_MIDDLE - FRAME_SECONDS / 2, duration)
            start, end = milliseconds(start) / 1000, milliseconds(end) / 1000
            if start < end:
                found.append(Turn(start, end, speaker))
    return sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker))


def _from_turns(
    turns: Sequence[Turn], exclusive: Sequence[Turn], embeddings: dict[str, tuple[float, ...]]
) -> Diarization:
    """The record that follows from its turns."""
    overlap: list[Overlap] = []
    for piece, active in intervals.concurrent(turns):
        speakers = tuple(sorted({turn.speaker for turn in active}))
        if len(speakers) < 2:
            continue
        if overlap and overlap[-1].end == piece.start and overlap[-1].speakers == speakers:
            overlap[-1] = Overlap(overlap[-1].start, piece.end, speakers)
        else:
            overlap.append(Overlap(piece.start, piece.end, speakers))
    speakers_found = []
    for name in dict.fromkeys(turn.speaker for turn in turns):
        own = [turn for turn in turns if turn.speaker == name]
        seconds = round(sum(turn.duration for turn in own), 3)
        speakers_found.append(Speaker(name, seconds, len(own), embeddings.get(name)))
    return Diarization(
        turns=tuple(turns),
        exclusive=tuple(exclusive),
        overlap=tuple(overlap),
        speech=tuple(Span(region.start, region.end) for region in intervals.merge(turns)),
        speakers=tuple(speakers_found),
    )
