"""From a config's section to the backend that it names; the only place that knows all of them."""

from __future__ import annotations

from imigue_build.backends.base import Aligner, Diarizer, Transcriber
from imigue_build.config import Align, Diarize, PocketsphinxTranscribe, Transcribe


def transcriber(config: Transcribe) -> Transcriber:
    """The ASR backend of a transcribe section."""
    if isinstance(config, PocketsphinxTranscribe):
        from imigue_build.backends.pocketsphinx_asr import PocketsphinxTranscriber

        return PocketsphinxTranscriber(config)
    from imigue_build.backends.faster_whisper import FasterWhisperTranscriber

    return FasterWhisperTranscriber(config)


def diarizer(config: Diarize) -> Diarizer:
    """The diarizer of a diarize section."""
    from imigue_build.backends.dvector import DvectorDiarizer

    return DvectorDiarizer(config)


def aligner(config: Align) -> Aligner:
    """The forced aligner of an align section."""
    from imigue_build.backends.pocketsphinx_align import PocketsphinxAligner

    return PocketsphinxAligner(config)
