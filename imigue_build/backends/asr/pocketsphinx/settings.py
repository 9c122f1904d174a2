"""The settings of the embedded ASR."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from imigue_build.config import Transcribe, Vad
from imigue_build.config.base import Seconds


class AsrVad(Vad):
    """As `Vad`, for utterances to be decoded: short silences divide them, and they keep some around."""

    min_silence: Seconds = 0.2
    pad: Seconds = 0.2


class PocketsphinxTranscribe(Transcribe):
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
