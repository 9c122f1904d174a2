"""doctor: what this machine can run."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import typer

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.root import NOTHING, SET_UP, command
from imigue_build.cli.terminal import escape

if TYPE_CHECKING:
    from imigue_build.apps.doctor import Check


@command(
    "doctor",
    SET_UP,
    ("doctor", "of the default recipe"),
    ("doctor --config paper", "of another one"),
    json='{"ok": BOOL, "checks": [{"name", "ok", "needed", "detail", "remedy"}]}',
    interrupted=NOTHING,
)
def doctor(
    config: options.ConfigName = None, overrides: options.Overrides = None, as_json: options.Json = False
) -> None:
    """Say what this machine can run, and what to do about each lack.

    Each lack comes with the command that installs what is missing. Exit code 1 where the config cannot be run yet.
    """
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
                "remedy": hints.spelled(check.remedy),
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
            console.print(f"  {names}: {escape(hints.spelled(remedy))}")
