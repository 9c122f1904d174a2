"""Diarization of real recordings: accuracy against cost, by the step between windows and the windows a run takes."""

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
from imigue_build.engine.worker import thread_limits

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

_SETS: Final = ("interviews", "conversations")
_STEPS: Final = (1.0, 2.5, 5.0)
_BATCHES: Final = (1, 8)
"""Windows a run of the network, beside those it takes."""
_COLLAR: Final = 0.5  # pyannote's is the total width: 0.25 s on each side


def _recordings(folder: Path) -> Iterator[tuple[Samples, Any]]:
    """Each recording's sound and its reference."""
    from pyannote.core import Annotation, Segment

    with tempfile.TemporaryDirectory() as temporary:
        wavs = Path(temporary, "44.wav"), Path(temporary, "16.wav")
        for rttm in sorted(folder.glob("*.rttm")):
            (media,) = (path for path in folder.glob(f"{rttm.stem}.*") if path.suffix in (".mp4", ".wav"))
            decode(media, *wavs, Extract())
            reference = Annotation()
            for track, line in enumerate(rttm.read_text().splitlines()):
                start, duration, speaker = (line.split()[column] for column in (3, 4, 7))
                reference[Segment(float(start), float(start) + float(duration)), track] = speaker
            yield read_wav(wavs[1]), reference


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
    found: dict[str, float] = {}
    with mock.patch.dict(os.environ, thread_limits(1)):  # as in a worker, before a library reads it
        for name in _SETS:
            recordings = list(_recordings(Path(shared) / name))
            for what, figures in _curve(recordings):
                found |= {f"{name}, {what}: {figure}": value for figure, value in figures.items()}
    return found


def _curve(recordings: list[tuple[Samples, Any]]) -> Iterator[tuple[str, dict[str, float]]]:
    """What was changed, and the figures with it."""
    yield "d-vectors", _measured(DvectorDiarizer(DvectorDiarize(backend="dvector")), recordings)
    for step in _STEPS:
        with mock.patch.object(local_speakers, "STEP_FRAMES", round(step / local_speakers.FRAME_SECONDS)):
            yield f"a window every {step} s", _measured(_segmentation(), recordings)
    for batch in _BATCHES:
        with mock.patch.object(local_speakers, "_BATCH", batch):
            yield f"{batch} at once", _measured(_segmentation(), recordings)


def _segmentation() -> Diarizer:
    return SegmentationDiarizer(SegmentationDiarize(backend="segmentation-onnx"))
