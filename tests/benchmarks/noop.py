"""A finished WORK that is looked at again: against GNU make over the same files, with as many rules."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.finished import Finished

_TIMES = 3
_PEAK = """
import re, sys
from imigue_build.cli.main import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""
"""Runs the command, and says the kB of resident memory that it took at its peak."""


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
        our = [sys.executable, "-m", "imigue_build", *_words_of(finished, "run-all")]
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env["PYTHONPYCACHEPREFIX"] = str(Path(temporary, "compiled"))  # as in an installation that has been used
        _seconds(our, env)
        tried = [(_seconds(our, env), _seconds(make, env)) for _ in range(_TIMES)]
        ours, theirs = (min(seconds) for seconds in zip(*tried, strict=True))
        plan = [sys.executable, "-c", _PEAK, *_words_of(finished, "plan")]
        peak = int(subprocess.run(plan, check=True, capture_output=True, text=True, env=env).stderr.split()[-1])
    return {"noop / make": ours / theirs, "noop s": ours, "make s": theirs, "plan's peak MB": peak / 1024}


def _makefile(finished: Finished) -> str:
    """One rule for each stage of each interview; all its outputs are targets that are to be there."""
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


def _words_of(finished: Finished, name: str) -> list[str]:
    places = [str(finished.videos), "--work", str(finished.work), "--release", str(finished.release)]
    return [name, *places, "--config", "embedded", "--json"]


def _seconds(command: Sequence[str], env: Mapping[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env=env)
    return time.monotonic() - started


if __name__ == "__main__":
    for name, value in measure(*map(int, sys.argv[1:])).items():
        print(f"{name}: {value:.2f}")
