"""override: write down a correction, so that it survives every rerun; list them, take them back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imigue_build.cli import completion, hints, options, terminal
from imigue_build.cli.options import CORRECTIONS, INPUTS, SCOPE, option
from imigue_build.cli.root import LOOK, command
from imigue_build.cli.terminal import escape
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    from imigue_build.pipeline.override import Checked, Corrected
    from imigue_build.store.workspace import Workspace

_MARK: Final = {
    True: "[green]fits[/green]",
    False: "[red]fits nothing that is there[/red]",
    None: "nothing there yet to tell by",
}


@command(
    "override",
    LOOK,
    ("override 0440 --work WORK --swap-roles", "interviewee and interviewer were confused"),
    ("override 0440 --work WORK --word 31.4:Jokovic:Djokovic", "a word was misheard; may be repeated"),
    ("override 0440 --work WORK --speaker 61.5-64:12.5", "who speaks at 12.5 s says this, too"),
    ("override 0440 --work WORK --merge 12.5,80.2", "two voices are one person's"),
    ("override 0440 --work WORK --interviewee 12.5", "who the interviewee is"),
    ("override 0440 --work WORK --num-speakers 2", "how many people speak"),
    ("override 0440 --work WORK --drop 61.5-64 --dry-run", "what leaving seconds out would change"),
    ("override --work WORK --list", "all corrections, and which still fit"),
    ("override 0440 --work WORK --undo", "take the last command back"),
    ("override 0440 --work WORK --undo 3", "take the third in the list away"),
    json='{"path": TEXT, "corrections": [{"number", "kind", "text", "applied": BOOL or null}], "added": [TEXT], '
    '"removed": [TEXT], "runs_again": [STAGE], "written": BOOL}; with --list {"corrections": [{"video_id", ..., '
    '"nearest"}], "failed": {FILE: REASON}}',
)
def override(
    *,
    video_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The interview, e.g. 0440.", autocompletion=completion.ids)
    ] = None,
    work: options.KnownWork,
    folder: Annotated[
        Path | None,
        option(
            INPUTS,
            "Folder of the corrections; made if it is missing. Default: that of the last run, else overrides.",
            "--overrides",
        ),
    ] = None,
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
    speaker: Annotated[
        list[str] | None, option(CORRECTIONS, "Seconds in which this voice alone speaks.", metavar="START-END:VOICE")
    ] = None,
    word: Annotated[
        list[str] | None,
        option(CORRECTIONS, "A misheard word; NOW may be empty, or the word itself.", metavar="MOMENT:WAS:NOW"),
    ] = None,
    drop: Annotated[list[str] | None, option(CORRECTIONS, "Seconds that go into no clip.", metavar="START-END")] = None,
    comment: Annotated[str, option(CORRECTIONS, "Why, for people.")] = "",
    undo: Annotated[
        list[str] | None,
        option(
            CORRECTIONS,
            "Take back the last command, or the correction with this number, or text, in --list.",
            metavar="[N]",
        ),
    ] = None,
    show_list: Annotated[
        bool, option(SCOPE, "List the corrections, of ID or of all interviews, and which still fit.", "--list")
    ] = False,
    dry_run: Annotated[
        bool, option(SCOPE, "Say what would change and which stages would run again; write nothing.", "--dry-run")
    ] = False,
    keep_anyway: Annotated[bool, option(SCOPE, "Write also what fits nothing that is there.", "--keep-anyway")] = False,
    as_json: options.Json = False,
) -> None:
    """Write down corrections of an interview; the next run with --overrides applies them.

    A VOICE is a moment in seconds at which it speaks, or a label such as SPEAKER_01. Corrections are files of yours,
    one an interview; what is in one stays, comments too. What fits nothing in WORK is refused, with what is nearest.
    """
    from imigue_build.pipeline.override import Changes, correct, corrections_folder
    from imigue_build.store.workspace import Workspace

    workspace = Workspace(work)
    changes = Changes(
        swap_roles,
        _voice(interviewee) if interviewee else None,
        tuple(map(_voice, interviewer or ())),
        speakers,
        tuple(tuple(map(_voice, voices.split(","))) for voices in merge or ()),
        tuple(map(_stretch, speaker or ())),
        tuple(map(_word, word or ())),
        tuple(map(_span, drop or ())),
        comment,
        tuple(undo or ()),
    )
    if show_list:
        if changes != Changes():
            raise UsageError("--list changes nothing", "give it without corrections")
        workspace.open()
        _list(workspace, folder or corrections_folder(workspace), options.ids_of(video_id), as_json)
        return
    if video_id is None:
        raise UsageError("no interview is named", "e.g. imigue-build override 0440 --work WORK --swap-roles")
    (chosen,) = options.ids_of(video_id) or ("",)
    place = folder or corrections_folder(workspace)
    done = correct(workspace, place, chosen, changes, keep_anyway, dry_run)
    if as_json:
        print(json.dumps(_as_json(done, dry_run)))
    else:
        _show(done, workspace, place, dry_run)


def _as_json(done: Corrected, dry_run: bool) -> dict[str, object]:
    return {
        "path": str(done.path),
        "corrections": [_row(fix) for fix in done.corrections],
        "added": done.added,
        "removed": done.removed,
        "runs_again": done.runs_again,
        "written": bool(done.added or done.removed) and not dry_run,
    }


def _row(fix: Checked) -> dict[str, object]:
    return {"number": fix.number, "kind": fix.kind, "text": fix.text, "applied": fix.applied}


def _show(done: Corrected, workspace: Workspace, folder: Path, dry_run: bool) -> None:
    from imigue_build.pipeline.last_run import last_run

    console = terminal.plain()
    if not done.added and not done.removed:
        console.print(f"nothing changes: {escape(str(done.path))} says so already")
        return
    console.print(f"{'would be written' if dry_run else 'written'}: {escape(str(done.path))}")
    for text in done.removed:
        console.print(f"  taken away: {escape(text)}")
    new = list(done.added)
    for fix in done.corrections:
        console.print(f"  {fix.number}  {escape(fix.text)}: {_MARK[fix.applied]}{'; new' if fix.text in new else ''}")
    console.print(f"{'would run' if dry_run else 'runs'} again: {', '.join(done.runs_again)}")
    if not dry_run:
        console.print("the next run-all applies it")
        last = last_run(workspace)
        known = last is not None and last.overrides == str(folder.expanduser().resolve())
        hints.show(console, hints.command_line("run-all", corrections=None if known else folder))


def _list(workspace: Workspace, folder: Path, only: tuple[str, ...], as_json: bool) -> None:
    from imigue_build.pipeline.override import listed

    found, failed = listed(workspace, folder, only)
    if as_json:
        rows = [{"video_id": o.video_id, **_row(o.correction), "nearest": o.nearest or None} for o in found]
        print(json.dumps({"corrections": rows, "failed": failed}))
    else:
        console = terminal.plain()
        for one in found:
            fix, where = one.correction, f"; {escape(one.nearest)}" if one.nearest else ""
            console.print(f"{one.video_id}  {fix.number}  {escape(fix.text)}: {_MARK[fix.applied]}{where}")
        if not found:
            console.print(f"{escape(str(folder))} holds no corrections")
    errors = terminal.plain(stderr=True)
    for name, reason in failed.items():
        errors.print(f"[red]failed:[/red] {escape(name)}: {escape(reason)}")
    raise typer.Exit(1 if failed else 0)


def _voice(text: str) -> float | str:
    if re.fullmatch(r"SPEAKER_\d{2,}", text.strip()):
        return text.strip()
    return _seconds(text)


def _stretch(text: str) -> tuple[float, float, float | str]:
    span, colon, voice = text.partition(":")
    if not colon:
        raise UsageError(f"--speaker {text!r} is not of the form START-END:VOICE", "e.g. --speaker 61.5-64:12.5")
    start, end = _span(span, "--speaker")
    return start, end, _voice(voice)


def _word(text: str) -> tuple[float, str, str]:
    at, first, rest = text.partition(":")
    was, second, now = rest.partition(":")
    if not first or not second or not was:
        raise UsageError(f"--word {text!r} is not of the form MOMENT:WAS:NOW", "e.g. --word 12.3:Joker:Djokovic")
    return _seconds(at), was, now


def _span(text: str, name: str = "--drop") -> tuple[float, float]:
    start, dash, end = text.partition("-")
    if not dash:
        raise UsageError(f"{name} {text!r} is not of the form START-END", "e.g. 61.5-64")
    return _seconds(start), _seconds(end)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise UsageError(f"{text!r} is no moment in seconds", "e.g. 12.3; a voice may also be SPEAKER_01")
    return value
