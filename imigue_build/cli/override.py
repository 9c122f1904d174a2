"""override: write down a correction, so that it survives every rerun."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from imigue_build.cli import completion, hints, options, terminal
from imigue_build.core.errors import UsageError

_Voices = Annotated[
    list[str] | None, typer.Option(metavar="VOICE", help="A voice that is an interviewer's.", show_default=False)
]


def override(
    video_id: Annotated[
        str, typer.Argument(metavar="ID", help="The interview, e.g. 0440.", autocompletion=completion.ids)
    ],
    work: options.KnownWork,
    folder: Annotated[
        Path, typer.Option("--overrides", help="Folder of the corrections; made if it is missing.")
    ] = Path("overrides"),
    swap_roles: Annotated[bool, typer.Option("--swap-roles", help="Interviewee and interviewer are confused.")] = False,
    interviewee: Annotated[
        str | None, typer.Option(metavar="VOICE", help="The voice that is the interviewee.", show_default=False)
    ] = None,
    interviewer: _Voices = None,
    speakers: Annotated[
        int | None, typer.Option("--num-speakers", min=1, help="How many speakers there are.", show_default=False)
    ] = None,
    merge: Annotated[
        list[str] | None,
        typer.Option(metavar="VOICE,VOICE", help="Voices that are one person.", show_default=False),
    ] = None,
    word: Annotated[
        list[str] | None,
        typer.Option(metavar="MOMENT:WAS:NOW", help="A word that was misheard; NOW may be empty.", show_default=False),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="START-END", help="Seconds that go into no clip.", show_default=False),
    ] = None,
    comment: Annotated[str, typer.Option(help="Why, for people.", show_default=False)] = "",
    as_json: options.Json = False,
) -> None:
    """Write down a correction of an interview; the next run with --overrides applies it."""
    from imigue_build.pipeline.override import Changes, correct
    from imigue_build.store.workspace import Workspace

    changes = Changes(
        swap_roles,
        _voice(interviewee) if interviewee else None,
        tuple(map(_voice, interviewer or ())),
        speakers,
        tuple(tuple(map(_voice, one.split(","))) for one in merge or ()),
        tuple(map(_word, word or ())),
        tuple(map(_span, drop or ())),
        comment,
    )
    (chosen,) = options.ids_of(video_id) or ("",)
    path, corrections = correct(Workspace(work), folder, chosen, changes)
    if as_json:
        fits = [{"text": one.text, "applied": one.applied} for one in corrections]
        print(json.dumps({"path": str(path), "corrections": fits}))
        return
    console = terminal.plain()
    console.print(f"written: {escape(str(path))}")
    for one in corrections:
        mark = "[green]fits[/green]" if one.applied else "[red]fits nothing that is there[/red]"
        console.print(f"  {escape(one.text)}: {mark}")
    console.print(f"apply it: the same run-all again, with --overrides {escape(str(folder))}")
    hints.show(console, hints.command_line("run-all", **hints.last_words(work), corrections=folder))


def _voice(text: str) -> float | str:
    if re.fullmatch(r"SPEAKER_\d{2,}", text.strip()):
        return text.strip()
    return _seconds(text)


def _word(text: str) -> tuple[float, str, str]:
    at, first, rest = text.partition(":")
    was, second, now = rest.partition(":")
    if not first or not second or not was:
        raise UsageError(f"--word {text!r} is not of the form MOMENT:WAS:NOW", "e.g. --word 12.3:Joker:Djokovic")
    return _seconds(at), was, now


def _span(text: str) -> tuple[float, float]:
    start, dash, end = text.partition("-")
    if not dash:
        raise UsageError(f"--drop {text!r} is not of the form START-END", "e.g. --drop 61.5-64")
    return _seconds(start), _seconds(end)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise UsageError(f"{text!r} is no moment in seconds", "e.g. 12.3; a voice may also be SPEAKER_01")
    return value


def register(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command("override")(override)
