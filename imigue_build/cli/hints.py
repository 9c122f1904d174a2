"""The next command to type, with the words that the user gave to this one."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from imigue_build.cli.options import OUTPUTS
from imigue_build.cli.terminal import escape
from imigue_build.core.secrets import scrubbed

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.pipeline.last_run import LastRun

_CURRENT: ContextVar[typer.Context | None] = ContextVar("command", default=None)
_NAMED: Final = re.compile(r"`imigue-build ((?:bench )?[a-z][a-z-]*)( [^`]+)?`")
_PIP: Final = re.compile(r"(?<!-m )\bpip install\b(?! 'WHEEL)")
_PLACEHOLDERS: Final = (None, " --config CONFIG")
"""What a message that does not know the user's words has after a command's name."""
_OF_THIS_RUN: Final = {"force", "verify", "trace", "as_json", "quiet", "verbose", "out"}
"""Options that the next command does not take over."""
_NO_USE: Final = {
    "extract": {"release", "labels"},
    "transcribe": {"release", "labels"},
    "diarize": {"release", "labels"},
    "align": {"release"},
}
"""By stage the options that it accepts and ignores."""
_EXPORTS: Final = ("run-all", "export")
_TAKEN: Final = "imigue_build.taken"
"""Key of click's context: what the command took from the last run in WORK."""


@contextmanager
def of(ctx: typer.Context) -> Iterator[None]:
    """While inside, hints take the words of this command."""
    token = _CURRENT.set(ctx)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def spelled(text: str) -> str:
    """A message in which every `imigue-build COMMAND` has become one to type, with the user's own words.

    So has every `pip install`: it installs where this program runs.
    """

    def spell(found: re.Match[str]) -> str:
        name, more = found.groups()
        line = command_line(name) if more in _PLACEHOLDERS else f"{program()} {name}{more}"
        return f"`{line}`" if line else found[0]

    return _PIP.sub(lambda found: _pip(), _NAMED.sub(spell, text))


def command_line(name: str, **more: object) -> str:
    """A command to type, quoted for a shell; empty where there is no command of that name.

    Args:
        name: One word, or two: "bench fetch".
        more: Values of its parameters. Others are those that the user gave to this command under the same name; what
            the command requires and nobody gave is a placeholder.
    """
    ctx = _CURRENT.get()
    command: Any = ctx.find_root().command if ctx is not None else None
    for part in name.split():
        command = getattr(command, "commands", {}).get(part)
    if ctx is None or command is None:
        return ""
    names = {param.name for param in command.params}
    taken = {} if "work" in names else {key: value for key, value in ctx.meta.get(_TAKEN, {}).items() if key in names}
    arguments, options = _words(command, taken | _given(ctx, name) | more, name in _EXPORTS)
    line = scrubbed(" ".join([program(), *name.split(), *arguments, *options]))
    return line if line.isprintable() else ""  # what would steer a terminal is not repeated


def take_over(taken: Mapping[str, Any]) -> str:
    """Notes what this command took from the last run in WORK, by the parameter's name; the same as words to type.

    Commands that have a WORK take it over by themselves; the others get it as options.
    """
    ctx = _CURRENT.get()
    if ctx is None:
        return ""
    ctx.meta[_TAKEN] = dict(taken)
    params = [param for param in ctx.command.params if param.name in taken]
    arguments, options = _typed(params, dict(taken))
    line = scrubbed(" ".join([*arguments, *options]))
    return line if line.isprintable() else ascii(line)


def show(console: Console, *commands: str) -> None:
    """Prints commands to type next, one a line; empty ones are left out."""
    for number, command in enumerate(filter(None, commands)):
        console.print(f"{'      ' if number else 'next: '}{escape(command)}")


def program() -> str:
    """The name under which this program was called."""
    called = Path(sys.argv[0])
    if called.parts[-2:] == ("imigue_build", "__main__.py"):
        return f"{shlex.quote(_short(Path(sys.executable)))} -m imigue_build"
    if called.name != "imigue-build" or shutil.which("imigue-build") == str(called.absolute()):
        return "imigue-build"
    return shlex.quote(_short(called))


def _pip() -> str:
    """The words that install into the environment which this program runs in."""
    python = Path(sys.executable)
    if shutil.which("pip") == str(python.with_name("pip")):
        return "pip install"
    return f"{shlex.quote(_short(python))} -m pip install"


def _given(ctx: typer.Context, name: str) -> dict[str, Any]:
    """What the user gave to this command and the command of that name also takes, by the parameter's name."""
    omitted = _OF_THIS_RUN | _NO_USE.get(name, set())
    given = {key: value for key, value in ctx.params.items() if key not in omitted and _is_typed(ctx, key)}
    if "corrections" in given:
        given["folder"] = given["corrections"]  # the name that `override` has for it
    return given


def _words(command: Any, given: dict[str, Any], exports: bool) -> tuple[list[str], list[str]]:
    """The arguments and the options of a command line, with placeholders for what neither they nor WORK say."""
    names = {param.name for param in command.params}
    last = _last_run(given.get("work")) if "work" in names and not given.get("anew") else None
    required = {param.name for param in command.params if param.required}
    required |= {"videos"} & names if "work" in names and last is None else set()
    required |= {"release"} if exports and (last is None or last.release is None) else set()
    return _typed(command.params, given | {name: name.upper() for name in required if given.get(name) is None})


def _typed(params: Sequence[Any], given: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Arguments and options with their values, quoted for a shell."""
    arguments: list[str] = []
    options: list[str] = []
    for param in sorted(params, key=lambda param: param.rich_help_panel != OUTPUTS):  # first what is made
        value = given.get(param.name)
        if value is None or value is False:
            continue
        if value is True:
            options.append(param.opts[0])
        elif param.param_type_name == "argument":
            placeholder = value == param.name.upper() and param.metavar
            text = str(placeholder or value)
            arguments.append(shlex.quote(f"./{text}" if text.startswith("-") else text))
        else:
            for item in value if isinstance(value, list | tuple) else [value]:
                options += [param.opts[0], shlex.quote(str(item))]
    return arguments, options


def _last_run(work: object) -> LastRun | None:
    """The run that a command line with this WORK goes on with."""
    if work is None:
        return None
    from imigue_build.pipeline.last_run import last_run
    from imigue_build.store.workspace import Workspace

    return last_run(Workspace(Path(str(work))))


def _short(path: Path) -> str:
    """A path relative to the current folder where it is in there, in a form that is not searched for in PATH."""
    try:
        whole, here = path.absolute(), Path.cwd()
    except FileNotFoundError:  # the current folder was deleted
        return str(path)
    if not whole.is_relative_to(here):
        return str(whole)
    inside = whole.relative_to(here)
    return str(inside) if len(inside.parts) > 1 else f"./{inside}"


def _is_typed(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
