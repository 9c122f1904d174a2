"""The settings of every stage; a section's `backend` decides which settings it takes."""

from __future__ import annotations

import shlex
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from imigue_build.config.base import MODEL, NOT_IN_CACHE_KEY, Count, Model, Place, Seconds, Section, Share
from imigue_build.core.records import Flag

Language = Annotated[str, Field(min_length=2)]
Device = Annotated[Literal["auto", "cpu", "cuda"], NOT_IN_CACHE_KEY]
"""`auto` is a GPU where torch sees one, else the processor."""


def _arguments(value: object) -> object:
    return tuple(shlex.split(value)) if isinstance(value, str) else value


Launcher = Annotated[tuple[str, ...], BeforeValidator(_arguments), Field(min_length=1, strict=False), NOT_IN_CACHE_KEY]
"""A program and its first arguments: a list, or a line as a shell reads it."""


class Vad(Section):
    """Silero VAD: hysteresis thresholds on the speech probability, then durations in seconds."""

    onset: Share = 0.5
    offset: Share = 0.35
    min_speech: Seconds = 0.1
    min_silence: Seconds = 0.3
    pad: Seconds = 0.1


class AsrVad(Vad):
    """As `Vad`, for utterances to be decoded: short silences divide them, and they keep some around."""

    min_silence: Seconds = 0.2
    pad: Seconds = 0.2


class SpeakerVad(Vad):
    """As `Vad`, for turns: faint and far voices count as speech."""

    onset: Share = 0.4
    offset: Share = 0.25


class Extract(Section):
    """Limits on what is decoded from one video, in seconds; and the ffmpeg that decodes, by default the bundled one."""

    max_duration: Annotated[float, Field(gt=0)] = 6 * 3600.0
    timeout: Annotated[float, Field(gt=0)] = 3600.0
    ffmpeg: Annotated[Place | None, NOT_IN_CACHE_KEY] = None  # its version is in the key, as every tool's


class PocketsphinxTranscribe(Section):
    """pocketsphinx with the model that its wheel carries.

    `mean_prior` is how many seconds of the recording's cepstral mean count beside an utterance's
    own; `language_weight` and `word_insertion` weigh the language model against the sound.
    """

    backend: Literal["pocketsphinx"]
    language: Literal["en"] = "en"
    vad: AsrVad = AsrVad()
    max_utterance: Annotated[float, Field(ge=1)] = 30.0
    mean_prior: Seconds = 2.0
    language_weight: Annotated[float, Field(gt=0)] = 5.0
    word_insertion: Annotated[float, Field(gt=0)] = 0.2


class FasterWhisperTranscribe(Section):
    """faster-whisper; `model` is a size of Whisper's, a hub's name, or a local folder in CTranslate2 form."""

    backend: Literal["faster-whisper"]
    language: Language = "en"
    model: Model = "small"
    revision: str | None = None
    device: Device = "cpu"
    compute_type: str = "int8"
    beam_size: Count = 5
    initial_prompt: str | None = None
    hotwords: str | None = None


class Guards(Section):
    """What makes a stretch of Whisper's text suspect; it is flagged, never dropped.

    `compression_ratio` is of the text by zlib, `log_probability` the mean of its tokens, and
    `repeats` how often a group of words may follow itself.
    """

    compression_ratio: Annotated[float, Field(gt=0)] = 2.4
    log_probability: Annotated[float, Field(le=0)] = -1.0
    repeats: Count = 3


class WhisperxVad(Section):
    """The VAD net that whisperx ships; stretches of speech are merged into chunks of up to `chunk` seconds."""

    onset: Share = 0.5
    offset: Share = 0.363
    chunk: Annotated[float, Field(gt=0, le=30)] = 30.0


class WhisperxTranscribe(Section):
    """Whisper through whisperx, `batch_size` chunks at once, of up to `interviews` recordings.

    `word_times` says who places the words: whisperx's own aligner, which needs the wav2vec 2.0
    model `align_model`, or faster-whisper's cross-attention.
    """

    backend: Literal["whisperx"]
    language: Language = "en"
    model: Model = "large-v3"
    revision: str | None = None
    device: Device = "auto"
    compute_type: str = "float16"
    batch_size: Annotated[Count, NOT_IN_CACHE_KEY] = 16
    interviews: Annotated[Count, NOT_IN_CACHE_KEY] = 8
    beam_size: Count = 5
    initial_prompt: str | None = None
    hotwords: str | None = None
    vad: WhisperxVad = WhisperxVad()
    guards: Guards = Guards()
    word_times: Literal["whisperx", "faster-whisper"] = "whisperx"
    align_model: Model = "facebook/wav2vec2-base-960h"
    align_revision: str | None = None


Recogniser = Annotated[
    PocketsphinxTranscribe | FasterWhisperTranscribe | WhisperxTranscribe, Field(discriminator="backend")
]


class GivenTranscribe(Section):
    """Transcripts that are there already: one file an interview in `folder`, named by its id.

    Text without times is placed by what `asr` hears.
    """

    backend: Literal["given"]
    folder: Place
    language: Language = "en"
    asr: Recogniser = PocketsphinxTranscribe(backend="pocketsphinx")


class SpeakerBounds(Section):
    """How many speakers there may be; `num_speakers`, where known, is how many there are."""

    num_speakers: Count | None = None
    min_speakers: Count = 1
    max_speakers: Count = 8

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.min_speakers > self.max_speakers:
            raise ValueError(f"min_speakers {self.min_speakers} is more than max_speakers {self.max_speakers}")
        return self


class DvectorDiarize(SpeakerBounds):
    """VAD, a speaker embedding without torch, clustering and resegmentation."""

    backend: Literal["dvector"]
    embedding: Literal["auto", "resemblyzer", "builtin"] = "auto"
    vad: SpeakerVad = SpeakerVad()


class PyannoteDiarize(SpeakerBounds):
    """pyannote.audio's speaker diarization pipeline; `batch_size` is of windows, in both of its nets."""

    backend: Literal["pyannote"]
    model: Model = "pyannote/speaker-diarization-community-1"
    revision: str | None = None
    device: Device = "auto"
    batch_size: Annotated[Count, NOT_IN_CACHE_KEY] = 32


class GivenDiarize(Section):
    """Turns that are there already: one RTTM, STM or TextGrid an interview in `folder`, named by its id."""

    backend: Literal["given"]
    folder: Place


class RolesRule(Section):
    """Who is the interviewee."""

    rule: Literal["longest-speaking-time"] = "longest-speaking-time"


class Utterances(Section):
    """The units of forced alignment: words are grouped at pauses, up to a length, in seconds.

    `pad` is the sound taken along on both sides of an utterance. `lexicon` is a CSV file of pronunciations,
    with the columns `word` and `phones`, which win over all others.
    """

    pause: Seconds = 0.5
    max_utterance: Annotated[float, Field(gt=0, lt=30)] = 20.0
    pad: Seconds = 0.2
    lexicon: Annotated[Place | None, NOT_IN_CACHE_KEY] = None


class PocketsphinxAlign(Utterances):
    """Forced alignment with pocketsphinx; `passes` is how often phones are placed, with the sound
    shifted by parts of a frame."""

    backend: Literal["pocketsphinx"]
    passes: Annotated[int, Field(ge=1, le=8)] = 4


class MfaAlign(Utterances):
    """The Montreal Forced Aligner, run through `launcher` on up to `interviews` recordings at once.

    Models are names that MFA knows, or files. Words that `dictionary` lacks are pronounced by
    `g2p_model`, or by English spelling rules where none is named. What MFA cannot align within `beam`
    and `retry_beam` is tried again alone within the wide ones. `timeout` is seconds for each minute of recording,
    beside ten minutes for the start.
    """

    backend: Literal["mfa"]
    launcher: Launcher = ("mfa",)
    acoustic_model: Model = "english_us_arpa"
    dictionary: Model = "english_us_arpa"
    g2p_model: Annotated[Model | None, MODEL] = None
    beam: Count = 10
    retry_beam: Count = 40
    wide_beam: Count = 100
    wide_retry_beam: Count = 400
    jobs: Annotated[Count, NOT_IN_CACHE_KEY] = 4
    interviews: Annotated[Count, NOT_IN_CACHE_KEY] = 8
    timeout: Annotated[float, Field(gt=0), NOT_IN_CACHE_KEY] = 60.0


class Filters(Section):
    """What a segment needs to be released as a clip; what is not set filters nothing.

    Values are those of `manifest.jsonl`; a segment that has no value for one is not dropped by it.
    `min_aligned` is the share of its words that were aligned, `no_flags` drops those with any of
    these flags.
    """

    min_asr_confidence: Share | None = None
    min_aligned: Share | None = None
    min_fit: float | None = None
    min_snr_db: float | None = None
    max_clipping: Share | None = None
    max_overlap_s: Seconds | None = None
    min_words_per_second: Seconds | None = None
    max_words_per_second: Seconds | None = None
    no_flags: Annotated[tuple[Flag, ...], Field(strict=False)] = ()


class Export(Section):
    """How the release is cut: seconds; and which segments are good enough for it."""

    max_segment: Annotated[float, Field(gt=0, le=30)] = 30.0
    pause: Seconds = 0.6
    pad: Seconds = 0.1
    clip_overlap: bool = False
    filters: Filters = Filters()


Transcribe = Annotated[
    PocketsphinxTranscribe | FasterWhisperTranscribe | WhisperxTranscribe | GivenTranscribe,
    Field(discriminator="backend"),
]
Diarize = Annotated[DvectorDiarize | PyannoteDiarize | GivenDiarize, Field(discriminator="backend")]
Align = Annotated[PocketsphinxAlign | MfaAlign, Field(discriminator="backend")]
