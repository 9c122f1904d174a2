"""score: how good a release is, against references."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imigue_build.cli import options, terminal
from imigue_build.cli.options import MESSAGES, OUTPUTS, option
from imigue_build.cli.pages import check_page, write_page
from imigue_build.cli.root import LOOK, NOTHING, command
from imigue_build.cli.terminal import escape

if TYPE_CHECKING:
    from rich.table import Table

    from imigue_build.apps.scoring.score import Scores

_PARTS = ("wer_parts", "der_parts", "der_collar_025_parts", "word_boundary", "phone_boundary")


@command(
    "score",
    LOOK,
    ("score REFERENCE RELEASE", "a table"),
    ("score REFERENCE RELEASE --verbose", "with the parts of measures"),
    ("score REFERENCE RELEASE --html score.html", "with the words side by side"),
    json='{"wer", "cpwer", "der", "der_collar_025", "jer", "word_speaker_accuracy", "role_accuracy", "word_boundary": '
    '{"mean_ms", "median_ms", "within_20", "within_50", "within_100"}, "phone_boundary", "interviews": {ID: the same}, '
    '"warnings": {ID: [what was left out of a reference]}}'
    "; shares in 0..1, null where no reference is",
    interrupted=NOTHING,
)
def score(
    reference: Annotated[
        Path,
        typer.Argument(
            metavar="REFERENCE",
            help="A folder of references named by the interviews' ids (0001.json, .rttm, .ctm, .stm, .TextGrid, "
            ".eaf, .csv, .srt, .vtt, .txt), or one file.",
        ),
    ],
    release: options.ReleaseFolder,
    html: Annotated[
        Path | None,
        option(OUTPUTS, "Write the scores, words side by side, as one HTML file.", "--html", metavar="FILE"),
    ] = None,
    as_json: options.Json = False,
    verbose: Annotated[bool, option(MESSAGES, "Print the parts of every measure too.", "--verbose", "-v")] = False,
) -> None:
    """Compare a release with references: words, speakers, roles and times.

    Exit code 1 where an interview cannot be scored; the others are.
    """
    from imigue_build.apps.scoring.score import score as measure

    if html is not None:
        check_page(html, release)
    scores = measure(reference, release, side_by_side=html is not None)
    _warn(scores, reference, release)
    if html is not None:
        from imigue_build.apps.scoring.page import page

        write_page(html, page(scores, str(reference), str(release)))
    found = scores.as_json()
    if as_json:
        print(json.dumps(found))
    else:
        _show(found, verbose)
    raise typer.Exit(1 if scores.failed else 0)


def _warn(scores: Scores, reference: Path, release: Path) -> None:
    console = terminal.plain(stderr=True)
    for video_id, warnings in scores.warnings.items():
        for warning in warnings:
            console.print(f"[yellow]warning:[/yellow] {video_id}: {escape(warning)}", soft_wrap=True)
    for video_id, reason in scores.failed.items():
        console.print(f"[red]failed:[/red] {video_id}: {escape(reason)}")
    for ids, what, where in (  # --json has them all
        (scores.not_released, "have a reference but are not in", release),
        (scores.without_reference, "have no reference in", reference),
    ):
        if ids:
            console.print(
                f"[yellow]warning:[/yellow] not scored, for they {what} {escape(str(where))}: {', '.join(ids)}"
            )


def _show(found: dict[str, Any], verbose: bool) -> None:
    console = terminal.tabular()
    rows = {**found["interviews"], "all": found} if found["interviews"] else {}
    console.print(table_of(rows, last_apart=True))
    if verbose:
        for name, measures in rows.items():
            for key in _PARTS:
                parts = (f"{part} {value:g}" for part, value in (measures[key] or {}).items())
                console.print(f"{name} {key}: {', '.join(parts) or '-'}", soft_wrap=True)
    console.print("word ms, phone ms: the medians of word_boundary and phone_boundary", style="dim")
    for name, meaning in found["definitions"].items():
        console.print(f"[bold]{name}[/bold]: {escape(meaning)}", style="dim")


def table_of(rows: dict[str, dict[str, Any]], last_apart: bool = False) -> Table:
    """The measures by row; `last_apart` draws a line above the last row."""
    from rich import box
    from rich.table import Table

    from imigue_build.apps.scoring.table import COLUMNS, cell

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", min_width=4, overflow="fold")
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for at, (name, measures) in enumerate(rows.items(), 1):
        if last_apart and at == len(rows):
            table.add_section()
        table.add_row(name, *(cell(measures, key, part) for key, part in COLUMNS.values()))
    return table
