"""Diarization from speaker embeddings: VAD, windows, clustering, resegmentation.

Windows of speech are embedded and clustered; the number of speakers is the largest at which no two
clusters sound like one voice. A Viterbi pass over short windows then places the changes, at
silences rather than within speech.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from imigue_build.backends import silero_vad
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.speaker_embedding import SpeakerEmbedding, embedding_kind, load_embedding
from imigue_build.errors import BackendError, ImigueError
from imigue_build.records import Diarization, Provenance, Span, Speaker, Turn, milliseconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.config import DvectorDiarize

    Vectors = NDArray[np.float32]  # (windows, dimensions), unit length
    Frames = NDArray[np.int64]  # (windows, 2), first frame and the one after the last

__all__ = ["DvectorDiarizer", "embedding_kind"]

_FRAMES_PER_SECOND: Final = 100
_CLUSTER_WINDOW: Final = 160  # frames: long windows know the voice
_CHANGE_WINDOW: Final = 80  # frames: short ones know the place
_HOP: Final = 10  # frames
_MOST_CLUSTERED: Final = 3000  # windows; Ward's method is quadratic, the rest join the nearest cluster
_SAME_VOICE: Final = 0.88  # mean cosine between two clusters, as a share of the typical one within a voice
_LEAST: Final = 2.0  # seconds that a voice must have been heard to count
_CHANGE_IN_SPEECH, _CHANGE_AT_SILENCE = 6.0, 1.5  # costs of a change, in summed cosines of frames
_ROUNDS: Final = 3
_LEVEL: Final = 10 ** (-30 / 20)  # root mean square of speech that the embedding expects


class DvectorDiarizer:
    """Diarizes recording by recording; the embedding is loaded at first use."""

    def __init__(self, config: DvectorDiarize) -> None:
        self._config = config
        self._loaded: SpeakerEmbedding | None = None

    @property
    def _embedding(self) -> SpeakerEmbedding:
        if self._loaded is None:
            self._loaded = load_embedding(self._config.embedding)
        return self._loaded

    def provenance(self) -> Provenance:
        """Versions of the tools, and the models of the embedding and the VAD.

        Raises:
            BackendError: If one is missing.
        """
        voice, vad = self._embedding.provenance(), silero_vad.provenance()
        tools = {name: version(name) for name in ("numpy", "scipy")}
        return Provenance({**tools, **voice.tools, **vad.tools}, voice.models + vad.models)

    def diarize(self, batch: Sequence[Samples]) -> list[Diarization | ImigueError]:
        """The diarization of each recording, or the error that stopped that one alone."""
        return [self._recording(audio) for audio in batch]

    def _recording(self, audio: Samples) -> Diarization | ImigueError:
        probabilities = silero_vad.speech_probabilities(audio)
        speech = silero_vad.speech_regions(probabilities, len(audio) / SAMPLE_RATE, self._config.vad)
        if not speech:
            return BackendError("no speech was found in the recording", "check that its sound is audible")
        try:
            voices = _Voices(self._embedding, audio, speech)
            labels = voices.segment(self._centroids(voices))
        except ImigueError as error:
            return error
        return _diarization(speech, labels, voices)

    def _centroids(self, voices: _Voices) -> Vectors:
        """One unit vector for each speaker."""
        config, most = self._config, len(voices.long)
        if config.num_speakers is not None:
            return voices.cluster(min(config.num_speakers, most))
        chosen = voices.cluster(min(config.min_speakers, most))
        for number in range(max(config.min_speakers, 1) + 1, min(config.max_speakers, most) + 1):
            candidate = voices.cluster(number)
            if len(candidate) == number and voices.apart(candidate, self._embedding.typical):
                chosen = candidate
        return chosen


class _Voices:
    """The embedded windows of one recording's speech."""

    def __init__(self, embedding: SpeakerEmbedding, audio: Samples, speech: Sequence[Span]) -> None:
        import numpy as np

        self.regions = [
            (
                int(span.start * _FRAMES_PER_SECOND),
                max(int(span.end * _FRAMES_PER_SECOND), int(span.start * _FRAMES_PER_SECOND) + 1),
            )
            for span in speech
        ]
        heard = np.concatenate([audio[a * 160 : b * 160] for a, b in self.regions]).astype(np.float64) / 32768
        level = float(np.sqrt(np.mean(heard**2))) if len(heard) else 0.0
        features = embedding.features(audio, _LEVEL / max(level, 1e-5))
        self.long, self._long_at = self._embed(embedding, features, _CLUSTER_WINDOW)
        self.short, self._short_at = self._embed(embedding, features, _CHANGE_WINDOW)

    def _embed(self, embedding: SpeakerEmbedding, features: NDArray[np.float32], length: int) -> tuple[Vectors, Frames]:
        """Windows of `length` frames inside the regions; a shorter region is repeated to that length."""
        import numpy as np

        places: list[tuple[int, int]] = []
        for first, last in self.regions:
            span = min(length, last - first)
            starts = sorted({*range(first, last - span + 1, _HOP), last - span})
            places += [(start, start + span) for start in starts]
        rows = np.array([start + np.arange(length) % (end - start) for start, end in places])
        rows = np.minimum(rows, len(features) - 1)
        return embedding.embed(features, rows), np.array(places)

    def cluster(self, number: int) -> Vectors:
        """Centroids of at most `number` voices: Ward's method, then rounds of resegmentation."""
        import numpy as np
        from scipy.cluster.hierarchy import fcluster, linkage

        if number <= 1 or len(self.long) < 2:
            return _unit(self.long.mean(axis=0, keepdims=True))
        step = -(-len(self.long) // _MOST_CLUSTERED)
        sample = self.long[::step]
        found = fcluster(linkage(sample, "ward"), number, "maxclust") - 1
        centroids = _unit(np.array([sample[found == voice].mean(axis=0) for voice in range(found.max() + 1)]))
        for _ in range(_ROUNDS):
            labels = self.segment(centroids)
            owners = self._owners(labels, self._short_at, len(centroids))
            kept = [voice for voice in range(len(centroids)) if (owners == voice).any()]
            centroids = _unit(np.array([self.short[owners == voice].mean(axis=0) for voice in kept]))
        return centroids

    def apart(self, centroids: Vectors, typical: float) -> bool:
        """Whether every voice was heard long enough, and no two sound like one."""
        import numpy as np

        labels = self.segment(centroids)
        frames = np.bincount(np.concatenate(labels), minlength=len(centroids))
        if frames.min() < _LEAST * _FRAMES_PER_SECOND:
            return False
        owners = self._owners(labels, self._long_at, len(centroids))
        means = []
        for voice in range(len(centroids)):
            own = self.long[owners == voice]
            if not len(own):
                return False
            means.append(own.mean(axis=0))
        between = np.array(means) @ np.array(means).T
        np.fill_diagonal(between, -1)
        return bool(between.max() < _SAME_VOICE * typical)

    def segment(self, centroids: Vectors) -> list[NDArray[np.int64]]:
        """For each region the voice of each frame: (frames,), by Viterbi over the short windows."""
        import numpy as np

        scores = self.short @ centroids.T
        middles = self._short_at.mean(axis=1)
        pieces = []
        for first, last in self.regions:
            inside = (self._short_at[:, 0] >= first) & (self._short_at[:, 1] <= last)
            at = np.arange(first, last) + 0.5
            pieces.append(
                np.stack([np.interp(at, middles[inside], scores[inside, k]) for k in range(len(centroids))], axis=1)
            )
        starts = np.cumsum([0, *(len(piece) for piece in pieces)])
        costs = np.full(starts[-1], _CHANGE_IN_SPEECH)
        costs[starts[:-1]] = _CHANGE_AT_SILENCE
        path = _viterbi(np.concatenate(pieces), costs)
        return [path[a:b] for a, b in pairwise(starts)]

    def _owners(self, labels: Sequence[NDArray[np.int64]], places: Frames, voices: int) -> NDArray[np.int64]:
        """For each window the voice that at least nine tenths of it belong to, or -1."""
        import numpy as np

        timeline = np.full(self.regions[-1][1] + 1, -1)
        for (first, last), own in zip(self.regions, labels, strict=True):
            timeline[first:last] = own
        owners = np.full(len(places), -1)
        for index, (first, last) in enumerate(places):
            counts = np.bincount(timeline[first:last], minlength=voices)
            if counts.max() >= 0.9 * (last - first):
                owners[index] = counts.argmax()
        return owners

    def mean_voice(self, labels: Sequence[NDArray[np.int64]], voice: int, voices: int) -> tuple[float, ...] | None:
        """The mean embedding of a voice, a unit vector."""
        own = self.short[self._owners(labels, self._short_at, voices) == voice]
        return tuple(float(value) for value in _unit(own.mean(axis=0, keepdims=True))[0]) if len(own) else None


def _unit(vectors: Vectors) -> Vectors:
    import numpy as np

    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def _viterbi(scores: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """The best path through (frames, voices) scores where a change into frame t costs `costs[t]`."""
    import numpy as np

    frames, voices = scores.shape
    back = np.empty((frames, voices), np.int64)
    own = np.arange(voices)
    best = scores[0].copy()
    for frame in range(1, frames):
        winner = int(best.argmax())
        stay = best >= best[winner] - costs[frame]
        back[frame] = np.where(stay, own, winner)
        best = np.where(stay, best, best[winner] - costs[frame]) + scores[frame]
    path = np.empty(frames, np.int64)
    path[-1] = int(best.argmax())
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    return path


def _diarization(speech: Sequence[Span], labels: Sequence[NDArray[np.int64]], voices: _Voices) -> Diarization:
    """Turns from the frames' voices; speakers are numbered by first appearance."""
    names: dict[int, str] = {}
    turns: list[Turn] = []
    for span, own, (first, _) in zip(speech, labels, voices.regions, strict=True):
        edges = [0, *(index for index in range(1, len(own)) if own[index] != own[index - 1]), len(own)]
        for begin, end in pairwise(edges):
            name = names.setdefault(int(own[begin]), f"SPEAKER_{len(names):02d}")
            start = span.start if begin == 0 else (first + begin) / _FRAMES_PER_SECOND
            stop = span.end if end == len(own) else (first + end) / _FRAMES_PER_SECOND
            turns.append(Turn(milliseconds(start) / 1000, milliseconds(stop) / 1000, name))
    speakers = tuple(
        Speaker(
            name,
            sum(turn.duration for turn in turns if turn.speaker == name),
            sum(turn.speaker == name for turn in turns),
            voices.mean_voice(labels, voice, max(names) + 1),
        )
        for voice, name in names.items()
    )
    return Diarization(tuple(turns), tuple(turns), (), tuple(speech), speakers)
