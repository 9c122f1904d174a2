"""`make bench`: speed as ratios of one run, and accuracy where there are references.

Each part prints what it measures against: no figure is a time.
`python -m tests.benchmarks PART ... [--json]` measures some.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

PARTS: Final[dict[str, str]] = {
    "scheduler": "the wall against the bound of the busiest resource, with timed doubles of a GPU box's backends",
    "embedded": "the embedded recipe on real recordings: two processes against one, and its accuracy",
    "reviewing": "the queue of `review` on real recordings: how soon it names what is wrong",
    "diarization": "the diarizers without torch on real recordings: accuracy against cost",
    "noop": "a finished WORK of 10,000 interviews looked through, against GNU make on as many files",
    "exporting": "export against cp with sums of the same bytes",
    "extracting": "extraction against one bare call of ffmpeg with two outputs",
    "gestures": "18,000 rows of gestures paired with a release of 359 interviews (rows a second, and seconds)",
    "report_page": "the page of a one-hour interview in a headless Chromium: clicks, and the text behind the sound",
    "ray_local": "a Ray cluster on this machine against the local executor",
}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wanted = parser.parse_args()
    if unknown := set(wanted.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    console, found = Console(stderr=wanted.json), dict[str, Mapping[str, float]]()
    for part in wanted.parts or PARTS:
        print(f"{part}: {PARTS[part]} ...", file=sys.stderr)
        found[part] = importlib.import_module(f"tests.benchmarks.{part}").measure()
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    table = Table("part", "what", "ratio")
    for part, figures in found.items():
        for what, figure in figures.items():
            table.add_row(part, what, f"{figure:.3f}")
    console.print(table)


if __name__ == "__main__":
    main()
