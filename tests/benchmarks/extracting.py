"""Extraction of a recording, with all its looks, hashes and records, against one bare ffmpeg call of two outputs."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from imigue_build.backends.media.ffmpeg.command import find_ffmpeg
from imigue_build.config import Extract
from imigue_build.engine.stage import VIDEO
from imigue_build.engine.worker import Job, WorkerHost
from imigue_build.pipeline.demo import DEMO
from imigue_build.stages.extract import ExtractStage
from imigue_build.store.workspace import Workspace

_TIMES: Final = 3


def measure(minutes: float = 20.0) -> dict[str, float]:
    """`extract / ffmpeg`: seconds in which a video becomes an artifact, by those of the bare call.

    The bare call decodes the same video once, on as many cores, into the same two WAVs, and forces nothing onto
    the disk. Of several turns, taken in alternation, the quickest counts of each.
    """
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        video = repeated(DEMO / "demo.mp4", root / "0001.mp4", minutes)
        tried = [(_extract(video, root / f"work{turn}"), _bare(video, root)) for turn in range(_TIMES)]
        ours, theirs = (min(seconds) for seconds in zip(*tried, strict=True))
    return {"extract / ffmpeg": ours / theirs, "extract s": ours, "ffmpeg s": theirs}


def repeated(source: Path, target: Path, minutes: float) -> Path:
    """The video over and over, for so many minutes; nothing is decoded."""
    loop = ["-stream_loop", "-1", "-i", str(source), "-t", str(60 * minutes), "-c", "copy", str(target)]
    subprocess.run([str(find_ffmpeg()), "-loglevel", "error", "-y", *loop], check=True)
    return target


def _extract(video: Path, folder: Path) -> float:
    work, stage = Workspace(folder), ExtractStage(Extract())
    work.prepare()
    job = Job("0001", stage.name, {VIDEO: video}, {}, stage.provenance())
    os.sync()  # what is left to be written of the turn before is not this one's
    started = time.monotonic()
    (result,) = WorkerHost({stage.name: stage}, work).run([job])
    seconds = time.monotonic() - started
    if result.completion is None:
        raise RuntimeError(str(result.outcome))
    return seconds


def _bare(video: Path, folder: Path) -> float:
    outputs = [
        word
        for rate in (44_100, 16_000)
        for word in ("-map", "0:a:0", "-ac", "1", "-ar", str(rate), "-c:a", "pcm_s16le", str(folder / f"{rate}.wav"))
    ]
    command = [str(find_ffmpeg()), "-loglevel", "error", "-y", "-threads", "1", "-i", str(video), *outputs]
    os.sync()
    started = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - started


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
