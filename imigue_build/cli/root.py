"""What all commands share: errors become one line and an exit code, and are told with the next command to type."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from imigue_build.cli import hints, pages
from imigue_build.core.errors import ImigueError, UsageError
from imigue_build.core.secrets import scrubbed

INTERRUPTED: Final = 130


class Command(TyperCommand):
    """One command: its errors name the next command with the words that the user gave to this one."""

    def get_params(self, ctx: Any) -> list[Any]:
        return pages.arranged(super().get_params(ctx))

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's context is click's, vendored
        with hints.of(ctx):
            try:
                return super().invoke(ctx)
            except ImigueError as error:
                _say(f"error: {scrubbed(hints.spelled(str(error)))}")
                raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error
            except KeyboardInterrupt as error:
                page = pages.PAGES.get(ctx.command_path.partition(" ")[2], pages.ROOT)
                with suppress(OSError):  # the terminal may be closed
                    _say(f"interrupted: {page.interrupted}")
                raise typer.Exit(INTERRUPTED) from error


class Commands(TyperGroup):
    """The group of all commands, in the order of their pages."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=pages.place)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """As typer's, but words that do not fit are told as all other errors are."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            _say(_usage(error))
            code = error.exit_code
        except typer.Abort:
            code = INTERRUPTED
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _usage(error: typer.TyperException) -> str:
    """A line for words that do not fit a command, and where its help is; nothing where the help was printed."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return error.message.strip()  # the help itself, unless it was printed with frames
    message = " ".join(error.format_message().split()).rstrip(".")
    path = context.command_path.partition(" ")[2] if context is not None else ""
    see = " ".join(filter(None, (hints.program(), path, "--help")))
    return f"error: {scrubbed(message[:1].lower() + message[1:])}; see `{see}`"


def _say(line: str) -> None:
    if line:
        print(line, file=sys.stderr)
