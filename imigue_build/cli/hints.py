"""The next command to type, with the words that the user gave to this one."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape

from imigue_build.core.secrets import scrubbed

_CURRENT: ContextVar[typer.Context | None] = ContextVar("command", default=None)
_NAMED: Final = re.compile(r"`imigue-build ((?:bench )?[a-z][a-z-]*)( [^`]+)?`")
_OPEN: Final = (None, " --config CONFIG")
"""What may stand behind a command's name in a message that knows nothing of the user's words."""
_NOT_HANDED_ON: Final = {"force", "verify", "trace", "as_json", "quiet", "verbose", "out"}
_OF_EXPORT: Final = {"release", "labels"}
_STAGES: Final = ("extract", "transcribe", "diarize", "align")
_EXPORTS: Final = ("run-all", "export")


@contextmanager
def of(ctx: typer.Context) -> Iterator[None]:
    """While inside, hints take the words of this command."""
    token = _CURRENT.set(ctx)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def spelled(text: str) -> str:
    """A message in which every `imigue-build COMMAND` has become one to type, with the user's own words."""

    def one(found: re.Match[str]) -> str:
        line = command_line(found[1]) if found[2] in _OPEN else f"{program()} {found[1]}{found[2]}"
        return f"`{line}`" if line else found[0]

    return _NAMED.sub(one, text)


def command_line(name: str, **more: object) -> str:
    """A command to type, quoted for a shell; empty where there is no command of that name.

    Its arguments and options are those of `more`, then those that the user gave to this command under the same name;
    what it needs and nobody gave is written as a placeholder. `name` may be of two words: "bench fetch".
    """
    ctx = _CURRENT.get()
    command: Any = ctx.find_root().command if ctx is not None else None
    for part in name.split():
        command = getattr(command, "commands", {}).get(part)
    if ctx is None or command is None:
        return ""
    arguments, options = _words(command, _given(ctx, name) | more)
    line = scrubbed(" ".join([program(), *name.split(), *arguments, *options]))
    return line if line.isprintable() else ""  # what would steer a terminal is not repeated


def _given(ctx: typer.Context, name: str) -> dict[str, Any]:
    """What the user gave to this command and the command of that name takes, too, by the parameter's name."""
    given = {key: value for key, value in ctx.params.items() if key not in _NOT_HANDED_ON and _typed(ctx, key)}
    if name in _STAGES:
        given = {key: value for key, value in given.items() if key not in _OF_EXPORT}
    elif name in _EXPORTS:
        given.setdefault("release", "RELEASE")
    if "corrections" in given:
        given["folder"] = given["corrections"]  # as `override` calls it
    return given


def _words(command: Any, given: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The arguments and the options of a command line, with placeholders for what is required."""
    arguments: list[str] = []
    options: list[str] = []
    for param in command.params:
        value = given.get(param.name)
        if param.param_type_name == "argument":
            arguments.append(shlex.quote(str(value)) if value is not None else param.metavar or param.name.upper())
        elif value is not None and value is not False:
            values = value if isinstance(value, list | tuple) else [value]
            for one in values:
                options += [param.opts[0]] if one is True else [param.opts[0], shlex.quote(str(one))]
        elif param.required:
            options += [param.opts[0], param.name.upper()]
    return arguments, options


def show(console: Console, *commands: str) -> None:
    """Prints commands to type next, one a line; empty ones are left out."""
    for at, command in enumerate(filter(None, commands)):
        console.print(f"{'next: ' if not at else '      '}{escape(command)}")


def last_words(work: Path) -> dict[str, object]:
    """The VIDEOS of the last run in WORK, and its --config where that was a recipe as it is."""
    from imigue_build.config import load, recipes
    from imigue_build.pipeline.last_run import last_run
    from imigue_build.store.workspace import Workspace

    last = last_run(Workspace(work))
    if last is None:
        return {}
    name = last.config.get("name")
    same = name in recipes() and load(name).model_dump(mode="json") == last.config
    return {"videos": last.videos} | ({"config": name} if same else {})


def program() -> str:
    """The name under which this program was called."""
    called = Path(sys.argv[0])
    if called.parts[-2:] == ("imigue_build", "__main__.py"):
        return f"{shlex.quote(_short(Path(sys.executable)))} -m imigue_build"
    if called.name != "imigue-build" or shutil.which("imigue-build") == str(called.absolute()):
        return "imigue-build"
    return shlex.quote(_short(called))


def _short(path: Path) -> str:
    """A path relative to the current folder where it is in there, without a search in PATH."""
    whole = path.absolute()
    if not whole.is_relative_to(Path.cwd()):
        return str(whole)
    inside = whole.relative_to(Path.cwd())
    return str(inside) if len(inside.parts) > 1 else f"./{inside}"


def _typed(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
