"""Which models a config names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from imigue_build.config import Config, FasterWhisperTranscribe, MfaAlign, PyannoteDiarize, WhisperxTranscribe

Kind = Literal["whisper", "wav2vec2", "pyannote", "encoder", "text-model", "acoustic", "dictionary", "g2p"]
"""What a model is for; the last three are MFA's and are files, the others are folders."""
MFA_KINDS: Final = ("acoustic", "dictionary", "g2p")


@dataclass(frozen=True)
class Wanted:
    """A model as a config names it: a hub's or MFA's name, or a local file or folder."""

    kind: Kind
    name: str
    revision: str | None = None


def wanted(config: Config) -> list[Wanted]:
    """All models that a config's stages load, in their order; none for a recipe that carries its own."""
    found: list[Wanted] = []
    asr, diarizer, aligner = config.recogniser, config.diarize, config.align
    if isinstance(asr, FasterWhisperTranscribe | WhisperxTranscribe):
        found.append(Wanted("whisper", asr.model, asr.revision))
    if isinstance(asr, WhisperxTranscribe) and asr.word_times == "whisperx":
        found.append(Wanted("wav2vec2", asr.align_model, asr.align_revision))
    if isinstance(diarizer, PyannoteDiarize):
        found.append(Wanted("pyannote", diarizer.model, diarizer.revision))
    if isinstance(aligner, MfaAlign):
        found += [Wanted("acoustic", aligner.acoustic_model), Wanted("dictionary", aligner.dictionary)]
        found += [Wanted("g2p", aligner.g2p_model)] if aligner.g2p_model else []
    return found
