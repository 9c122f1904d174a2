"""status, validate and doctor: look at a workspace, a release, a machine."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from imigue_build.cli import hints, options, terminal

if TYPE_CHECKING:
    from imigue_build.apps.doctor import Check
    from imigue_build.apps.review import Item

_COLOURS = {"done": "green", "stale": "yellow", "missing": "dim", "failed": "red"}


def status(work: options.KnownWork, as_json: options.Json = False) -> None:
    """Show which stage of which interview is done, stale, missing or failed."""
    from imigue_build import pipeline
    from imigue_build.store.workspace import Workspace

    states = pipeline.status(Workspace(work))
    if as_json:
        print(json.dumps({"interviews": states}))
        return
    stages = pipeline.COMMANDS["run-all"]
    table = terminal.table("interview", *stages)
    for video_id, state in states.items():
        table.add_row(escape(video_id), *(f"[{_COLOURS[state[stage]]}]{state[stage]}[/]" for stage in stages))
    console = terminal.plain()
    terminal.tabular().print(table)
    failed = sum("failed" in state.values() for state in states.values())
    if failed:
        console.print(f"{failed} failed: {escape(str(work))}/run.log says why")
    if any(set(state.values()) != {"done"} for state in states.values()):
        hints.show(console, hints.command_line("run-all", **hints.last_words(work)))


def verify(work: options.KnownWork, as_json: options.Json = False) -> None:
    """Hash every artifact in WORK again and name what is damaged."""
    from imigue_build.store.verify import verify as look
    from imigue_build.store.workspace import Workspace

    found = look(Workspace(work))
    if as_json:
        print(json.dumps({"ok": not found, "damaged": [damage._asdict() for damage in found]}))
    else:
        console = terminal.plain()
        for damage in found:
            console.print(f"{escape(damage.path)} {escape(damage.problem)}")
        console.print(f"{len(found)} damaged; a run with --verify makes them again" if found else "all is whole")
        if found:
            hints.show(console, hints.command_line("run-all", **hints.last_words(work), verify=True))
    raise typer.Exit(1 if found else 0)


def validate(release: options.ReleaseFolder, as_json: options.Json = False) -> None:
    """Check every rule of the release format."""
    from imigue_build.release.validate.run import validate as check

    faults = check(release)
    if as_json:
        rows = [{"path": fault.path, "rule": fault.rule, "message": fault.message} for fault in faults]
        print(json.dumps({"ok": not faults, "faults": rows}))
    else:
        console = terminal.plain()
        for fault in faults:
            console.print(f"{escape(fault.path)}: {escape(fault.message)} [dim]\\[{fault.rule}][/dim]")
        console.print(
            f"{len(faults)} fault{'s' * (len(faults) > 1)}" if faults else f"{escape(str(release))}: no fault found"
        )
        if faults:
            hints.show(console, hints.command_line("export", work="WORK", release=release, force=True))
    raise typer.Exit(1 if faults else 0)


def review(release: options.ReleaseFolder, as_json: options.Json = False) -> None:
    """List the interviews that a person should check, worst first, and why; exit 1 if some cannot be read."""
    from imigue_build.apps.review import review as find_doubtful

    items, failed = find_doubtful(release)
    if as_json:
        print(json.dumps({"items": [item._asdict() for item in items], "failed": failed}))
    elif items:
        _show_doubtful(items)
    else:
        terminal.plain().print("no interview is doubtful")
    errors = terminal.plain(stderr=True)
    for video_id, reason in failed.items():
        errors.print(f"[red]failed:[/red] {video_id}: {escape(reason)}")
    raise typer.Exit(1 if failed else 0)


def _show_doubtful(items: Sequence[Item]) -> None:
    table = terminal.table("interview", "roles", "why")
    for item in items:
        table.add_row(escape(item.video_id), f"{item.confidence:.2f}", escape(item.reason))
    terminal.tabular().print(table)
    correct = hints.command_line("override", video_id=items[0].video_id, swap_roles=True)
    hints.show(terminal.plain(), hints.command_line("report"), correct)


def doctor(
    config: options.ConfigName = None, overrides: options.Overrides = None, as_json: options.Json = False
) -> None:
    """Say what this machine can run, and what to do about each lack."""
    from imigue_build.apps.doctor import examine

    (chosen, _), line = options.recipe_of(config, overrides)
    settings = [word for override in overrides or () for word in ("--set", override)]
    fetch = shlex.join(["fetch-models", "--config", config or chosen.name, *settings])
    checks = examine(chosen, f"{hints.program()} {fetch}")
    ok = all(check.ok for check in checks if check.needed)
    if as_json:
        rows = [
            {
                "name": check.name,
                "ok": check.ok,
                "needed": check.needed,
                "detail": check.detail,
                "remedy": check.remedy,
            }
            for check in checks
        ]
        print(json.dumps({"ok": ok, "checks": rows}))
    else:
        _show(checks, line)
        print("this machine can run the config" if ok else "this machine cannot run the config yet")
        if ok:
            hints.show(terminal.plain(), hints.command_line("run-all"))
    raise typer.Exit(0 if ok else 1)


def _show(checks: list[Check], line: str) -> None:
    """The table of what was found, then what to do: each on a line of its own, so that commands can be copied."""
    console = terminal.plain()
    console.print(escape(line))
    table = terminal.table("check", "", "found")
    for check in checks:
        mark = "[green]ok[/green]" if check.ok else "[red]missing[/red]" if check.needed else "[dim]no[/dim]"
        table.add_row(check.name, mark, escape(check.detail))
    terminal.tabular().print(table)
    for needed, title in ((True, "to run this config:"), (False, "not needed by it:")):
        lacks = [check for check in checks if not check.ok and check.needed == needed]
        if lacks:
            console.print(title)
        for remedy in dict.fromkeys(check.remedy for check in lacks):
            names = ", ".join(check.name for check in lacks if check.remedy == remedy)
            console.print(f"  {names}: {escape(remedy)}")


def register(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command("status")(status)
    app.command("verify")(verify)
    app.command("validate")(validate)
    app.command("review")(review)
    app.command("doctor")(doctor)
