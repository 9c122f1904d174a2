"""A finished WORK that is looked at again: against GNU make over the same files, with as many rules."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.finished import Finished
from tests.benchmarks.meter import least, metered, used

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
    """`noop / make`: processor time of a run-all with nothing to do, by that of `make` with nothing to do.

    Of several turns, taken in alternation, the least counts of each. Also the peak of resident memory, in MB, of a
    process that plans.
    """
    with tempfile.TemporaryDirectory() as temporary:
        finished = Finished(Path(temporary), interviews)
        makefile = Path(temporary, "Makefile")
        makefile.write_text(_makefile(finished))
        commands = {
            "make": ["make", "--silent", "-f", str(makefile)],
            "ours": [sys.executable, "-m", "imigue_build", *_words_of(finished, "run-all")],
        }
        env = used() | {"PYTHONPYCACHEPREFIX": str(Path(temporary, "compiled"))}
        metered(commands["ours"], env)  # as in an installation that has been used
        found = least(commands, _TIMES, env)
        plan = [sys.executable, "-c", _PEAK, *_words_of(finished, "plan")]
        peak = int(subprocess.run(plan, check=True, capture_output=True, text=True, env=env).stderr.split()[-1])
    return {"noop / make, processor time": found["ours"].all / found["make"].all, "plan's peak MB": peak / 1024}


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


if __name__ == "__main__":
    for name, value in measure(*map(int, sys.argv[1:])).items():
        print(f"{name}: {value:.2f}")
