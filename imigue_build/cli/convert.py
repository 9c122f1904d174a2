"""convert: a release in the format of another tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imigue_build.cli import completion, options, terminal
from imigue_build.cli.options import INPUTS, OUTPUTS, SCOPE, option
from imigue_build.cli.root import SHARE, WHOLE, command
from imigue_build.cli.terminal import escape

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.apps.convert import Converted


@command(
    "convert",
    SHARE,
    ("convert RELEASE --to hf --out DIR", "for Hugging Face datasets"),
    ("convert RELEASE --to kaldi --out DIR", "a Kaldi data folder"),
    ("convert RELEASE --to csv --out DIR --splits 0.8,0.1,0.1", "tables, splits keep speakers apart"),
    json='{"format", "interviews": N, "segments": N, "words": N, "seconds", "splits": {NAME: {...}}, "failed": '
    '{ID: REASON}, "left_out": [ID], "warnings": [TEXT]}',
    interrupted=WHOLE,
)
def convert(
    *,
    release: options.ReleaseFolder,
    subjects: Annotated[
        Path | None,
        option(
            INPUTS,
            "Who is interviewed where: a CSV with video_id and subject_id, such as iMiGUE's micro-gesture table.",
        ),
    ] = None,
    split_file: Annotated[
        Path | None,
        option(INPUTS, "Splits of a published protocol: a CSV with split and video_id, or split and subject_id."),
    ] = None,
    to: Annotated[
        str,
        option(
            OUTPUTS,
            "hf (Parquet with clips for datasets), lhotse, kaldi, nemo, csv or parquet (tables), ctm, srt, vtt, "
            "eaf (ELAN), or a format of another package.",
            metavar="FORMAT",
            autocompletion=completion.formats,
        ),
    ],
    out: Annotated[
        Path, option(OUTPUTS, "Folder of the conversion; made, or replaced where it is an earlier conversion.")
    ],
    audio_root: Annotated[
        str | None,
        option(
            OUTPUTS,
            "What lhotse, kaldi, nemo and eaf name as the release's folder. Default: its absolute path.",
            metavar="PATH",
        ),
    ] = None,
    splits: Annotated[
        str | None,
        option(
            SCOPE,
            "Speaker-disjoint, balanced splits: 0.8,0.1,0.1 (train, dev, test) or 0.8,0.2 (train, test).",
            metavar="SHARES",
        ),
    ] = None,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write a release in the format of another tool.

    The release is only read. Exit code 1 where an interview cannot be converted; the others are.
    """
    from imigue_build.apps.convert import Request, summary
    from imigue_build.apps.convert import convert as convert_release

    console = terminal.plain(stderr=True)
    request = Request(release, to, out, splits, seed, subjects, split_file, audio_root)
    with terminal.counting("interviews", console, quiet or as_json) as report:
        result = convert_release(request, report)
    _warn(result, console, quiet)
    parts = summary(result)
    if as_json:
        print(json.dumps(_as_json(request.form, result, parts)))
    elif not quiet:
        _show(f"{to} in {out}", parts)
    raise typer.Exit(1 if result.failed else 0)


def _as_json(form: str, result: Converted, parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    totals = {key: sum(part[key] for part in parts.values()) for key in ("interviews", "segments", "words")}
    return {
        "format": form,
        **totals,
        "seconds": round(sum(part["seconds"] for part in parts.values()), 3),
        "splits": {split: part for split, part in parts.items() if split},
        "failed": result.failed,
        "left_out": result.left_out,
        "warnings": result.warnings,
    }


def _warn(result: Converted, console: Console, quiet: bool) -> None:
    for video_id, why in result.failed.items():
        console.print(f"[red]failed:[/red] {video_id}: {escape(why)}")
    for warning in () if quiet else result.warnings:
        console.print(f"[yellow]warning:[/yellow] {escape(warning)}")
    if result.left_out and not quiet:
        console.print(f"left out, as the table of splits does not name them: {', '.join(result.left_out)}")


def _show(title: str, parts: dict[str, dict[str, Any]]) -> None:
    table = terminal.table()
    table.title, table.title_justify = escape(title), "left"
    outcomes, genders = (sorted({value for part in parts.values() for value in part[key]}) for key in _LABELS)
    table.add_column("")
    header = ("videos", "speakers", "hours", "segments", "words")
    for name in (*header, *_named(outcomes, "outcome"), *_named(genders, "gender")):
        table.add_column(escape(name), justify="right", overflow="fold")
    for split, part in parts.items():
        counts = [part[key] for key in ("interviews", "subjects", "hours", "segments", "words")]
        counts += [part["outcomes"].get(value, 0) for value in outcomes]
        counts += [part["genders"].get(value, 0) for value in genders]
        table.add_row(escape(split or "all"), *map(str, counts))
    terminal.tabular().print(table)


_LABELS = ("outcomes", "genders")


def _named(values: list[str], what: str) -> list[str]:
    return [value or f"{what} not labelled" for value in values]
