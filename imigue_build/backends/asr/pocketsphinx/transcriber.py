"""Speech recognition with pocketsphinx and the English models that its wheel carries.

A recording is cut into utterances at its silences, and each is decoded by itself. The cepstra are
computed by us and not by the decoder, whose own front end carries a state from one utterance to the
next and knows no mean but the utterance's: here a short utterance leans on the mean of its whole
recording. So a word depends on its recording alone, whatever was decoded before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.acoustic_model.cepstra import FRAMES_PER_SECOND, cepstra, normalised
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal import silero_vad
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import ModelRef, Provenance, Span, Transcript, TranscriptSegment, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.acoustic_model.cepstra import Cepstra
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.config import PocketsphinxTranscribe

_NAME: Final = re.compile(r"(?P<word>[^<\[(+].*?)(\(\d+\))?")
_REMEDY: Final = "reinstall it: pip install --force-reinstall pocketsphinx"


class PocketsphinxTranscriber:
    """Transcribes recording by recording; the decoder is loaded at first use and remembers none of them."""

    def __init__(self, config: PocketsphinxTranscribe) -> None:
        self._config = config
        self._loaded: Any = None

    def provenance(self) -> Provenance:
        """Versions of pocketsphinx and of the VAD, and their models with hashes of the files.

        Raises:
            BackendError: If a package or a model is missing.
        """
        ours, vad = _provenance(), silero_vad.provenance()
        return Provenance(tools={**ours.tools, **vad.tools}, models=ours.models + vad.models)

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript of each recording, or the error that stopped that recording alone.

        Raises:
            BackendError: If a package or a model is missing, which stops them all.
        """
        self._decoder()
        return [self._recording(task.audio) for task in batch]

    def _recording(self, audio: Samples) -> Transcript | ImigueError:
        try:
            segments = self._segments(audio)
        except ImigueError as error:
            return error
        except Exception as error:  # whatever it is, it is no reason to stop other interviews
            self._loaded = None
            return BackendError(f"pocketsphinx failed ({type(error).__name__}: {error})", "please report it")
        if not segments:
            return BackendError("no speech was found in the recording", "check that its sound is audible")
        return Transcript(language=self._config.language, segments=segments)

    def _segments(self, audio: Samples) -> tuple[TranscriptSegment, ...]:
        """One segment for each utterance in which words were recognised."""
        duration = len(audio) / SAMPLE_RATE
        spans = utterances(silero_vad.speech_probabilities(audio), duration, self._config)
        spoken = [cepstra(audio[round(s.start * SAMPLE_RATE) : round(s.end * SAMPLE_RATE)]) for s in spans]
        segments = []
        for span, features in zip(spans, normalised(spoken, self._config.mean_prior), strict=True):
            words = tuple(_words(self._decode(features), span, duration))
            if words:
                known = [word.confidence or 0.0 for word in words]
                confidence = sum(known) / len(known)
                segments.append(TranscriptSegment(words[0].start, words[-1].end, words, confidence))
        return tuple(segments)

    def _decode(self, features: Cepstra) -> list[tuple[str, int, int, float]]:
        """What is heard in an utterance: entry of the dictionary, first and last frame, posterior."""
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
            _model_folder()
            from pocketsphinx import Decoder

            weight = self._config.language_weight
            settings = {"lw": weight, "fwdflatlw": weight + 1, "bestpathlw": weight + 2}
            try:
                decoder = Decoder(**settings, wip=self._config.word_insertion, loglevel="FATAL")
                # the model's own feat.params overrule what a decoder is made with
                decoder.config["cmn"] = "none"
                decoder.reinit_feat()
            except Exception as error:
                raise BackendError(f"pocketsphinx cannot load its model ({error})", _REMEDY) from error
            self._loaded = decoder
        return self._loaded


def utterances(
    probabilities: NDArray[np.float32], duration: float, settings: PocketsphinxTranscribe
) -> tuple[Span, ...]:
    """The stretches to decode: regions of speech with silence around, none longer than the maximum.

    Regions grow by the VAD's `pad`, at most to the middle of the silence between two, so that no
    two become one. What is longer than `max_utterance` is cut where speech is least likely.

    Args:
        probabilities: (chunks,) as `silero_vad.speech_probabilities` gives them.
        duration: Of the recording, in seconds.
        settings: The transcribe section.
    """
    bare = settings.vad.model_copy(update={"pad": 0.0})
    regions = silero_vad.speech_regions(probabilities, duration, bare)
    pad = settings.vad.pad
    spans: list[Span] = []
    for index, region in enumerate(regions):
        before = (region.start - regions[index - 1].end) / 2 if index else region.start
        after = (regions[index + 1].start - region.end) / 2 if index + 1 < len(regions) else duration - region.end
        grown = Span(region.start - min(pad, before), region.end + min(pad, after))
        spans.extend(_cut(grown, probabilities, settings.max_utterance))
    return tuple(spans)


def _cut(span: Span, probabilities: NDArray[np.float32], longest: float) -> Iterable[Span]:
    """The span in pieces of at most `longest` seconds, cut in their latter halves."""
    while span.duration > longest:
        first = int((span.start + longest / 2) / silero_vad.CHUNK_SECONDS) + 1
        last = max(int((span.start + longest) / silero_vad.CHUNK_SECONDS), first + 1)
        cut = (first + int(probabilities[first:last].argmin())) * silero_vad.CHUNK_SECONDS
        if not span.start < cut < span.end:
            break
        yield Span(span.start, cut)
        span = Span(cut, span.end)
    yield span


def _words(heard: Iterable[tuple[str, int, int, float]], span: Span, duration: float) -> Iterable[Word]:
    """The words of an utterance without silence and noise, on the recording's clock."""
    for entry, first, last, posterior in heard:
        if name := _NAME.fullmatch(entry):
            start = min(span.start + first / FRAMES_PER_SECOND, duration)
            end = min(span.start + (last + 1) / FRAMES_PER_SECOND, duration)
            yield Word(start, end, name["word"], min(max(posterior, 0.0), 1.0))


@cache
def _provenance() -> Provenance:
    """pocketsphinx, and its English model with one hash over its files in the order of their names."""
    folder, digest = _model_folder(), hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    release = version("pocketsphinx")
    model = ModelRef(name="pocketsphinx en-us", revision=release, sha256=digest.hexdigest())
    return Provenance(tools={"pocketsphinx": release, "numpy": version("numpy")}, models=(model,))


def _model_folder() -> Path:
    """Where the English models are.

    Raises:
        BackendError: If pocketsphinx or its models are missing.
    """
    try:
        version("pocketsphinx")
        from pocketsphinx import get_model_path
    except (ImportError, PackageNotFoundError) as error:
        raise BackendError("the package pocketsphinx is not installed", "pip install pocketsphinx") from error
    folder = Path(get_model_path("en-us"))
    if not folder.is_dir():
        raise BackendError(f"pocketsphinx holds no English model in {folder}", _REMEDY)
    return folder
