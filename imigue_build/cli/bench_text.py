"""bench sentiment, outcome and affect: what is said and how, and whether winners differ from losers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from imigue_build.cli import options
from imigue_build.errors import UsageError

if TYPE_CHECKING:
    from imigue_build.bench.sentiment import Scorer

Subjects = Annotated[
    Path | None,
    typer.Option(help="Who is who: a CSV with video_id and subject_id, or iMiGUE's long table.", show_default=False),
]
Seed = Annotated[int, typer.Option(min=0, help="Of everything that is drawn at random.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for result.json, table.md, table.tex and plots.", show_default=False)
]


def sentiment(
    source: Annotated[Path, typer.Argument(help="A release, or a CSV file with texts.", show_default=False)],
    text_column: Annotated[str, typer.Option(help="Column of the text, in a CSV file.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column of the label, in a CSV file.")] = "label",
    id_column: Annotated[str | None, typer.Option(help="Column of the rows' ids.", show_default=False)] = None,
    label_map: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL=CLASS", help="Which class a label of the file means; may be repeated."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of the CSV file.")] = "utf-8-sig",
    model: Annotated[
        str, typer.Option(help="vader, or a Hugging Face sequence classifier: its name, or its folder.")
    ] = "vader",
    subjects: Subjects = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: options.Json = False,
) -> None:
    """Sentiment of texts: accuracy, macro-F1 and UAR against labels, or winners against losers of a release."""
    from imigue_build.bench.sentiment import Predicted, Table, against_labels, of_release

    scorer = _scorer(model)
    console = _console()
    if source.is_dir():
        from imigue_build.bench import corpus

        release = corpus.read(source, subjects)
        _warn(console, release.warnings)
        with _counting(console, "segments") as progress:
            found = of_release(release, scorer, seed, progress)
    else:
        table = Table(source, text_column, label_column, _pairs(label_map), id_column, encoding)
        kept: list[Predicted] = []
        with _counting(console, "texts") as progress:
            found = against_labels(table, scorer, progress, kept.append if out else None)
    for cause, count in found["left_out"].items():
        _warn(console, [f"{count} left out: {cause}"] if count else [])
    if as_json:
        print(json.dumps(found))


def _scorer(model: str) -> Scorer:
    from imigue_build.bench.sentiment import Vader

    if model == "vader":
        return Vader()
    raise UsageError(f"no model {model}")


def _console() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)


def _warn(console: Console, warnings: Sequence[str]) -> None:
    for warning in warnings:
        console.print(f"[yellow]warning:[/yellow] {escape(warning)}")


def _pairs(given: list[str] | None) -> dict[str, str]:
    """What `--label-map` says, also several with commas in one."""
    found: dict[str, str] = {}
    for pair in (pair for one in given or () for pair in one.split(",")):
        name, mark, value = (part.strip() for part in pair.rpartition("="))
        if not (name and mark and value):
            raise UsageError(f"--label-map {pair!r} is no LABEL=CLASS", "write e.g. --label-map joy=positive")
        if found.setdefault(name, value) != value:
            raise UsageError(f"--label-map gives {name} two classes", "keep one")
    return found


@contextmanager
def _counting(console: Console, what: str) -> Iterator[Any]:
    """A function to call with how many are done; drawn in a terminal only."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, completed=done)


def register(app: typer.Typer) -> None:
    """Adds this module's commands to the group `bench`."""
    app.command("sentiment")(sentiment)
