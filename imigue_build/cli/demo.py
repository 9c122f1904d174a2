"""demo: the release of the interview that comes with imigue-build."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.options import OUTPUTS, option
from imigue_build.cli.outcome import AFTER_A_RELEASE
from imigue_build.cli.root import BUILD, command
from imigue_build.cli.run import RUN_JSON, carry_out
from imigue_build.cli.run_request import Origin
from imigue_build.core.plurals import counted


@command(
    "demo",
    BUILD,
    ("demo", "in build/demo: work holds the artifacts, release the corpus"),
    ("demo --out DIR", "in another folder"),
    json=RUN_JSON,
)
def demo(
    out: Annotated[Path, option(OUTPUTS, "Folder for work and release; made if it is missing.")] = Path("build/demo"),
    jobs: options.Jobs = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Build the release of a short bundled interview, to see what comes out.

    The demo is 75 seconds of an acted interview; the embedded recipe needs no GPU, no token and no download. It takes
    half a minute; a second time it finds all done.
    """
    from imigue_build.core.system import cores
    from imigue_build.pipeline.demo import request_of

    release = out / "release"
    lines = [f"config: embedded; {counted(jobs or cores(), 'process', 'processes')}"]
    summary = carry_out(request_of(out / "work", release, jobs or cores()), Origin(lines), as_json, quiet, verbose)
    if summary.failed:
        raise typer.Exit(1)
    if not quiet:
        console = terminal.plain(stderr=as_json)
        console.print("\nwhat to look at next:")
        text = shlex.quote(str(release / "demo" / "demo.txt"))
        commands = [f"less {text}", *(hints.command_line(name, release=release) for name in AFTER_A_RELEASE)]
        own = hints.command_line("run-all", jobs=None)
        for command in [*filter(None, commands), own, hints.command_line("doctor")]:
            console.print(f"  {command}", markup=False)
