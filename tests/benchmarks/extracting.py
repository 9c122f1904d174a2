"""Extraction of a recording, with all its looks, hashes and records, against one bare ffmpeg call of two outputs.

`python -m tests.benchmarks.extracting VIDEO` extracts one video.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from imigue_build.backends.media.ffmpeg.command import find_ffmpeg
from imigue_build.config import Extract
from imigue_build.engine.stage import VIDEO
from imigue_build.engine.worker import Job, WorkerHost
from imigue_build.pipeline.demo import DEMO
from imigue_build.stages.extract import ExtractStage
from imigue_build.store.workspace import Workspace
from tests.benchmarks.meter import least, used

_TIMES: Final = 3


def measure(minutes: float = 20.0) -> dict[str, float]:
    """`extract / ffmpeg`: processor time in which a video becomes an artifact, by that of the bare call.

    The bare call decodes the same video once into the same two WAVs. Of several turns, taken in alternation, the least
    counts of each.
    """
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        video = repeated(DEMO / "demo.mp4", root / "0001.mp4", minutes)
        ours = [sys.executable, "-m", __name__, str(video)]
        found = least({"extract": ours, "ffmpeg": _bare(video, root)}, _TIMES, used())
    return {"extract / ffmpeg, processor time": found["extract"].all / found["ffmpeg"].all}


def repeated(source: Path, target: Path, minutes: float) -> Path:
    """The video over and over, for so many minutes; nothing is decoded."""
    loop = ["-stream_loop", "-1", "-i", str(source), "-t", str(60 * minutes), "-c", "copy", str(target)]
    subprocess.run([str(find_ffmpeg()), "-loglevel", "error", "-y", *loop], check=True)
    return target


def _extract(video: Path) -> None:
    with tempfile.TemporaryDirectory(dir=video.parent) as folder:
        work, stage = Workspace(Path(folder)), ExtractStage(Extract())
        work.prepare()
        job = Job("0001", stage.name, {VIDEO: video}, {}, stage.provenance())
        (result,) = WorkerHost({stage.name: stage}, work).run([job])
        if result.completion is None:
            raise RuntimeError(str(result.outcome))


def _bare(video: Path, folder: Path) -> list[str]:
    outputs = [
        word
        for rate in (44_100, 16_000)
        for word in ("-map", "0:a:0", "-ac", "1", "-ar", str(rate), "-c:a", "pcm_s16le", str(folder / f"{rate}.wav"))
    ]
    return [str(find_ffmpeg()), "-loglevel", "error", "-y", "-threads", "1", "-i", str(video), *outputs]


if __name__ == "__main__":
    _extract(Path(sys.argv[1]))
