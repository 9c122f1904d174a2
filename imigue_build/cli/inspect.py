"""status and verify: check a workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.outcome import failures, print_all
from imigue_build.cli.root import LOOK, NOTHING, command
from imigue_build.cli.terminal import escape
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from imigue_build.engine.plan import State

_COLOURS = {"done": "green", "stale": "yellow", "missing": "dim", "failed": "red"}


@command(
    "status",
    LOOK,
    ("status --work WORK", "a table by stage; of few interviews, interview x stage"),
    ("status --work WORK --all", "of every interview"),
    json='{"interviews": {ID: {STAGE: "done|stale|missing|failed"}}, "lost_corrections": {ID: [TEXT]}}',
    interrupted=NOTHING,
)
def status(work: options.KnownWork, every: options.Every = False, as_json: options.Json = False) -> None:
    """Show which stage of which interview is done, stale, missing or failed.

    Compared with the settings of the last run: stale is what another video, setting or tool has outdated. Many
    interviews are counted in a table by stage.
    """
    from imigue_build.pipeline import lost_corrections
    from imigue_build.pipeline.status import states
    from imigue_build.pipeline.tallies import MOST_LISTED
    from imigue_build.store.workspace import Workspace

    workspace = Workspace(work)
    found = states(workspace, lambda text: terminal.say(terminal.plain(stderr=True), "warning", "yellow", text))
    lost = lost_corrections(workspace)
    if as_json:
        plain = {name: {stage: s.status for stage, s in own.items()} for name, own in found.items()}
        print(json.dumps({"interviews": plain, "lost_corrections": lost}))
        return
    console = terminal.plain()
    failed = {
        name: (stage, state.because)
        for name, own in found.items()
        for stage, state in own.items()
        if state.status == "failed"
    }
    if every or len(found) <= MOST_LISTED:
        _list_states(found)
    else:
        _count_states(found)
    print_all(console, "failed", failures(failed))
    no_fit = (f"{name}: a correction no longer fits: {text}" for name, texts in lost.items() for text in texts)
    print_all(console, "warning", no_fit)
    if lost:
        hints.show(console, hints.command_line("override", show_list=True))
    if failed:
        console.print(f"{counted(len(failed), 'interview')} failed; {escape(str(work))}/run.log says more")
    if any(state.status != "done" for own in found.values() for state in own.values()):
        hints.show(console, hints.command_line("run-all"))


def _list_states(found: Mapping[str, Mapping[str, State]]) -> None:
    from imigue_build.pipeline import COMMANDS

    stages = COMMANDS["run-all"]
    table = terminal.table("interview", *stages)
    for video_id, own in found.items():
        marks = (f"[{_COLOURS[own[stage].status]}]{own[stage].status}[/]" for stage in stages)
        table.add_row(escape(video_id), *marks)
    terminal.tabular().print(table)


def _count_states(found: Mapping[str, Mapping[str, State]]) -> None:
    from imigue_build.pipeline.tallies import tallies

    rows = ((stage, state.status, state.because) for own in found.values() for stage, state in own.items())
    table = terminal.table("stage", *_COLOURS, "because")
    for tally in tallies(rows):
        numbers = [
            f"[{colour}]{tally.counts[name]:,}[/]" if tally.counts[name] else "" for name, colour in _COLOURS.items()
        ]
        table.add_row(tally.stage, *numbers, escape(hints.spelled(tally.because)))
    terminal.tabular().print(table)
    terminal.plain().print(f"{counted(len(found), 'interview')}; --all lists every one")


@command(
    "verify",
    LOOK,
    ("verify --work WORK", "of every artifact"),
    json='{"ok": BOOL, "damaged": [{"video_id", "stage", "path", "problem"}]}',
    interrupted=NOTHING,
)
def verify(work: options.KnownWork, as_json: options.Json = False) -> None:
    """Hash every artifact in WORK again and name what is damaged.

    Runs trust presence, size and times of a file; this reads every byte.
    """
    from imigue_build.store.verify import verify as damaged
    from imigue_build.store.workspace import Workspace

    workspace = Workspace(work)
    found = damaged(workspace)
    if as_json:
        print(json.dumps({"ok": not found, "damaged": [damage._asdict() for damage in found]}))
    else:
        console = terminal.plain()
        for damage in found:
            console.print(f"{escape(damage.path)} {escape(damage.problem)}")
        console.print(
            f"{counted(len(found), 'file')} damaged; a run with --verify makes them again" if found else "all is whole"
        )
        if found:
            hints.show(console, hints.command_line("run-all", verify=True))
    raise typer.Exit(1 if found else 0)
