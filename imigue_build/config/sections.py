"""The settings of every stage, as far as they belong to no backend; each backend adds a section of its own."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from imigue_build.config.base import NOT_IN_CACHE_KEY, Count, Place, Seconds, Section, Share
from imigue_build.config.slots import BackendSection
from imigue_build.core.records import Flag

Language = Annotated[str, Field(min_length=2)]
Device = Annotated[Literal["auto", "cpu", "cuda"], NOT_IN_CACHE_KEY]
"""`auto` is a GPU where torch sees one, else the processor."""


class Vad(Section):
    """Silero VAD: hysteresis thresholds on the speech probability, then durations in seconds."""

    onset: Share = 0.5
    offset: Share = 0.35
    min_speech: Seconds = 0.1
    min_silence: Seconds = 0.3
    pad: Seconds = 0.1


def _numbers_or(*words: str) -> BeforeValidator:
    """Takes one of the words, or numbers from 1: `2`, `[1, 2]` or `1,2`."""

    def chosen(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return value
        numbers = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
        if not numbers or not all(re.fullmatch(r" *[1-9]\d{0,3} *", str(number), re.ASCII) for number in numbers):
            raise ValueError(f"it takes {', '.join(words)} or numbers from 1, as 2 or [1, 2]")
        return tuple(dict.fromkeys(map(int, numbers)))

    return BeforeValidator(chosen)


Streams = Annotated[str | tuple[int, ...], _numbers_or("auto", "all", "mix")]
Channels = Annotated[str | tuple[int, ...], _numbers_or("auto", "all", "mix", "left", "right")]


class Extract(Section):
    """Limits on what is decoded from one video, in seconds; and the ffmpeg that decodes, by default the bundled one.

    `streams` and `channels` are the audio tracks, and the channels of each, that are mixed: by number from 1, or all
    (`all` or `mix`); by default it is decided from the sound, and from the tracks' `language`, which is that of the
    transcript where it is not set.
    """

    max_duration: Annotated[float, Field(gt=0)] = 6 * 3600.0
    timeout: Annotated[float, Field(gt=0)] = 3600.0
    ffmpeg: Annotated[Place | None, NOT_IN_CACHE_KEY] = None  # its version is in the key, as every tool's
    streams: Streams = "auto"
    channels: Channels = "auto"
    language: Language = "en"


class Transcribe(BackendSection):
    """Base of the sections of ASR backends."""


class Diarize(BackendSection):
    """Base of the sections of diarizers."""


class SpeakerBounds(Diarize):
    """How many speakers there may be; `num_speakers`, where known, is how many there are."""

    num_speakers: Count | None = None
    min_speakers: Count = 1
    max_speakers: Count = 8

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.min_speakers > self.max_speakers:
            raise ValueError(f"min_speakers {self.min_speakers} is more than max_speakers {self.max_speakers}")
        return self


class RolesRule(Section):
    """Who is the interviewee.

    With `follow_names` the names of speakers in given transcripts and turns count for more than the rule, where they
    say who asks and who answers.
    """

    rule: Literal["longest-speaking-time"] = "longest-speaking-time"
    follow_names: bool = True


class Align(BackendSection):
    """Base of the sections of forced aligners: words are grouped into utterances at pauses, up to a length, in seconds.

    `pad` is the sound taken along on both sides of an utterance. `lexicon` is a CSV file of pronunciations,
    with the columns `word` and `phones`, which win over all others.
    """

    pause: Seconds = 0.5
    max_utterance: Annotated[float, Field(gt=0, lt=30)] = 20.0
    pad: Seconds = 0.2
    lexicon: Annotated[Place | None, NOT_IN_CACHE_KEY] = None


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
