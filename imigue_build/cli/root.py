"""The application: how commands are added and listed, and how errors become one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple, TypeVar, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from imigue_build import __version__
from imigue_build.cli import hints
from imigue_build.cli.help_text import EXIT_CODES, VARIABLES, Example, epilog, framed, unfilled
from imigue_build.cli.options import MESSAGES
from imigue_build.core.errors import ImigueError, UsageError
from imigue_build.core.printable import harmless
from imigue_build.core.secrets import scrubbed

BUILD: Final = "Build"
LOOK: Final = "Look and correct"
SHARE: Final = "Share"
BENCHMARKS: Final = "Benchmarks"
SET_UP: Final = "Set-up"
"""Headings of commands in the list of all."""

UNWRITTEN: Final = 2
"""Exit code where standard output could not be written, and no other code says more."""
INTERRUPTED: Final = 130
GOES_ON: Final = "what was finished is kept; the same command goes on from there"
NOTHING: Final = "nothing is written"
WHOLE: Final = "nothing is written: the folder is made when it is whole"
F = TypeVar("F", bound=Callable[..., None])


class _About(NamedTuple):
    """What a command has besides what typer knows: what is left after Ctrl-C, and the options that its help omits."""

    interrupted: str = GOES_ON
    hidden: tuple[str, ...] = ()


_ALONE: Final = {"--undo": "last"}
"""Options that may stand without a value, and the value that they have then."""
_ABOUT: Final[dict[str, _About]] = {}
"""By the words of the command."""
_ADDED: Final[dict[str, dict[str, Callable[[], CommandInfo]]]] = {}
"""By group and name, the commands."""


class Command(TyperCommand):
    """One command: its errors name the next command with the words that the user gave to this one."""

    def get_params(self, ctx: Any) -> list[Any]:
        params = _flags_without_values(super().get_params(ctx))
        for param in params:
            param.hidden = param.hidden or param.name in _about(ctx).hidden
        return params

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_with_values(args)))

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's context is click's, vendored
        with hints.of(ctx):
            try:
                return super().invoke(ctx)
            except ImigueError as error:
                _say(f"error: {scrubbed(hints.spelled(str(error)))}")
                raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error
            except OSError as error:
                raise typer.Exit(_unreadable(error)) from error
            except KeyboardInterrupt as error:
                _say(f"interrupted: {_about(ctx).interrupted}")
                raise typer.Exit(INTERRUPTED) from error


class _OnDemand(Mapping[str, Any]):
    """The commands of a group, each built when it is asked for: reading the options of all takes longer than most runs.

    Args:
        added: By name how typer knows the commands.
        groups: Groups within the group, which come last.
    """

    def __init__(self, added: Mapping[str, Callable[[], CommandInfo]], groups: Mapping[str, Any]) -> None:
        self._added, self._groups = added, groups
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._groups:
            return self._groups[name]
        if name not in self._built:
            self._built[name] = get_command_from_info(
                self._added[name](), pretty_exceptions_short=True, rich_markup_mode=app.rich_markup_mode
            )
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._added, *self._groups])

    def __len__(self) -> int:
        return len(self._added) + len(self._groups)


class Commands(TyperGroup):
    """A group of commands."""

    def __init__(self, *, name: str, commands: Mapping[str, Any], **attributes: Any) -> None:
        super().__init__(name=name, **attributes)
        self.commands = cast("dict[str, Any]", _OnDemand(_ADDED[name], commands))

    def get_params(self, ctx: Any) -> list[Any]:
        return _flags_without_values(super().get_params(ctx))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """As typer's, but words that do not fit are reported as all other errors are."""
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


app = typer.Typer(
    cls=Commands,
    name="imigue-build",
    help="Build the iMiGUE-Speech corpus from interview videos.",
    epilog=epilog(
        (
            ("demo", "builds the release of an interview that comes with it"),
            ("run-all VIDEOS --work WORK --release RELEASE", "your own interviews"),
            ("doctor", "what this machine can run, and what it lacks"),
            ("run-all --help", "options and examples of one command"),
            ("--install-completion", "commands, options and values at the Tab key: bash, zsh, fish"),
        ),
        "every command prints one JSON object; an error that ends it leaves standard output empty",
        {"Exit codes:": EXIT_CODES, "Environment:": VARIABLES},
    ),
    no_args_is_help=True,
    rich_markup_mode="rich" if framed() else None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(
    name: str,
    panel: str,
    *examples: Example,
    json: str = "",
    help: str | None = None,
    interrupted: str = GOES_ON,
    hidden: tuple[str, ...] = (),
    group: typer.Typer = app,
) -> Callable[[F], F]:
    """Adds the decorated function as a command.

    Args:
        name: One word.
        panel: The heading under which the list of all commands has it; empty for none.
        examples: Command lines of it.
        json: The form of the object that --json prints.
        help: What it does; the function's docstring where left out.
        interrupted: What is left after Ctrl-C.
        hidden: Parameters that it accepts, as all commands like it do, and makes no use of: its help omits them.
        group: The group that gets it.
    """
    words = " ".join(filter(None, (group.info.name if group is not app else "", name)))
    _ABOUT[words] = _About(interrupted, hidden)

    def add(function: F) -> F:
        def info() -> CommandInfo:
            text = unfilled(help or function.__doc__ or "")
            return CommandInfo(
                name,
                cls=Command,
                callback=function,
                help=text,
                epilog=epilog(examples, json),
                rich_help_panel=panel or None,
            )

        _ADDED.setdefault(str(group.info.name), {})[name] = info
        return function

    return add


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


def _about(ctx: Any) -> _About:
    return _ABOUT.get(ctx.command_path.partition(" ")[2], _About())


def _with_values(args: Sequence[str]) -> Iterator[str]:
    """The words of a command, in which every option has its value."""
    for word, following in zip(args, [*args[1:], "--"], strict=False):
        yield f"{word}={_ALONE[word]}" if word in _ALONE and following.startswith("-") else word


def _flags_without_values(params: list[Any]) -> list[Any]:
    """The parameters of a command; in its help, flags show no type."""
    grouped = any(param.rich_help_panel == MESSAGES for param in params)
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar = ""
        if param.name == "help" and grouped:
            param.rich_help_panel = MESSAGES
    return params


def _usage(error: typer.TyperException) -> str:
    """A line for words that do not fit a command, and where its help is; empty where the help was printed."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return error.message.strip()  # the help itself, unless it was printed with frames
    message = " ".join(error.format_message().split()).rstrip(".")
    path = context.command_path.partition(" ")[2] if context is not None else ""
    see = " ".join(filter(None, (hints.program(), path, "--help")))
    return f"error: {scrubbed(message[:1].lower() + message[1:])}; see `{see}`"


def _unreadable(error: OSError) -> int:
    """Says what the operating system refused, where no part of the program knew more of it; the exit code."""
    try:
        os.getcwd()
    except FileNotFoundError:
        _say("error: the current folder was deleted: change to another one, and give the command again")
        return 2
    place = f"{error.filename}: " if error.filename is not None else ""
    _say(f"error: {scrubbed(f'{place}{error.strerror or error}')}")
    return 1


def _say(line: str) -> None:
    if line:
        print(harmless(line), file=sys.stderr)
