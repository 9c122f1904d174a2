"""A finished WORK that is looked at again: against GNU make over the same files, with as many rules."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.finished import Finished

_TIMES = 3


def measure(interviews: int = 10_000) -> dict[str, float]:
    """`noop / make`: seconds of a run-all with nothing to do, by those of `make` with nothing to do.

    Of several turns, taken in alternation, the quickest counts of each. Also the seconds, and the peak of
    resident memory in MB of a process that plans.
    """
    with tempfile.TemporaryDirectory() as temporary:
        finished = Finished(Path(temporary), interviews)
        makefile = Path(temporary, "Makefile")
        makefile.write_text(_makefile(finished))
        make = ["make", "--silent", "-f", str(makefile)]
        tried = [(_seconds(_command(finished, "run-all")), _seconds(make)) for _ in range(_TIMES)]
        ours, theirs = (min(seconds) for seconds in zip(*tried, strict=True))
        _seconds(_command(finished, "plan"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"noop / make": ours / theirs, "noop s": ours, "make s": theirs, "peak MB": peak}


def _makefile(finished: Finished) -> str:
    """One rule for each stage of each interview: its outputs are the targets, all to be there, its inputs the prerequisites."""
    rules: list[str] = []
    every: list[Path] = []
    for video_id in finished.ids:
        for stage in finished.pipeline.stages:
            targets = finished.outputs(video_id, stage.name)
            inputs = [
                finished.videos / f"{video_id}.mp4" if name == "video" else finished.work / video_id / name
                for name in stage.inputs
            ]
            rules.append(f"{_words(targets)} &: {_words(inputs)}\n\tfalse")
            every += targets
    return "\n".join(["MAKEFLAGS += -rR", ".PHONY: all", f"all: {_words(every)}\n\t@:", *rules]) + "\n"


def _words(paths: Sequence[Path]) -> str:
    return " ".join(map(str, paths))


def _command(finished: Finished, name: str) -> list[str]:
    places = [str(finished.videos), "--work", str(finished.work), "--release", str(finished.release)]
    return [sys.executable, "-m", "imigue_build", name, *places, "--config", "embedded", "--json"]


def _seconds(command: Sequence[str]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - started


if __name__ == "__main__":
    for name, value in measure(*map(int, sys.argv[1:])).items():
        print(f"{name}: {value:.2f}")
