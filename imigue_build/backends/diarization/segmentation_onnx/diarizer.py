"""Who spoke when, with overlap: local segmentation, speaker embeddings, clustering, resegmentation.

The network segments windows of ten seconds (`local_speakers`); speech is cut into pieces of one voice,
which are embedded (`voices`) and clustered into speakers (`linkage`); each frame then gets its speaker,
and each frame of overlap two (`resegmentation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx import local_speakers, resegmentation, voices
from imigue_build.backends.diarization.segmentation_onnx.linkage import find_voices
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS
from imigue_build.backends.diarization.segmentation_onnx.networks import Networks
from imigue_build.backends.diarization.segmentation_onnx.turns import diarization_of
from imigue_build.backends.signal import silero_vad
from imigue_build.config.sections import SpeakerBounds, SpeakerVad
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Diarization, Provenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.backends.diarization.segmentation_onnx.local_speakers import Heard
    from imigue_build.backends.diarization.segmentation_onnx.voices import Stretches, Voices

_SPEECH: Final = 0.5
_OVERLAP: Final = 0.5
_SURE: Final = 0.95
_NEAR: Final = 0.99
"""Share of what the network surely takes for speech that Silero hears where voices are near."""
_FAINT: Final = 0.3
"""The probability at which faint speech ends."""
_QUIET: Final = 0.05
"""Peak, of full scale, below which Silero needs the sound amplified; the networks do not."""
_LONE: Final = 0.3
"""Seconds for which Silero must hear speech, to be believed alone."""
_PAUSE: Final = round(0.15 / FRAME_SECONDS)
_PIECE: Final = int(2.0 / FRAME_SECONDS)
_SAME_LOCAL: Final = 0.1
"""What the local speakers say of two pieces, in cosines."""
_MOST_PIECES: Final = 4000
"""Pieces that are clustered; the similarities of all pairs are in memory."""


class SegmentationDiarize(SpeakerBounds):
    """pyannote's segmentation-3.0 and CAM++ speaker embeddings through onnxruntime."""

    backend: Literal["segmentation-onnx"]
    vad: SpeakerVad = SpeakerVad()


class SegmentationDiarizer:
    """Diarizes recording by recording; the networks are loaded at first use.

    Args:
        config: Bounds on the number of speakers.
    """

    def __init__(self, config: SegmentationDiarize) -> None:
        self._config = config
        self._networks = Networks()

    def provenance(self) -> Provenance:
        """Tools and models of the VAD and the two networks.

        Raises:
            BackendError: If one of them is missing.
        """
        vad, networks = silero_vad.provenance(), self._networks.provenance()
        return Provenance(vad.tools | networks.tools, vad.models + networks.models)

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        """Each recording's speakers and turns, or why it has none."""
        return [self._one(task) for task in batch]

    def _one(self, task: AudioTask) -> Diarization | ImigueError:
        audio = task.audio
        try:
            heard = local_speakers.listen(audio, self._networks)
            speech = _speech(audio, heard, self._config.vad)
            if not speech.any():
                return BackendError(
                    f"no speech was found in {len(audio) / SAMPLE_RATE:.1f} s of audio",
                    "check that somebody speaks in it",
                )
            return self._diarized(audio, heard, speech, self._bounds(task.num_speakers))
        except ImigueError as error:
            return error

    def _diarized(
        self, audio: Samples, heard: Heard, speech: NDArray[np.bool_], bounds: tuple[int, int]
    ) -> Diarization:
        overlap = (heard.overlap() > _OVERLAP) & speech
        joined = voices.filled(speech, _PAUSE)
        at = local_speakers.changes(heard, speech)
        stretches = voices.cut(voices.runs(joined), at)
        single = voices.cut(voices.runs(joined & ~overlap), at)
        found = self._voices(audio, heard, single if len(single) else stretches, bounds)
        windows, owners = resegmentation.windows_of(stretches)
        embedded = voices.embed(audio, windows, self._networks)
        labels, found = resegmentation.label(heard.frames, stretches, windows, owners, embedded, found)
        labels[~speech] = -1
        who = resegmentation.both_speakers(heard, labels, overlap, len(found))
        return diarization_of(who, labels, found, len(audio))

    def _voices(self, audio: Samples, heard: Heard, stretches: Stretches, bounds: tuple[int, int]) -> Voices:
        import numpy as np

        pieces = voices.split(stretches, _PIECE)
        if len(pieces) > _MOST_PIECES:
            pieces = pieces[np.linspace(0, len(pieces) - 1, _MOST_PIECES).astype(np.int64)]
        embedded = voices.embed(audio, pieces, self._networks)
        bonus = local_speakers.same_speaker(heard, pieces)
        bonus *= np.float32(_SAME_LOCAL)
        seconds = np.asarray((pieces[:, 1] - pieces[:, 0]) * FRAME_SECONDS, np.float64)
        return find_voices(embedded, seconds, bonus, bounds)

    def _bounds(self, known: int | None) -> tuple[int, int]:
        known = known or self._config.num_speakers
        return (known, known) if known else (self._config.min_speakers, self._config.max_speakers)


def _speech(audio: Samples, heard: Heard, vad: SpeakerVad) -> NDArray[np.bool_]:
    """(frames,) where somebody speaks, by the network and Silero's VAD.

    The network bridges pauses within a turn, and takes some music for speech: where Silero hears nothing
    in a whole stretch, there is no speech. Where voices are near, Silero hears all that the network is sure
    of, and its pauses count too. Where they are far both miss some: there speech is what either hears.
    """
    import numpy as np

    probability = heard.speech()
    seconds = np.arange(heard.frames) * FRAME_SECONDS + local_speakers.FIRST_MIDDLE
    probability[seconds >= len(audio) / SAMPLE_RATE] = 0
    silero = silero_vad.speech_probabilities(_audible(audio))

    def by_silero(**settings: float) -> NDArray[np.bool_]:
        mask = np.zeros(heard.frames, bool)
        for region in silero_vad.speech_regions(silero, len(audio) / SAMPLE_RATE, vad.model_copy(update=settings)):
            mask |= (region.start <= seconds) & (seconds < region.end)
        return mask

    spoken, sure = by_silero(), probability > _SURE
    if sure.any() and (spoken & sure).sum() >= _NEAR * sure.sum():
        return (probability > _SPEECH) & spoken
    faint = probability > _FAINT
    for first, last in voices.runs(faint):
        faint[first:last] = spoken[first:last].any() and probability[first:last].max() > _SPEECH
    return faint | by_silero(pad=0.0, min_speech=_LONE)


def _audible(audio: Samples) -> Samples:
    """The sound, with a peak of half of full scale where it is very quiet."""
    import numpy as np

    peak = max(abs(int(audio.max(initial=0))), abs(int(audio.min(initial=0))))
    return audio if not 0 < peak < _QUIET * 32768 else np.asarray(audio * (16384 / peak), np.int16)
