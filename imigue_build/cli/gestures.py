"""gestures: iMiGUE's micro-gestures beside the speech of a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imigue_build.cli import options, terminal
from imigue_build.cli.options import INPUTS, OUTPUTS, option
from imigue_build.cli.root import SHARE, WHOLE, command
from imigue_build.cli.terminal import escape
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.apps.gestures.build import Built

_MOST_SHOWN = 20
_MOST_CLASSES = 12


@command(
    "gestures",
    SHARE,
    ("gestures RELEASE --labels labels_long.csv --out DIR", "the long table, or a folder of iMiGUE's files"),
    json='{"gestures": N, "paired": N, "problems": [{"row", "message", "file", "line", "video_id"}], "interviews": N, '
    '"labelled": N, "warnings": [TEXT], "statistics": {...}}',
    interrupted=WHOLE,
)
def gestures(
    release: options.ReleaseFolder,
    labels: Annotated[
        Path,
        option(
            INPUTS,
            "iMiGUE's gesture labels: the long table, or a folder with raw <id>.txt or challenge <id>_label.csv files.",
        ),
    ],
    out: Annotated[Path, option(OUTPUTS, "Folder of the results; made, or replaced when the new one is whole.")],
    seed: options.Seed = 0,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Pair gestures with words, turns and roles on one clock.

    The release is only read. Exit code 1 where rows of the labels cannot be used: each is named, and the others are
    paired.
    """
    from imigue_build.apps.gestures.build import build

    console = terminal.plain(stderr=True)
    with terminal.counting("interviews", console, quiet) as report:
        built = build(release, labels, out, seed, report)
    if not quiet:
        for warning in built.warnings:
            console.print(f"[yellow]warning:[/yellow] {escape(warning)}")
    if as_json:
        print(json.dumps(_document(built)))
    else:
        _show_problems(built, console)
        if not quiet:
            _show(built, out)
    raise typer.Exit(1 if built.problems else 0)


def _document(built: Built) -> dict[str, Any]:
    problems = [
        {
            "row": problem.row,
            "message": problem.message,
            "file": problem.file,
            "line": problem.line or None,
            "video_id": problem.video_id,
        }
        for problem in built.problems
    ]
    found = {name: part for name, part in built.statistics.items() if name not in ("videos", "definitions")}
    return {
        "gestures": built.gestures,
        "paired": built.paired,
        "problems": problems,
        "interviews": built.interviews,
        "labelled": built.labelled,
        "warnings": list(built.warnings),
        "statistics": found,
    }


def _show_problems(built: Built, console: Console) -> None:
    for problem in built.problems[:_MOST_SHOWN]:
        console.print(f"[red]problem:[/red] {escape(problem.row)}: {escape(problem.message)}")
    if (more := len(built.problems) - _MOST_SHOWN) > 0:
        console.print(f"... and {more} more, in problems.csv")


def _show(built: Built, out: Path) -> None:
    console = terminal.tabular()
    found = built.statistics
    classes = sorted(found["classes"].values(), key=lambda row: (-row["gestures"]["total"], row["name"]))
    rows = {"all": found["all"], **{row["name"]: row for row in classes[:_MOST_CLASSES]}}
    table = terminal.table()
    table.title, table.title_justify = "Gestures a minute", "left"
    table.add_column("", no_wrap=True, overflow="ellipsis", max_width=22)
    for name in ("n", "speaking", "listening", "silent", "share\nof time", "median\nlag, s"):
        table.add_column(name, justify="right", min_width=max(map(len, name.split("\n"))))
    for name, row in rows.items():
        rates = (row["per_minute"][state] for state in ("speaking", "listening", "silent"))
        rest = (row["share_of_time"]["total"], row["lag_s"]["median"])
        table.add_row(name, str(row["gestures"]["total"]), *(_cell(value) for value in (*rates, *rest)))
    console.print(table)
    if (more := len(classes) - _MOST_CLASSES) > 0:
        console.print(f"and {more} rarer classes, in statistics.csv", style="dim")
    _show_outcomes(found, console)
    for video_id, clock in found["clock"].items():
        for what, result in clock.items():
            console.print(f"clock of {video_id}: {what.replace('_', ' ')}: {escape(_clock(result))}", soft_wrap=True)
    console.print(
        f"{built.paired:,} of {counted(built.gestures, 'gesture')} paired with {built.labelled:,} of "
        f"{counted(built.interviews, 'interview')}: {escape(str(out))}",
        soft_wrap=True,
    )


def _show_outcomes(found: dict[str, Any], console: Console) -> None:
    if not any(found["win_lose"]["subjects"].values()):
        return
    table = terminal.table()
    table.title, table.title_justify = "Winners against losers", "left"
    for name in ("", "win", "lose", "ratio", "95 %"):
        table.add_column(name, justify="right" if name else "left")
    for when, row in found["win_lose"]["rows"]["all"].items():
        interval = " to ".join(f"{bound:.2f}" for bound in row["ci95"]) if row["ci95"] else "-"
        table.add_row(when, _cell(row["win"]), _cell(row["lose"]), _cell(row["ratio"]), interval)
    console.print(table)


def _clock(result: Any) -> str:
    if not isinstance(result, dict):
        return str(result)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.items() if value is not None)


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{round(value, 2) + 0.0:.2f}"
