"""Speech recognition with pocketsphinx and the English models in its wheel.

A recording is cut into utterances at its silences, and each is decoded separately. The cepstra are computed
here and not by the decoder, whose front end carries a state from one utterance to the next and normalises by
the utterance's mean alone; here the mean of a short utterance is smoothed with that of the recording. So a
word depends on its recording alone, whatever was decoded before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.acoustic_model.cepstra import FRAMES_PER_SECOND, cepstra, mean_normalised
from imigue_build.backends.acoustic_model.model import REMEDY, model_folder
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal import silero_vad
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import ModelRef, Provenance, Span, Transcript, TranscriptSegment, Word

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.acoustic_model.cepstra import Cepstra
    from imigue_build.backends.asr.pocketsphinx.settings import PocketsphinxTranscribe
    from imigue_build.backends.base import AudioTask, Samples

_ENTRY: Final = re.compile(r"(?P<word>[^<\[(+].*?)(\(\d+\))?")
"""A dictionary entry that is a word, with the number of its variant."""


class PocketsphinxTranscriber:
    """Transcribes recording by recording. The decoder is loaded at first use and keeps no state between them."""

    def __init__(self, config: PocketsphinxTranscribe) -> None:
        self._config = config
        self._loaded: Any = None

    def provenance(self) -> Provenance:
        """Versions of pocketsphinx and of the VAD, and their models with hashes of the files.

        Raises:
            BackendError: If a package or a model is missing.
        """
        recogniser, vad = _provenance(), silero_vad.provenance()
        return Provenance(tools={**recogniser.tools, **vad.tools}, models=recogniser.models + vad.models)

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript of each recording, or the error of that recording.

        Raises:
            BackendError: If a package or a model is missing; then no recording can be transcribed.
        """
        self._decoder()
        return [self._recording(task.audio) for task in batch]

    def _recording(self, audio: Samples) -> Transcript | ImigueError:
        try:
            segments = self._segments(audio)
        except ImigueError as error:
            return error
        except Exception as error:  # an error of one interview must not stop the others
            self._loaded = None
            return BackendError(f"pocketsphinx failed ({type(error).__name__}: {error})", "please report it")
        if not segments:
            return BackendError("no speech was found in the recording", "check that it is audible")
        return Transcript(language=self._config.language, segments=segments)

    def _segments(self, audio: Samples) -> tuple[TranscriptSegment, ...]:
        """One segment for each utterance with recognised words."""
        duration = len(audio) / SAMPLE_RATE
        spans = utterances(silero_vad.speech_probabilities(audio), duration, self._config)
        features_of_utterances = [
            cepstra(audio[round(s.start * SAMPLE_RATE) : round(s.end * SAMPLE_RATE)]) for s in spans
        ]
        segments = []
        normalised = mean_normalised(features_of_utterances, self._config.mean_prior)
        for span, features in zip(spans, normalised, strict=True):
            words = tuple(_words(self._decode(features), span, duration))
            if words:
                confidence = sum(word.confidence or 0.0 for word in words) / len(words)
                segments.append(TranscriptSegment(words[0].start, words[-1].end, words, confidence))
        return tuple(segments)

    def _decode(self, features: Cepstra) -> list[tuple[str, int, int, float]]:
        """The recognised entries of an utterance: dictionary entry, first and last frame, posterior probability."""
        if not len(features):
            return []
        decoder = self._decoder()
        decoder.start_utt()
        decoder.process_cep(features.astype("float32").tobytes(), full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        return [(s.word, s.start_frame, s.end_frame, s.prob) for s in decoder.seg()]

    def _decoder(self) -> Any:
        if self._loaded is None:
            _models()
            from pocketsphinx import Decoder

            weight = self._config.language_weight
            settings = {"lw": weight, "fwdflatlw": weight + 1, "bestpathlw": weight + 2}
            try:
                decoder = Decoder(**settings, wip=self._config.word_insertion, loglevel="FATAL")
                # the model's feat.params override the arguments of Decoder
                decoder.config["cmn"] = "none"
                decoder.reinit_feat()
            except Exception as error:
                raise BackendError(f"pocketsphinx cannot load its model ({error})", REMEDY) from error
            self._loaded = decoder
        return self._loaded


def utterances(
    probabilities: NDArray[np.float32], duration: float, settings: PocketsphinxTranscribe
) -> tuple[Span, ...]:
    """The utterances to decode: speech regions, padded with silence, none longer than the maximum.

    Regions are padded by the VAD's `pad`, at most to the middle of the silence between two, so that they stay
    separate. Regions longer than `max_utterance` are cut where speech is least likely.

    Args:
        probabilities: (chunks,) from `silero_vad.speech_probabilities`.
        duration: Of the recording, in seconds.
        settings: The transcribe section.
    """
    unpadded = settings.vad.model_copy(update={"pad": 0.0})
    regions = silero_vad.speech_regions(probabilities, duration, unpadded)
    pad = settings.vad.pad
    spans: list[Span] = []
    for index, region in enumerate(regions):
        before = (region.start - regions[index - 1].end) / 2 if index else region.start
        after = (regions[index + 1].start - region.end) / 2 if index + 1 < len(regions) else duration - region.end
        padded = Span(region.start - min(pad, before), region.end + min(pad, after))
        spans.extend(_split(padded, probabilities, settings.max_utterance))
    return tuple(spans)


def _split(span: Span, probabilities: NDArray[np.float32], max_duration: float) -> Iterable[Span]:
    """The span in parts of at most `max_duration` seconds, each cut in its second half."""
    while span.duration > max_duration:
        first = int((span.start + max_duration / 2) / silero_vad.CHUNK_SECONDS) + 1
        last = max(int((span.start + max_duration) / silero_vad.CHUNK_SECONDS), first + 1)
        cut = (first + int(probabilities[first:last].argmin())) * silero_vad.CHUNK_SECONDS
        if not span.start < cut < span.end:
            break
        yield Span(span.start, cut)
        span = Span(cut, span.end)
    yield span


def _words(entries: Iterable[tuple[str, int, int, float]], span: Span, duration: float) -> Iterable[Word]:
    """The words of an utterance, without silence and noise, on the recording's clock."""
    for entry, first, last, posterior in entries:
        if name := _ENTRY.fullmatch(entry):
            start = min(span.start + first / FRAMES_PER_SECOND, duration)
            end = min(span.start + (last + 1) / FRAMES_PER_SECOND, duration)
            yield Word(start, end, name["word"], min(max(posterior, 0.0), 1.0))


@cache
def _provenance() -> Provenance:
    """pocketsphinx, and its English models with one hash over their files in the order of their names."""
    folder, digest = _models(), hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    release = version("pocketsphinx")
    model = ModelRef(name="pocketsphinx en-us", revision=release, sha256=digest.hexdigest())
    return Provenance(tools={"pocketsphinx": release, "numpy": version("numpy")}, models=(model,))


def _models() -> Path:
    """The folder of the English models.

    Raises:
        BackendError: If pocketsphinx or its models are missing.
    """
    folder = model_folder()
    if not folder.is_dir():
        raise BackendError(f"pocketsphinx has no English model in {folder}", REMEDY)
    return folder
