"""report: pages to look at, listen to, search and correct a release."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from imigue_build.cli import options, terminal
from imigue_build.cli.options import INPUTS, OUTPUTS, option
from imigue_build.cli.root import LOOK, WHOLE, command
from imigue_build.cli.terminal import escape
from imigue_build.core.plurals import counted


@command(
    "report",
    LOOK,
    ("report RELEASE", "in RELEASE-report, beside it"),
    ("report RELEASE --out DIR --only 0440", "of one interview, elsewhere"),
    ("report RELEASE --overrides overrides", "to correct on the pages what was corrected before"),
    ("report RELEASE --videos VIDEOS", "with the video beside the transcript"),
    ("report RELEASE --gestures DIR", "with what gestures wrote"),
    json='{"page": PATH, "interviews": [ID], "failed": {ID: REASON}}',
    interrupted=WHOLE,
)
def report(
    release: options.ReleaseFolder,
    gestures: Annotated[Path | None, option(INPUTS, "Folder that `imigue-build gestures` wrote.")] = None,
    corrections: Annotated[
        Path | None,
        option(INPUTS, "Folder of corrections: pages keep its files in the files they write.", "--overrides"),
    ] = None,
    videos: Annotated[
        Path | None, option(INPUTS, "Folder of the videos, which the pages show; the report can then not be moved.")
    ] = None,
    out: Annotated[Path | None, option(OUTPUTS, "Folder of the report. Default: RELEASE-report beside it.")] = None,
    link_audio: Annotated[
        bool, option(OUTPUTS, "Play the release's own WAVs; the report can then not be moved.", "--link-audio")
    ] = False,
    only: options.Only = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write pages to look at, listen to, search and correct a release; they open from the disk, without a network.

    The release is only read. What is corrected on a page is downloaded as a file for `run-all --overrides`.
    Exit code 1 where an interview has no page; the others have.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from imigue_build.apps.report import write_report
    from imigue_build.core.printable import harmless

    console = terminal.plain(stderr=True)
    progress = Progress(
        TextColumn("report"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", style="dim"),
        console=console,
        disable=quiet or not terminal.live(console),
        transient=True,
    )
    with progress:
        task = progress.add_task("", total=None)

        def advance(video_id: str, count: int) -> None:
            known = progress.tasks[task]
            progress.update(task, description=escape(video_id), total=count, completed=known.fields.get("begun", 0))
            known.fields["begun"] = known.fields.get("begun", 0) + 1

        written = write_report(release, out, gestures, options.ids_of(only), link_audio, corrections, videos, advance)
    for video_id, reason in written.failed.items():
        print(harmless(f"{video_id} has no page: {reason}"), file=sys.stderr)
    if as_json:
        done = {"page": str(written.page), "interviews": list(written.interviews), "failed": written.failed}
        print(json.dumps(done))
    elif not quiet:
        count = len(written.interviews)
        print(f"{counted(count, 'interview')}; open {written.page}")
    raise typer.Exit(1 if written.failed else 0)
