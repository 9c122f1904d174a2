"""`make bench`: speed as ratios of one run, and accuracy where there are references.

Each part prints what it measures against: no figure is a time, except where the part says so.
`python -m tests.benchmarks PART ... [--json]` measures some.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

Lacking = Callable[[], str]
"""What a part lacks here, and the command that brings it; empty where it lacks nothing."""


def _package(name: str, remedy: str) -> Lacking:
    return lambda: "" if find_spec(name) else f"the package {name}: {remedy}"


def _recordings() -> str:
    return "" if os.environ.get("IMIGUE_SHARED_DATA") else "recordings: IMIGUE_SHARED_DATA=FOLDER names their folder"


def _browser() -> str:
    if problem := _package("playwright", "make .venv/.test")():
        return problem
    from tests.apps.report.conftest import chromium

    return "" if chromium() else "a Chromium on the PATH: apt-get install chromium"


def _linux() -> str:
    return "" if sys.platform == "linux" else "Linux, which alone counts the processor time of a whole process tree"


class Part(NamedTuple):
    """What a part measures, and what it needs besides what `make bench` installs."""

    what: str
    lacks: Lacking = lambda: ""


PARTS: Final[dict[str, Part]] = {
    "recognition": Part("recognition against bare faster-whisper, and whisperX where .venv-models is; WER", _linux),
    "extracting": Part("extraction against one bare call of ffmpeg with two outputs", _linux),
    "noop": Part("a finished WORK of 10,000 interviews looked through, against GNU make on as many files", _linux),
    "embedded": Part("the whole chain by the embedded recipe: two processes against one, and its accuracy", _linux),
    "hour": Part("an hour of sound, stage by stage: memory of the largest process; a quarter of an hour", _linux),
    "reviewing": Part("the queue of `review` on real recordings: how soon it names what is wrong", _recordings),
    "scheduler": Part("the wall against the bound of the busiest resource, with timed doubles of a GPU box's backends"),
    "diarization": Part("the diarizers without torch on real recordings: accuracy against cost", _recordings),
    "exporting": Part("export against cp with sums of the same bytes"),
    "gestures": Part("18,000 rows of gestures paired with a release of 359 interviews (rows a second, and seconds)"),
    "report_page": Part("the page of an hour in a headless Chromium: clicks, and the text behind the sound", _browser),
    "ray_local": Part(
        "a Ray cluster on this machine against the local executor",
        _package("ray", "make ray .venv-ray/.test, then .venv-ray/bin/python -m tests.benchmarks ray_local"),
    ),
}


def main(words: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wanted = parser.parse_args(words)
    if unknown := set(wanted.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    lacking = {part: PARTS[part].lacks() for part in wanted.parts or PARTS}
    for part, lacks in lacking.items():
        if lacks:
            print(f"{part}: not measured, it needs {lacks}", file=sys.stderr)
    before, found = _load(), dict[str, Mapping[str, float]]()
    for part, lacks in lacking.items():
        if not lacks:
            print(f"{part}: {PARTS[part].what} ...", file=sys.stderr)
            found[part] = importlib.import_module(f"tests.benchmarks.{part}").measure()
    machine = {"cores": os.cpu_count(), "load before": before, "load after": _load()}
    if wanted.json:
        print(json.dumps({"machine": machine, **found}, indent=1))
    else:
        _show(found, machine)


def _load() -> float:
    """How many processes wanted a core, over the last minute."""
    return round(os.getloadavg()[0], 1)


def _show(found: Mapping[str, Mapping[str, float]], machine: Mapping[str, Any]) -> None:
    table = Table("part", "what", "figure")
    for part, figures in found.items():
        for what, figure in figures.items():
            table.add_row(part, what, f"{figure:.3f}")
    console = Console()
    console.print(table)
    console.print(
        f"{machine['cores']} cores; {machine['load before']} processes wanted one before, "
        f"{machine['load after']} at the end"
    )


if __name__ == "__main__":
    main()
