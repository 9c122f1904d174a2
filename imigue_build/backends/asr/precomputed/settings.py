"""The settings of transcripts that are there already, and the files that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from imigue_build.backends.alignment.pocketsphinx.settings import PocketsphinxAlign
from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
from imigue_build.config import Slot, Transcribe
from imigue_build.config.base import Place
from imigue_build.config.sections import Language

ALIGNER: Final = PocketsphinxAlign(backend="pocketsphinx", passes=1)


class GivenTranscribe(Transcribe):
    """Transcripts that are there already: one file an interview in `folder`, named by its id, or one of all.

    Text without times is placed by what `asr` hears. Times are compared with the sound, by the pauses and by what `asr`
    hears: `clock` says whether a shift or another rate is reported, corrected (auto) or not looked for (ignore).
    """

    backend: Literal["given"]
    folder: Annotated[Place, Field(description="the folder of the given transcripts")]
    language: Language = "en"
    clock: Literal["report", "auto", "ignore"] = "report"
    asr: Annotated[Transcribe, Slot("asr")] = FasterWhisperTranscribe(backend="faster-whisper")

    @field_validator("asr")
    @classmethod
    def _listens(cls, asr: Transcribe) -> Transcribe:
        if isinstance(asr, GivenTranscribe):
            raise ValueError("it has to listen to the recording, so it cannot be `given` as well")
        return asr


def suffixes() -> tuple[str, ...]:
    """The suffixes of transcripts, those that are preferred first."""
    from imigue_build.corpus.annotations import plain, transcripts

    return (*transcripts.SUFFIXES, plain.SUFFIX)


def find(section: GivenTranscribe, video_id: str) -> Path | None:
    """The transcript given for an interview; None where there is none."""
    from imigue_build.backends import given_files
    from imigue_build.corpus.annotations import transcripts

    return given_files.find(section.folder, suffixes(), video_id, transcripts.OF_ALL)
