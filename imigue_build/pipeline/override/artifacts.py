"""What WORK has of an interview that corrections are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from imigue_build.core.intervals import distance
from imigue_build.core.record_json import decode
from imigue_build.core.records import Alignment, Diarization, Record, Recording, Roles, Transcript, Word
from imigue_build.corpus.overrides.apply import MAX_DISTANCE, same_word
from imigue_build.store.workspace import Workspace

_RECORDING: Final = "extract/recording.json"
_TRANSCRIPT: Final = "transcribe/transcript.json"
_DIARIZATION: Final = "diarize/diarization.json"
_SPEAKERS: Final = "speakers/diarization.json"
_ROLES: Final = "speakers/roles.json"
_ALIGNMENT: Final = "align/alignment.json"
R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Artifacts:
    """The records of an interview; None for what is not there yet."""

    work: Workspace
    video_id: str

    @cached_property
    def recording(self) -> Recording | None:
        return self._read(_RECORDING, Recording)

    @cached_property
    def transcript(self) -> Transcript | None:
        return self._read(_TRANSCRIPT, Transcript)

    @cached_property
    def diarization(self) -> Diarization | None:
        """As the diarizer found it."""
        return self._read(_DIARIZATION, Diarization)

    @cached_property
    def speakers(self) -> Diarization | None:
        """With the corrections of the last run."""
        return self._read(_SPEAKERS, Diarization)

    @cached_property
    def roles(self) -> Roles | None:
        return self._read(_ROLES, Roles)

    @cached_property
    def alignment(self) -> Alignment | None:
        return self._read(_ALIGNMENT, Alignment)

    def heard(self, at: float, was: str) -> float:
        """The time at which the ASR heard a word that the release has at the time `at`, in seconds.

        Corrections are of the ASR's words, and the aligner may have moved one by more than a correction may be off.
        It is `at` itself where it fits, or where it is not certain which word is meant.
        """
        if self.transcript is None or self.alignment is None:
            return at
        heard = sorted((word for word in self.transcript.words if same_word(word.word, was)), key=_order)
        aligned = (word for utterance in self.alignment.utterances for word in utterance.words)
        placed = sorted((word for word in aligned if same_word(word.word, was)), key=_order)
        if any(distance(word, at) <= MAX_DISTANCE for word in heard) or len(heard) != len(placed):
            return at
        meant = [one for one, other in zip(heard, placed, strict=True) if distance(other, at) == 0]
        return round(meant[0].middle, 3) if len(meant) == 1 else at

    def _read(self, path: str, kind: type[R]) -> R | None:
        """The record of that kind at `<stage>/<file>`; None where there is none."""
        stage, _, file = path.partition("/")
        if self.work.completion(self.video_id, stage) is None:
            return None
        try:
            return decode((self.work.artifact(self.video_id, stage) / file).read_bytes(), kind)
        except (OSError, ValueError):
            return None


def _order(word: Word) -> tuple[float, float]:
    return word.start, word.end
