"""Diarization on the shared interviews: accuracy against cost, by the step between windows, and d-vectors beside it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from imigue_build.backends.base import SAMPLE_RATE, AudioTask, Diarizer
from imigue_build.backends.diarization.dvector.diarizer import DvectorDiarizer
from imigue_build.backends.diarization.dvector.settings import DvectorDiarize
from imigue_build.backends.diarization.segmentation_onnx import local_speakers
from imigue_build.backends.diarization.segmentation_onnx.diarizer import SegmentationDiarizer
from imigue_build.backends.diarization.segmentation_onnx.settings import SegmentationDiarize
from imigue_build.backends.media.ffmpeg import decode
from imigue_build.config import Extract
from imigue_build.core.records import Diarization
from imigue_build.core.wav import read_wav

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

_STEPS: Final = (1.0, 2.5, 5.0)
_COLLAR: Final = 0.5  # pyannote's is the total width: 0.25 s on each side


def _recordings(videos: Path) -> Iterator[tuple[Samples, Any]]:
    """Each interview's sound and its reference."""
    from pyannote.core import Annotation, Segment

    with tempfile.TemporaryDirectory() as folder:
        for video in sorted(videos.glob("*.mp4")):
            decode(video, Path(folder) / "44.wav", Path(folder) / "16.wav", Extract())
            reference = Annotation()
            for track, line in enumerate(video.with_suffix(".rttm").read_text().splitlines()):
                start, duration, speaker = (line.split()[column] for column in (3, 4, 7))
                reference[Segment(float(start), float(start) + float(duration)), track] = speaker
            yield read_wav(Path(folder) / "16.wav"), reference


def _measured(diarizer: Diarizer, recordings: list[tuple[Samples, Any]]) -> dict[str, float]:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    strict, lenient = DiarizationErrorRate(), DiarizationErrorRate(collar=_COLLAR)
    diarizer.diarize([AudioTask("warm", recordings[0][0][:SAMPLE_RATE])])  # the networks are loaded
    used = seconds = 0.0
    for audio, reference in recordings:
        before = time.process_time()
        (result,) = diarizer.diarize([AudioTask("0001", audio)])
        used += time.process_time() - before
        seconds += len(audio) / SAMPLE_RATE
        hypothesis = Annotation()
        for track, turn in enumerate(result.turns if isinstance(result, Diarization) else ()):
            hypothesis[Segment(turn.start, turn.end), track] = turn.speaker
        whole = Timeline([Segment(0, len(audio) / SAMPLE_RATE)])
        for metric in (strict, lenient):
            metric(reference, hypothesis, uem=whole)
    return {"DER": abs(strict), "DER, 0.25 s collar": abs(lenient), "processor time / real time": used / seconds}


def measure() -> dict[str, float]:
    """Error rates and ratios; nothing where IMIGUE_SHARED_DATA names no folder."""
    if not (shared := os.environ.get("IMIGUE_SHARED_DATA")):
        return {}
    recordings = list(_recordings(Path(shared) / "interviews"))
    found = {"d-vectors": _measured(DvectorDiarizer(DvectorDiarize(backend="dvector")), recordings)}
    for step in _STEPS:
        frames = round(step / local_speakers.FRAME_SECONDS)
        with mock.patch.object(local_speakers, "STEP_FRAMES", frames):
            diarizer = SegmentationDiarizer(SegmentationDiarize(backend="segmentation-onnx"))
            found[f"segmentation, a window every {step} s"] = _measured(diarizer, recordings)
    return {f"{name}: {what}": value for name, figures in found.items() for what, value in figures.items()}
