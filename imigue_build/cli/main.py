"""The command `imigue-build`: errors become one line and an exit code."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Annotated

import typer

from imigue_build import __version__
from imigue_build.cli import (
    bench,
    bench_affect,
    bench_text,
    compare,
    completion,
    convert,
    demo,
    gestures,
    inspect,
    models,
    override,
    pages,
    report,
    reproduce,
    run,
    score,
)
from imigue_build.cli.root import INTERRUPTED, Command, Commands
from imigue_build.core.telemetry import no_telemetry

app = typer.Typer(
    cls=Commands,
    name="imigue-build",
    help="Build the iMiGUE-Speech corpus from interview videos.",
    epilog=pages.shown(pages.ROOT.epilog()),
    no_args_is_help=True,
    rich_markup_mode="rich" if pages.framed() else None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
run.register(app)
inspect.register(app)
override.register(app)
report.register(app)
score.register(app)
compare.register(app)
reproduce.register(app)
convert.register(app)
gestures.register(app)
models.register(app)
bench_text.register()
bench_affect.register()
bench.register(app)
demo.register(app)
pages.dress(app, Command)


def _version(asked: bool) -> None:
    if asked:
        print(f"imigue-build {__version__}")
        raise typer.Exit()


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 failures, 2 usage or configuration, 130 interrupted."""
    no_telemetry()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    completion.serve(lambda: app(prog_name="imigue-build"))


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """The first one lets a run clear up, which takes a moment; a second one ends it at once: the next run clears up."""
    signal.signal(signum, _leave)
    raise KeyboardInterrupt


def _leave(signum: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
