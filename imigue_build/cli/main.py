"""The command `imigue-build`: errors become one line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from imigue_build import __version__
from imigue_build.cli import bench, bench_affect, bench_text, inspect, models, override, report, run, score
from imigue_build.errors import ImigueError, UsageError
from imigue_build.quiet import no_telemetry
from imigue_build.secret import scrubbed

_INTERRUPTED = 130


class Commands(TyperGroup):
    """The group of all commands; the one place where our errors become exit codes."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ImigueError as error:
            print(f"error: {scrubbed(str(error))}", file=sys.stderr)
            raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error
        except KeyboardInterrupt as error:
            with suppress(OSError):  # the terminal may be closed
                print("interrupted: what was finished is kept; the same command goes on from there", file=sys.stderr)
            raise typer.Exit(_INTERRUPTED) from error


app = typer.Typer(
    cls=Commands,
    name="imigue-build",
    help="Build the iMiGUE-Speech corpus from interview videos.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
run.register(app)
inspect.register(app)
override.register(app)
report.register(app)
score.register(app)
models.register(app)
bench_text.register()
bench_affect.register()
bench.register(app)


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
    app()


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """The first one lets a run clear up, which takes a moment; a second one ends it at once: the next run clears up."""
    signal.signal(signum, _leave)
    raise KeyboardInterrupt


def _leave(signum: int, frame: FrameType | None) -> None:
    os._exit(_INTERRUPTED)
