"""The arguments and options that several commands share, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from imigue_build.cli import completion
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

Videos = Annotated[
    Path,
    typer.Argument(
        metavar="VIDEOS", help="A folder, searched recursively for media, or one file. The id is the file's stem."
    ),
]
ReleaseFolder = Annotated[Path, typer.Argument(metavar="RELEASE", help="The folder of a release.")]
Labels = Annotated[
    Path | None,
    typer.Option(help="labels.csv of a release, or iMiGUE's long micro-gesture table.", rich_help_panel=INPUTS),
]
ConfigName = Annotated[
    str | None,
    typer.Option(
        help="A recipe (embedded, laptop, paper) or a YAML file. Default: paper where it can run, else embedded.",
        autocompletion=completion.configs,
        rich_help_panel=INPUTS,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="STAGE.KEY=VALUE",
        help="Overrides one setting; may be repeated.",
        autocompletion=completion.settings,
        rich_help_panel=INPUTS,
    ),
]
Corrections = Annotated[
    Path | None,
    typer.Option(
        "--overrides",
        help="Folder of corrections, one YAML file an interview, e.g. 0440.yaml; see `override`.",
        rich_help_panel=INPUTS,
    ),
]
KnownWork = Annotated[
    Path, typer.Option("--work", help="Folder of the artifacts, as run-all was given it.", rich_help_panel=INPUTS)
]
Work = Annotated[
    Path,
    typer.Option(help="Folder of the checkpointed artifacts; made if it is missing.", rich_help_panel=OUTPUTS),
]
Release = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the release; made, or replaced when the new one is whole. run-all and export need it.",
        rich_help_panel=OUTPUTS,
    ),
]
Only = Annotated[
    str | None,
    typer.Option(
        metavar="ID,ID",
        help="Work on these interviews only.",
        autocompletion=completion.ids,
        rich_help_panel=SCOPE,
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Work on the I-th of N parts of the interviews (1/4 ... 4/4), while other runs do the others.",
        rich_help_panel=SCOPE,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Run although nothing changed.", rich_help_panel=SCOPE)]
Verify = Annotated[
    bool, typer.Option("--verify", help="Hash every artifact; make again what is damaged.", rich_help_panel=SCOPE)
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes at the most, beside those of stages on a GPU. Default: the machine's cores.",
        rich_help_panel=RUNNING,
    ),
]
Executor = Annotated[
    Literal["local", "ray"],
    typer.Option(
        help="Where the stages run: processes of this machine, or actors of a Ray cluster.", rich_help_panel=RUNNING
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Head of the Ray cluster, or auto. Default: RAY_ADDRESS, else a cluster of this machine alone.",
        rich_help_panel=RUNNING,
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Of everything that is drawn at random.", rich_help_panel=RUNNING)]
Trace = Annotated[
    Path | None,
    typer.Option(
        "--trace",
        metavar="FILE",
        help="Write when each job ran, for chrome://tracing or ui.perfetto.dev.",
        rich_help_panel=MESSAGES,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output.", rich_help_panel=MESSAGES)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.", rich_help_panel=MESSAGES)]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Print every step and why it runs.", rich_help_panel=MESSAGES)
]


def recipe_of(name: str | None, overrides: list[str] | None) -> tuple[Recipe, str]:
    """The recipe that was asked for, and the line that says which it is and why.

    Raises:
        ConfigError: If it cannot be used.
    """
    from imigue_build.config import load_recipe

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
