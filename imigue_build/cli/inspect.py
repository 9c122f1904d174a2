"""status and verify: check a workspace."""

from __future__ import annotations

import json

import typer
from rich.markup import escape

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.root import LOOK, NOTHING, command

_COLOURS = {"done": "green", "stale": "yellow", "missing": "dim", "failed": "red"}


@command(
    "status",
    LOOK,
    ("status --work WORK", "a table interview x stage"),
    json='{"interviews": {ID: {STAGE: "done|stale|missing|failed"}}, "lost_corrections": {ID: [TEXT]}}',
    interrupted=NOTHING,
)
def status(work: options.KnownWork, as_json: options.Json = False) -> None:
    """Show which stage of which interview is done, stale, missing or failed.

    Compared with the settings of the last run: stale is what another video, setting or tool has outdated.
    """
    from imigue_build import pipeline
    from imigue_build.pipeline.last_run import same_words
    from imigue_build.store.workspace import Workspace

    workspace = Workspace(work)
    errors = terminal.plain(stderr=True)
    states = pipeline.status(workspace, lambda text: errors.print(f"[yellow]warning:[/yellow] {escape(text)}"))
    lost = pipeline.lost_corrections(workspace)
    if as_json:
        print(json.dumps({"interviews": states, "lost_corrections": lost}))
        return
    stages = pipeline.COMMANDS["run-all"]
    table = terminal.table("interview", *stages)
    for video_id, state in states.items():
        table.add_row(escape(video_id), *(f"[{_COLOURS[state[stage]]}]{state[stage]}[/]" for stage in stages))
    console = terminal.plain()
    terminal.tabular().print(table)
    for video_id, texts in lost.items():
        for text in texts:
            console.print(f"[yellow]warning:[/yellow] {video_id}: a correction no longer fits: {escape(text)}")
    if lost:
        hints.show(console, hints.command_line("override", show_list=True))
    failed = sum("failed" in state.values() for state in states.values())
    if failed:
        console.print(f"{failed} failed: {escape(str(work))}/run.log says why")
    if any(set(state.values()) != {"done"} for state in states.values()):
        hints.show(console, hints.command_line("run-all", **same_words(workspace)))


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
    from imigue_build.pipeline.last_run import same_words
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
        console.print(f"{len(found)} damaged; a run with --verify makes them again" if found else "all is whole")
        if found:
            hints.show(console, hints.command_line("run-all", **same_words(workspace), verify=True))
    raise typer.Exit(1 if found else 0)
