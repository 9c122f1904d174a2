"""review: what of a release a person should check first, and how to correct it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.options import MESSAGES, SCOPE, option
from imigue_build.cli.root import LOOK, NOTHING, command
from imigue_build.cli.terminal import escape

if TYPE_CHECKING:
    from imigue_build.release.reader.ranking import Item

_TOP: Final = 20


@command(
    "review",
    LOOK,
    ("review RELEASE", "the twenty places that are worst"),
    ("review RELEASE --only 0440 --all", "all of one interview"),
    ("review RELEASE --work WORK", "with commands to paste"),
    json='{"items": [{"video_id", "kind", "start", "end", "speaker", "text", "reason", "confidence", "command"}]}',
    interrupted=NOTHING,
)
def review(
    release: options.ReleaseFolder,
    only: options.Only = None,
    top: Annotated[
        int | None, option(SCOPE, f"How many to list. Default: {_TOP}, and all with --json.", "--top", min=1)
    ] = None,
    every: Annotated[bool, option(SCOPE, "List all.", "--all")] = False,
    work: Annotated[Path, option(MESSAGES, "Folder of the artifacts, to be named in the commands.", "--work")] = Path(
        "WORK"
    ),
    as_json: options.Json = False,
) -> None:
    """List what a person should check, worst first, and why; exit 1 if some interviews cannot be read.

    Ranked are passages, roles, voices and corrections that fit nothing any more, by the chance that they are right: by
    the ASR's confidence and flags, how well sound and text fit, words that could not be aligned, overlap and turns.
    Under each is the command that corrects it. After the last colon of a --word stands the word as it is: put what is
    said in its place, or leave it to confirm the word.
    """
    from imigue_build.apps.review import review as find_doubtful

    items, failed = find_doubtful(release, options.ids_of(only))
    most = len(items) if every or (as_json and top is None) else top or _TOP
    if as_json:
        print(json.dumps({"items": [_as_json(item, work) for item in items[:most]], "failed": failed}))
    elif items:
        _show(items, most, work)
    else:
        terminal.plain().print("nothing is doubtful")
    errors = terminal.plain(stderr=True)
    for video_id, reason in failed.items():
        errors.print(f"[red]failed:[/red] {video_id}: {escape(reason)}")
    raise typer.Exit(1 if failed else 0)


def _as_json(item: Item, work: Path) -> dict[str, object]:
    fields = {name: value for name, value in item._asdict().items() if name != "correction"}
    return fields | {"command": item.command(str(work)) or None}


def _show(items: Sequence[Item], most: int, work: Path) -> None:
    console = terminal.plain()
    console.print("interview, seconds, chance that it is right: words, reason, command that corrects it")
    for item in items[:most]:
        place = f"{item.video_id}  {item.start:.1f}-{item.end:.1f} s  {item.confidence:.2f}"
        console.print(f"[bold]{escape(place)}[/bold]  {escape(_brief(item.text))}")
        console.print(f"    {escape(item.reason)}")
        if line := item.command(str(work), hints.program()):
            console.print(f"    {escape(line)}")
    if len(items) > most:
        console.print(f"{len(items) - most} more: --all")
    hints.show(console, hints.command_line("report"))


def _brief(text: str) -> str:
    """A text on a line: its beginning and its end."""
    return text if len(text) <= 100 else f"{text[:60]} ... {text[-30:]}"
