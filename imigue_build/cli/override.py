"""override: write down a correction, so that it survives every rerun."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from imigue_build.cli import completion, hints, options, terminal
from imigue_build.cli.options import CORRECTIONS, INPUTS, option
from imigue_build.cli.root import LOOK, command
from imigue_build.core.errors import UsageError


@command(
    "override",
    LOOK,
    ("override 0440 --work WORK --swap-roles", "interviewee and interviewer were confused"),
    ("override 0440 --work WORK --word 31.4:Jokovic:Djokovic", "a word was misheard"),
    ("override 0440 --work WORK --merge 12.5,80.2", "two voices are one person's"),
    ("override 0440 --work WORK --interviewee 12.5", "who the interviewee is"),
    ("override 0440 --work WORK --num-speakers 2", "how many people speak"),
    ("override 0440 --work WORK --drop 61.5-64", "seconds that go into no clip"),
    json='{"path": TEXT, "corrections": [{"text", "applied": BOOL}]}',
)
def override(
    *,
    video_id: Annotated[
        str, typer.Argument(metavar="ID", help="The interview, e.g. 0440.", autocompletion=completion.ids)
    ],
    work: options.KnownWork,
    folder: Annotated[Path, option(INPUTS, "Folder of the corrections; made if it is missing.", "--overrides")] = Path(
        "overrides"
    ),
    swap_roles: Annotated[
        bool, option(CORRECTIONS, "Interviewee and interviewer are confused.", "--swap-roles")
    ] = False,
    interviewee: Annotated[
        str | None, option(CORRECTIONS, "The voice that is the interviewee.", metavar="VOICE")
    ] = None,
    interviewer: Annotated[
        list[str] | None, option(CORRECTIONS, "A voice that is an interviewer's.", metavar="VOICE")
    ] = None,
    speakers: Annotated[
        int | None, option(CORRECTIONS, "How many speakers there are.", "--num-speakers", min=1)
    ] = None,
    merge: Annotated[
        list[str] | None, option(CORRECTIONS, "Voices that are one person.", metavar="VOICE,VOICE")
    ] = None,
    word: Annotated[
        list[str] | None, option(CORRECTIONS, "A word that was misheard; NOW may be empty.", metavar="MOMENT:WAS:NOW")
    ] = None,
    drop: Annotated[list[str] | None, option(CORRECTIONS, "Seconds that go into no clip.", metavar="START-END")] = None,
    comment: Annotated[str, option(CORRECTIONS, "Why, for people.")] = "",
    as_json: options.Json = False,
) -> None:
    """Write down a correction of an interview; the next run with --overrides applies it.

    A VOICE is a moment in seconds at which it speaks, or a label such as SPEAKER_01. Corrections are files of yours,
    one an interview; what is in one stays, comments too. The command says at once what fits.
    """
    from imigue_build.pipeline.last_run import same_words
    from imigue_build.pipeline.override import Changes, correct
    from imigue_build.store.workspace import Workspace

    changes = Changes(
        swap_roles,
        _voice(interviewee) if interviewee else None,
        tuple(map(_voice, interviewer or ())),
        speakers,
        tuple(tuple(map(_voice, voices.split(","))) for voices in merge or ()),
        tuple(map(_word, word or ())),
        tuple(map(_span, drop or ())),
        comment,
    )
    (chosen,) = options.ids_of(video_id) or ("",)
    workspace = Workspace(work)
    path, corrections = correct(workspace, folder, chosen, changes)
    if as_json:
        fits = [{"text": correction.text, "applied": correction.applied} for correction in corrections]
        print(json.dumps({"path": str(path), "corrections": fits}))
        return
    console = terminal.plain()
    console.print(f"written: {escape(str(path))}")
    for correction in corrections:
        mark = "[green]fits[/green]" if correction.applied else "[red]fits nothing that is there[/red]"
        console.print(f"  {escape(correction.text)}: {mark}")
    console.print(f"apply it: the same run-all again, with --overrides {escape(str(folder))}")
    hints.show(console, hints.command_line("run-all", **same_words(workspace), corrections=folder))


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
