"""The arguments and options that several commands share, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from imigue_build.cli import completion, terminal
from imigue_build.cli.terminal import escape
from imigue_build.core import extras
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    from imigue_build.config import Recipe

INPUTS: Final = "Inputs"
OUTPUTS: Final = "Outputs"
SCOPE: Final = "What to run"
CORRECTIONS: Final = "Corrections"
RUNNING: Final = "How to run"
MESSAGES: Final = "Messages"
"""Headings of options in the help; a command has them in the order of its parameters."""


def option(panel: str, help: str, *names: str, **more: Any) -> Any:
    """An option under a heading of the help, as typer takes it; `more` is of `typer.Option`."""
    return typer.Option(*names, help=help, rich_help_panel=panel, **more)


Videos = Annotated[
    Path | None,
    typer.Argument(
        metavar="VIDEOS",
        help="A folder, searched recursively for media, or one file. The id is the file's stem. Default, as of the "
        "options: that of the last run in WORK.",
        show_default=False,
    ),
]
ReleaseFolder = Annotated[Path, typer.Argument(metavar="RELEASE", help="The folder of a release.")]
Labels = Annotated[
    Path | None,
    option(
        INPUTS,
        "labels.csv of a release, or iMiGUE's long micro-gesture table. A column `player` with names is not released, "
        "but says who is the interviewee where a given transcript or turns have the name.",
    ),
]
ConfigName = Annotated[
    str | None,
    option(
        INPUTS,
        "A recipe (embedded, paper, imigue, minimal) or a YAML file. Default: that of the last run in WORK; else paper "
        "where it can run, or embedded.",
        autocompletion=completion.configs,
    ),
]
Overrides = Annotated[
    list[str] | None,
    option(
        INPUTS,
        "Overrides one setting; may be repeated.",
        "--set",
        metavar="STAGE.KEY=VALUE",
        autocompletion=completion.settings,
    ),
]
Corrections = Annotated[
    Path | None,
    option(INPUTS, "Folder of corrections, one YAML file an interview, e.g. 0440.yaml; see `override`.", "--overrides"),
]
KnownWork = Annotated[Path, option(INPUTS, "Folder of the artifacts, as run-all was given it.", "--work")]
Anew = Annotated[bool, option(INPUTS, "Take nothing over from the last run in WORK.", "--anew")]
Work = Annotated[Path, option(OUTPUTS, "Folder of the checkpointed artifacts; made if it is missing.")]
Release = Annotated[
    Path | None,
    option(OUTPUTS, "Folder of the release; made, or replaced when the new one is whole. run-all and export need it."),
]
Only = Annotated[
    str | None, option(SCOPE, "Work on these interviews only.", metavar="ID,ID", autocompletion=completion.ids)
]
Shard = Annotated[
    str | None,
    option(
        SCOPE,
        "Work on the I-th of N parts of the interviews (1/4 ... 4/4), while other runs do the others.",
        "--shard",
        metavar="I/N",
    ),
]
Force = Annotated[bool, option(SCOPE, "Run although nothing changed.", "--force")]
Every = Annotated[bool, option(MESSAGES, "List every interview, also of many.", "--all")]
Verify = Annotated[
    bool, option(SCOPE, "Hash all artifacts and released files; make again what is damaged.", "--verify")
]
Jobs = Annotated[
    int | None,
    option(RUNNING, "Processes at the most, beside those of stages on a GPU. Default: the machine's cores.", min=1),
]
Executor = Annotated[
    Literal["local", "ray"] | None,
    option(RUNNING, "Where the stages run: processes of this machine (default), or actors of a Ray cluster."),
]
RayAddress = Annotated[
    str | None,
    option(
        RUNNING,
        "Head of the Ray cluster, or auto. Default: RAY_ADDRESS, else a cluster of this machine alone.",
        metavar="HOST:PORT",
    ),
]
Seed = Annotated[int, option(RUNNING, "Of everything that is drawn at random.", min=0)]
Trace = Annotated[
    Path | None,
    option(MESSAGES, "Write when each job ran, for chrome://tracing or ui.perfetto.dev.", "--trace", metavar="FILE"),
]
Json = Annotated[bool, option(MESSAGES, "Print one JSON object on standard output.", "--json")]
Quiet = Annotated[bool, option(MESSAGES, "Print failures only.", "--quiet", "-q")]
Verbose = Annotated[bool, option(MESSAGES, "Print every step and why it runs.", "--verbose", "-v")]


def recipe_of(name: str | None, overrides: list[str] | None) -> tuple[Recipe, str]:
    """The recipe that was asked for, and the line that says which it is and why.

    Raises:
        ConfigError: If it cannot be used.
    """
    from imigue_build.backends.configs import load_recipe
    from imigue_build.backends.registry import registry

    for problem in registry().problems:
        terminal.plain(stderr=True).print(f"[yellow]warning:[/yellow] {escape(problem)}")
    if name is not None:
        return load_recipe(name, overrides or []), f"config: {name}"
    from imigue_build.apps.doctor import default_recipe

    chosen, because = default_recipe()
    return load_recipe(chosen, overrides or []), f"config: {chosen} ({because}; --config chooses another)"


def ids_of(only: str | None) -> tuple[str, ...]:
    """The ids of `--only`, all-digit ones padded as those of videos are."""
    from imigue_build.corpus import padded

    return tuple(padded(name.strip()) for name in (only or "").split(",") if name.strip())


def shard_of(text: str | None) -> tuple[int, int] | None:
    """The part that `--shard I/N` names, and of how many.

    Raises:
        UsageError: If it names none.
    """
    if text is None:
        return None
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise UsageError(f"--shard {text} names no part", "write it as 1/4 ... 4/4: which part, of how many")
    return int(part), int(parts)


def cluster_of(executor: str, address: str | None) -> str | None:
    """The address of the Ray cluster that a run is to use.

    Raises:
        UsageError: If there is an address without --executor ray, or Ray is not installed.
    """
    if executor == "ray":
        extras.require("ray", "--executor ray", ", on every node")
    elif address is not None:
        raise UsageError("the local executor takes no --ray-address", "add --executor ray")
    return address
