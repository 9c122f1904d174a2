"""Speech recognition with pocketsphinx and the English models that its wheel carries.

A recording is cut into utterances at its silences, and each is decoded by itself. The cepstra are
computed here and not by the decoder, whose own front end carries a state from one utterance to the
next and knows no mean but the utterance's: here a short utterance leans on the mean of its whole
recording. So a word depends on its recording alone, whatever was decoded before.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends import silero_vad
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.errors import BackendError, ImigueError
from imigue_build.records import ModelRef, Provenance, Span, Transcript, TranscriptSegment, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.config import PocketsphinxTranscribe

    Cepstra = NDArray[np.float64]  # (frames, COEFFICIENTS)
    Spectra = NDArray[np.float64]  # (frames, FILTERS), power

COEFFICIENTS: Final = 13
FILTERS: Final = 25

_FRAMES_PER_SECOND: Final = 100
_SHIFT: Final = SAMPLE_RATE // _FRAMES_PER_SECOND
_WINDOW: Final = 410  # samples, 25.6 ms
_FFT: Final = 512
_LOWEST, _HIGHEST = 130.0, 6800.0  # Hz, what the model was trained on
_PREEMPHASIS: Final = 0.97
_LIFTER: Final = 22
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


def normalised(spoken: Sequence[Cepstra], prior: float) -> list[Cepstra]:
    """The cepstra of a recording's utterances, each less its mean.

    The mean of an utterance is estimated together with `prior` seconds at the recording's mean:
    that of two seconds of speech alone says as much about its words as about the voice.
    """
    import numpy as np

    heard = [features for features in spoken if len(features)]
    if not heard:
        return list(spoken)
    weight = prior * _FRAMES_PER_SECOND
    middle = np.concatenate(heard).mean(axis=0)
    return [x - (x.sum(axis=0) + weight * middle) / (len(x) + weight) if len(x) else x for x in spoken]


def cepstra(audio: Samples) -> Cepstra:
    """Mel-frequency cepstra as the acoustic model was trained on, without the mean taken off.

    They equal those of pocketsphinx's front end (`feat.params` of the model): pre-emphasis, Hamming
    windows every 10 ms, mel filters, noise suppression, logarithm, liftered cosine transform.

    Args:
        audio: (samples,) 16-bit PCM at 16 kHz.

    Returns:
        (frames, COEFFICIENTS), a last window filled up with zeros included.
    """
    import numpy as np

    sound = audio.astype(np.float64)
    sound[1:] -= _PREEMPHASIS * audio[:-1]
    frames = max(0, 1 + (len(sound) - _WINDOW) // _SHIFT)
    if len(sound) > frames * _SHIFT:
        frames += 1
    if not frames:
        return np.zeros((0, COEFFICIENTS))
    sound = np.pad(sound, (0, _WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[: frames * _SHIFT : _SHIFT]
    power = np.abs(np.fft.rfft(windows * np.hamming(_WINDOW), _FFT)) ** 2
    filters, transform = _mel_filters(), _cosine_transform()
    return np.asarray(np.log(_without_noise(power @ filters.T) + 1e-4) @ transform.T)


@cache
def _mel_filters() -> NDArray[np.float64]:
    """(FILTERS, frequencies): triangles of unit area whose corners lie on the FFT's frequencies."""
    import numpy as np

    lowest, highest = (2595 * math.log10(1 + hertz / 700) for hertz in (_LOWEST, _HIGHEST))
    mels = np.linspace(lowest, highest, FILTERS + 2)
    step = SAMPLE_RATE / _FFT
    corners = np.floor(700 * (10 ** (mels / 2595) - 1) / step + 0.5) * step
    low, middle, high = (corners[i : i + FILTERS, None] for i in range(3))
    hertz = np.arange(_FFT // 2 + 1) * step
    triangles = np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle))
    return np.asarray(np.maximum(triangles, 0) * 2 / (high - low))


@cache
def _cosine_transform() -> NDArray[np.float64]:
    """(COEFFICIENTS, FILTERS): the orthogonal cosine transform with a sine lifter."""
    import numpy as np

    order = np.arange(COEFFICIENTS)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(FILTERS) + 0.5) / FILTERS) * np.sqrt(2 / FILTERS)
    cosines[0] /= np.sqrt(2)
    return np.asarray((1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)) * cosines)


def _without_noise(spectra: Spectra) -> Spectra:
    """The mel spectra with the noise turned down: spectral minima tracking and temporal masking.

    After G. Doblinger, Computationally efficient speech enhancement by spectral minima tracking
    (1995), with the constants of the acoustic model's training.
    """
    import numpy as np

    size = spectra.shape[1]
    band = np.arange(size)
    near = (np.abs(band[:, None] - band) <= 4).astype(float)
    near /= near.sum(axis=1, keepdims=True)
    power, noise, floor, peak = spectra[0], spectra[0] / 20, spectra[0] / 20, np.zeros(size)
    gains = np.empty_like(spectra)
    for index, spectrum in enumerate(spectra):
        power = 0.7 * power + 0.3 * spectrum
        noise = _lower_envelope(power, noise)
        signal = np.maximum(power - noise, 1.0)
        floor = _lower_envelope(signal, floor)
        peak = 0.85 * peak
        masked = np.where(signal < 0.85 * peak, 0.2 * peak, signal)
        peak = np.maximum(peak, signal)
        gains[index] = np.clip(np.maximum(masked, floor) / np.maximum(power, 1e-9), 1 / 20, 20)
    return np.asarray(spectra * (gains @ near.T))


def _lower_envelope(power: NDArray[np.float64], envelope: NDArray[np.float64]) -> NDArray[np.float64]:
    """The envelope one frame on: it rises slowly and falls fast."""
    import numpy as np

    kept = np.where(power >= envelope, 0.995, 0.5)
    return np.asarray(kept * envelope + (1 - kept) * power)


def _words(heard: Iterable[tuple[str, int, int, float]], span: Span, duration: float) -> Iterable[Word]:
    """The words of an utterance without silence and noise, on the recording's clock."""
    for entry, first, last, posterior in heard:
        if name := _NAME.fullmatch(entry):
            start = min(span.start + first / _FRAMES_PER_SECOND, duration)
            end = min(span.start + (last + 1) / _FRAMES_PER_SECOND, duration)
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
