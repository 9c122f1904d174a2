"""validate: does a release keep every rule of its format."""

from __future__ import annotations

import json

import typer

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.root import NOTHING, SHARE, command
from imigue_build.cli.terminal import escape
from imigue_build.core.plurals import counted


@command(
    "validate",
    SHARE,
    ("validate RELEASE", "before it is given away, and after it came"),
    json='{"ok": BOOL, "faults": [{"path", "rule", "message"}]}',
    interrupted=NOTHING,
)
def validate(release: options.ReleaseFolder, as_json: options.Json = False) -> None:
    """Check every rule of the release format: files, names, times, sums.

    One line a fault, with the rule that it breaks.
    """
    from imigue_build.backends.registry import registry
    from imigue_build.release.validate.run import validate as check

    faults = check(release, registry())
    if as_json:
        rows = [{"path": fault.path, "rule": fault.rule, "message": fault.message} for fault in faults]
        print(json.dumps({"ok": not faults, "faults": rows}))
    else:
        console = terminal.plain()
        for fault in faults:
            console.print(f"{escape(fault.path)}: {escape(fault.message)} [dim]\\[{fault.rule}][/dim]")
        console.print(counted(len(faults), "fault") if faults else f"{escape(str(release))}: no fault found")
        if faults:
            hints.show(console, hints.command_line("run-all", work="WORK", release=release, verify=True))
    raise typer.Exit(1 if faults else 0)
