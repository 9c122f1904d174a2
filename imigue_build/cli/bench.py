"""bench: what the benchmarks' commands share: options, warnings, features of clips, and how results are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from imigue_build.cli import completion, terminal
from imigue_build.cli.help_text import epilog
from imigue_build.cli.options import INPUTS, OUTPUTS, RUNNING, option
from imigue_build.cli.root import BENCHMARKS, Commands, app
from imigue_build.cli.terminal import escape
from imigue_build.core.errors import UsageError
from imigue_build.core.system import cores

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.apps.bench.corpus import Corpus
    from imigue_build.apps.bench.features import Features, FeatureSpec
    from imigue_build.apps.bench.tables import Results

bench_app: Final = typer.Typer(
    name="bench", cls=Commands, no_args_is_help=True, help="Benchmarks: speech emotion recognition and more."
)
app.add_typer(
    bench_app,
    rich_help_panel=BENCHMARKS,
    epilog=epilog((("bench ser --dataset emodb --root DIR", "speech emotion recognition on EmoDB"),)),
)

Device = Literal["auto", "cpu", "cuda"]
DeviceOption = Annotated[Device, option(RUNNING, "Where a model runs; Whisper's encoder: always the processor.")]
Subjects = Annotated[Path | None, option(INPUTS, "Who is who: a CSV with video_id,subject_id, or iMiGUE's long table.")]
Revision = Annotated[str | None, option(INPUTS, "The revision of the model (of outcome: of the speech encoder).")]
Layer = Annotated[
    str, option(INPUTS, "An encoder's layer: a number, or last.", autocompletion=completion.one_of("last"))
]
Cache = Annotated[Path | None, option(RUNNING, "Folder of computed features. Default: the user's cache.")]
Out = Annotated[Path | None, option(OUTPUTS, "Folder for result.json, table.md, table.tex and more.")]


def console() -> Console:
    return terminal.plain(stderr=True)


def warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        console().print(f"[yellow]warning:[/yellow] {escape(warning)}")


def pairs(flag: str, given: list[str] | None) -> dict[str, str]:
    """The values of a flag of NAME=VALUE by name; it may hold several, with commas between them.

    Raises:
        UsageError: If it is of another form, or gives a name two values.
    """
    found: dict[str, str] = {}
    for pair in (pair for words in given or () for pair in words.split(",")):
        name, mark, value = (part.strip() for part in pair.rpartition("="))
        if not (name and mark and value):
            raise UsageError(f"{flag} {pair!r} is no NAME=VALUE", f"write e.g. {flag} joy=positive")
        if found.setdefault(name, value) != value:
            raise UsageError(f"{flag} gives {name} two values", "keep one")
    return found


def clips(
    read: Corpus, spec: FeatureSpec, cache: Path | None, jobs: int | None, quiet: bool
) -> tuple[Corpus, Features]:
    """The features of all interviewees' clips, and the corpus without those that cannot be used."""
    from imigue_build.apps.bench.cache import default_folder
    from imigue_build.apps.bench.features import compute
    from imigue_build.apps.bench.views import as_utterances, usable

    with terminal.counting("features", console(), quiet) as report:
        found = compute(as_utterances(read.segments), spec, cache or default_folder(), jobs or cores(), report)
    show_reused(found, quiet)
    return usable(read, found), found


def show_reused(found: Features, quiet: bool) -> None:
    """How many of the features were in the cache, and why they are not kept where they cannot be."""
    if quiet:
        return
    if found.reused:
        console().print(f"features: {found.reused} of {len(found.ids) + len(found.failed)} from the cache")
    if found.cache_error:
        warn([f"features are not kept: {found.cache_error}"])


def deliver(
    result: Mapping[str, Any], tables: Sequence[Results], more: Mapping[str, str], out: Path | None, as_json: bool
) -> None:
    """The result's files if a folder is named, then JSON or tables."""
    if out is not None:
        from imigue_build.apps.bench.files import write

        write(out, result, tables, more)
    if as_json:
        print(json.dumps(result))
        return
    from imigue_build.apps.bench.tables import rich_table

    for table in tables:
        terminal.tabular().print(rich_table(table))
