"""The settings of the diarizer by segmentation-3.0."""

from __future__ import annotations

from typing import Literal

from imigue_build.backends.diarization.dvector.settings import SpeakerVad
from imigue_build.config import SpeakerBounds


class SegmentationDiarize(SpeakerBounds):
    """pyannote's segmentation-3.0, Silero VAD and CAM++ speaker embeddings through onnxruntime, without torch.

    With `microphones`, which of two channels, or tracks, is the louder one counts beside the voices, where they differ
    as two people's microphones do.
    """

    backend: Literal["segmentation-onnx"]
    microphones: bool = True
    vad: SpeakerVad = SpeakerVad()
