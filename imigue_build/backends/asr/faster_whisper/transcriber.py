"""Whisper through faster-whisper: a model that was fetched, or a local folder in CTranslate2 form.

The speech of a recording is cut into chunks of up to 30 s, at pauses (`whisper.chunks`), and each chunk is decoded by
itself, without time stamps in the text (`decoding`): it depends on no other chunk or recording, memory does not grow
with the recording, and nothing is skipped by a threshold. Short recordings come several at once, as a chunk takes less
time beside others. A chunk whose text repeats itself, breaks off or is longer than what is spoken is decoded again,
padded to 30 s, and where that does not help in halves. The text is the model's own, word for word; what is suspect of
it is flagged (`whisper.guards`).

On one machine the same sound gives the same words, whatever the number of jobs. On another kind of processor
ctranslate2 takes other kernels, whose rounding may now and then decide for another word.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from threading import RLock
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.asr.faster_whisper.decoding import Decoder, keep_freed_memory
from imigue_build.backends.asr.faster_whisper.settings import PACKAGE, TOOLS, model
from imigue_build.backends.asr.whisper.chunks import halves, speech_chunks
from imigue_build.backends.asr.whisper.guards import Passage, compression_ratio, flagged_segments
from imigue_build.backends.asr.whisper.words import EARLY, timed_words, within_speech
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal import silero_vad
from imigue_build.config.sections import Vad
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Provenance, Span, Transcript
from imigue_build.models import locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.models import Located

_SPEECH: Final = Vad(offset=0.2, min_silence=0.15, pad=0.03)
"""Where speech is heard: times of words are trimmed to it, and words outside it are flagged."""
_DIVISIBLE: Final = 8.0
"""Seconds; a shorter chunk is not decoded again in halves."""
_BROKEN_OFF: Final = 2.0
"""Seconds of sound after the last word from which a chunk's text has broken off."""
_FASTEST: Final = 30
"""Characters a second: three times the rate of speech, which nobody reaches."""
_NO_TIME: Final = 0.002
"""Seconds of a word for which no sound is left."""
_CROWDED: Final = 3
"""Words without time from which a text says more than is spoken, as where it says all twice."""


class _Recording(NamedTuple):
    """A recording's sound, and the VAD's probabilities of speech."""

    audio: Samples
    probabilities: NDArray[np.float32]


class _Chunk(NamedTuple):
    """What is decoded by itself: a stretch of the recording with this number."""

    number: int
    span: Span


class FasterWhisperTranscriber:
    """Transcribes recordings together; the model is loaded at first use."""

    def __init__(self, config: FasterWhisperTranscribe) -> None:
        self._config = config
        self._loaded: Decoder | None = None
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
        decoder = self._decoder()
        try:
            return self._transcripts(decoder, [task.audio for task in batch])
        except Exception as error:  # whatever it is, it is no reason to stop other interviews
            if len(batch) > 1:
                return [found for task in batch for found in self.transcribe([task])]
            what = f"faster-whisper failed ({type(error).__name__}: {error})"
            return [BackendError(what, "check the settings under transcribe; if they are right, please report it")]

    def _transcripts(self, decoder: Decoder, sounds: Sequence[Samples]) -> list[Transcript | ImigueError]:
        recordings = [_Recording(audio, silero_vad.speech_probabilities(audio)) for audio in sounds]
        return [
            self._transcript(recording, passages)
            for recording, passages in zip(recordings, self._passages(decoder, recordings), strict=True)
        ]

    def _transcript(self, recording: _Recording, passages: Sequence[Passage]) -> Transcript | ImigueError:
        """The passages as segments, with flags."""
        speech = silero_vad.speech_regions(recording.probabilities, len(recording.audio) / SAMPLE_RATE, _SPEECH)
        trimmed = [passage._replace(words=within_speech(passage.words, speech)) for passage in passages]
        segments = flagged_segments(trimmed, speech, self._config.guards)
        if not segments:
            return BackendError("no speech was found in the recording", "check that its sound is audible")
        return Transcript(language=self._config.language, segments=segments)

    def _passages(self, decoder: Decoder, recordings: Sequence[_Recording]) -> list[list[Passage]]:
        """The texts of each recording's chunks in time order, without those that have none."""
        chunks = [
            _Chunk(number, span) for number, recording in enumerate(recordings) for span in speech_chunks(*recording)
        ]
        passages = self._decoded(decoder, recordings, chunks)
        again = [chunk for chunk in chunks if self._suspect(passages[chunk], chunk.span)]
        passages |= self._decoded(decoder, recordings, again, whole=True)
        while again:
            again = [
                chunk
                for chunk in again
                if chunk.span.duration > _DIVISIBLE and self._suspect(passages[chunk], chunk.span)
            ]
            parts = [
                _Chunk(chunk.number, half) for chunk in again for half in halves(*recordings[chunk.number], chunk.span)
            ]
            for chunk in again:
                del passages[chunk]
            again = parts
            passages |= self._decoded(decoder, recordings, parts, whole=True)
        found: list[list[Passage]] = [[] for _ in recordings]
        for chunk in sorted(passages, key=_start):
            if passages[chunk].words:
                found[chunk.number].append(passages[chunk])
        return found

    def _suspect(self, passage: Passage, chunk: Span) -> bool:
        """Whether a chunk's text repeats itself, breaks off, or is longer than what is spoken."""
        end = passage.words[-1].end if passage.words else chunk.start
        return (
            compression_ratio(passage.text) > self._config.guards.compression_ratio
            or chunk.end - end > _BROKEN_OFF
            or len(passage.text) > _FASTEST * chunk.duration
            or sum(word.end - word.start < _NO_TIME for word in passage.words) >= _CROWDED
        )

    def _decoded(
        self, decoder: Decoder, recordings: Sequence[_Recording], chunks: Sequence[_Chunk], *, whole: bool = False
    ) -> dict[_Chunk, Passage]:
        """Whisper's text of chunks, each with a word for each of its tokens, within the chunk."""
        sounds = [
            recordings[number].audio[round(span.start * SAMPLE_RATE) : round(span.end * SAMPLE_RATE)]
            for number, span in chunks
        ]
        found = {}
        for chunk, text in zip(chunks, decoder.decode(sounds, whole=whole), strict=True):
            begin = chunk.span.start + EARLY
            pieces = [
                piece._replace(start=begin + (piece.start or 0.0), end=begin + (piece.end or 0.0))
                for piece in text.words
            ]
            words = timed_words(text.text, pieces, chunk.span.start, chunk.span.end)
            found[chunk] = Passage(text.text, text.log_probability, words)
        return found

    def _decoder(self) -> Decoder:
        if self._loaded is None:
            _tools()
            folder = self._located().path
            from faster_whisper import WhisperModel
            from tqdm import tqdm

            tqdm.set_lock(RLock())  # its own is a named semaphore, which is left over where a worker is killed
            config = self._config
            keep_freed_memory()
            try:
                whisper = WhisperModel(
                    str(folder), device=config.device, compute_type=config.compute_type, cpu_threads=1
                )
            except Exception as error:
                what = f"the Whisper model {config.model} cannot be loaded ({error})"
                remedy = "check transcribe.model, transcribe.device and transcribe.compute_type"
                raise BackendError(what, remedy) from error
            known = whisper.supported_languages
            if config.language not in known:
                what = f"the Whisper model {config.model} does not know the language {config.language}"
                remedy = (
                    "set transcribe.model to one that does, as base"
                    if len(known) == 1
                    else f"it knows {', '.join(known)}"
                )
                raise BackendError(what, remedy)
            self._loaded = Decoder(whisper, config)
        return self._loaded

    def _located(self) -> Located:
        """The model on this machine: a run downloads nothing."""
        return locate(model(self._config))


def _start(chunk: _Chunk) -> float:
    return chunk.span.start


def _tools() -> dict[str, str]:
    """The versions of the packages.

    Raises:
        BackendError: If one is not installed.
    """
    try:
        return {name: version(name) for name in TOOLS}
    except PackageNotFoundError as error:
        raise BackendError(f"the package {error.name} is not installed", PACKAGE.install) from error
