"""The command `imigue-build`: errors become one line and an exit code."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import click
import typer

from imigue_build import __version__
from imigue_build.cli import inspect, run
from imigue_build.errors import ImigueError, UsageError

app = typer.Typer(
    name="imigue-build",
    help="Build the iMiGUE-Speech corpus from interview videos.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
run.register(app)
inspect.register(app)


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
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = app(standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except ImigueError as error:
        print(f"error: {error}", file=sys.stderr)
        code = 2 if isinstance(error, UsageError) else 1
    if code == 130:
        print("interrupted: what was finished is kept; the same command goes on from there", file=sys.stderr)
    sys.exit(code)


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
