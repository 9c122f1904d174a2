"""From a config's section to the backend that it names; the only place that knows all of them."""

from __future__ import annotations

from imigue_build.backends.base import Aligner, Diarizer, Transcriber
from imigue_build.config import (
    Align,
    Diarize,
    FasterWhisperTranscribe,
    GivenDiarize,
    GivenTranscribe,
    MfaAlign,
    PocketsphinxTranscribe,
    PyannoteDiarize,
    Transcribe,
)


def transcriber(config: Transcribe) -> Transcriber:
    """The ASR backend of a transcribe section."""
    if isinstance(config, PocketsphinxTranscribe):
        from imigue_build.backends.asr.pocketsphinx.transcriber import PocketsphinxTranscriber

        return PocketsphinxTranscriber(config)
    if isinstance(config, FasterWhisperTranscribe):
        from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber

        return FasterWhisperTranscriber(config)
    if isinstance(config, GivenTranscribe):
        from imigue_build.backends.asr.precomputed import GivenTranscriber

        return GivenTranscriber(config)
    from imigue_build.backends.asr.whisperx.transcriber import WhisperxTranscriber

    return WhisperxTranscriber(config)


def diarizer(config: Diarize) -> Diarizer:
    """The diarizer of a diarize section."""
    if isinstance(config, PyannoteDiarize):
        from imigue_build.backends.diarization.pyannote.diarizer import PyannoteDiarizer

        return PyannoteDiarizer(config)
    if isinstance(config, GivenDiarize):
        from imigue_build.backends.asr.precomputed import GivenDiarizer

        return GivenDiarizer(config)
    from imigue_build.backends.diarization.dvector.diarizer import DvectorDiarizer

    return DvectorDiarizer(config)


def aligner(config: Align) -> Aligner:
    """The forced aligner of an align section."""
    if isinstance(config, MfaAlign):
        from imigue_build.backends.alignment.mfa import MfaAligner

        return MfaAligner(config)
    from imigue_build.backends.alignment.pocketsphinx.aligner import PocketsphinxAligner

    return PocketsphinxAligner(config)
