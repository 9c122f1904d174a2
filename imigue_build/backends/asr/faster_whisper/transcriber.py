"""Whisper through faster-whisper: a model that was fetched, or a local folder in CTranslate2 form.

Recordings are decoded one after another and nothing is carried from one to the next, so what is
batched together changes no result. The text is the model's own, word for word; what of it is suspect is flagged
(`whisper.guards`).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.asr.faster_whisper.settings import PACKAGE, TOOLS, model
from imigue_build.backends.asr.whisper.guards import Passage, flagged_segments
from imigue_build.backends.asr.whisper.words import AlignedText, timed_words
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal import silero_vad
from imigue_build.config.sections import Vad
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Provenance, Transcript, TranscriptSegment
from imigue_build.models import locate

if TYPE_CHECKING:
    from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.models import Located

_FULL_SCALE: Final = 32768


class FasterWhisperTranscriber:
    """Transcribes recording by recording; the model is loaded at first use."""

    def __init__(self, config: FasterWhisperTranscribe) -> None:
        self._config = config
        self._loaded: Any = None
        self._known: Provenance | None = None

    def provenance(self) -> Provenance:
        """Versions of the tools, and the model with its revision and hash.

        Raises:
            BackendError: If the package or the model is missing.
        """
        if self._known is None:
            vad = silero_vad.provenance()
            self._known = Provenance(tools=_tools() | vad.tools, models=(self._located().ref, *vad.models))
        return self._known

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript of each recording, or the error that stopped that recording alone.

        Raises:
            BackendError: If the package or the model is missing, which stops them all.
        """
        model = self._model()
        return [self._recording(model, task.audio) for task in batch]

    def _recording(self, model: Any, audio: Samples) -> Transcript | ImigueError:
        try:
            segments = self._segments(model, audio) if len(audio) else ()
        except Exception as error:  # whatever it is, it is no reason to stop other interviews
            what = f"faster-whisper failed ({type(error).__name__}: {error})"
            return BackendError(what, "check the settings under transcribe; if they are right, please report it")
        if not segments:
            return BackendError("no speech was found in the recording", "check that its sound is audible")
        return Transcript(language=self._config.language, segments=segments)

    def _segments(self, model: Any, audio: Samples) -> tuple[TranscriptSegment, ...]:
        """The model's segments, with a word for each token of their text, within the recording."""
        import numpy as np

        config = self._config
        found, _ = model.transcribe(
            audio.astype(np.float32) / _FULL_SCALE,
            language=config.language,
            beam_size=config.beam_size,
            temperature=0.0,  # above it, words are sampled, from a seed that nothing here sets
            initial_prompt=config.initial_prompt,
            hotwords=config.hotwords,
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,
        )
        duration, earliest = len(audio) / SAMPLE_RATE, 0.0
        passages = []
        for segment in found:
            pieces = [AlignedText(word.word, word.start, word.end, word.probability) for word in segment.words or ()]
            end = min(max(float(segment.end), earliest), duration)
            words = timed_words(segment.text, pieces, min(max(float(segment.start), earliest), end), end)
            if words:
                passages.append(Passage(segment.text, float(segment.avg_logprob), words))
                earliest = words[-1].end
        speech = silero_vad.speech_regions(silero_vad.speech_probabilities(audio), duration, Vad())
        return flagged_segments(passages, speech, config.guards)

    def _model(self) -> Any:
        if self._loaded is None:
            _tools()
            folder = self._located().path
            from faster_whisper import WhisperModel

            config = self._config
            try:
                self._loaded = WhisperModel(str(folder), device=config.device, compute_type=config.compute_type)
            except Exception as error:
                what = f"the Whisper model {config.model} cannot be loaded ({error})"
                remedy = "check transcribe.model, transcribe.device and transcribe.compute_type"
                raise BackendError(what, remedy) from error
        return self._loaded

    def _located(self) -> Located:
        """The model on this machine: a run downloads nothing."""
        return locate(model(self._config))


def _tools() -> dict[str, str]:
    """The versions of the packages.

    Raises:
        BackendError: If one is not installed.
    """
    try:
        return {name: version(name) for name in TOOLS}
    except PackageNotFoundError as error:
        raise BackendError(f"the package {error.name} is not installed", PACKAGE.install) from error
