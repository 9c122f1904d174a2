"""What plan prints: what a run would do, as a table by stage, or interview by interview."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.cli import hints, terminal
from imigue_build.cli.outcome import failures, failures_by_name, print_all
from imigue_build.cli.terminal import escape

if TYPE_CHECKING:
    from imigue_build.engine.plan import PlanItem
    from imigue_build.pipeline import Request

_ACTIONS: Final = ("run", "reuse", "blocked")


def show_plan(request: Request, lines: Sequence[str], as_json: bool, every: bool) -> None:
    """Prints the plan of a request; `lines` say which settings it has, `every` lists each interview."""
    from imigue_build import pipeline

    prepared = pipeline.prepare(request)
    items = pipeline.plan(prepared)
    if as_json:
        rows = [{"video_id": i.video_id, "stage": i.stage, "action": i.action, "because": i.because} for i in items]
        print(json.dumps({"items": rows, "failed": failures_by_name(prepared.refused)}))
        return
    console = terminal.plain()
    for line in lines:
        console.print(escape(line))
    _print_items(items, every)
    print_all(console, "warning", prepared.warnings)
    print_all(console, "failed", failures(prepared.refused))
    counts = Counter(item.action for item in items)
    console.print(", ".join(f"{counts[action]:,} to {action}" for action in _ACTIONS if counts[action]))
    if counts["run"]:
        hints.show(console, hints.command_line("run-all"))


def _print_items(items: Sequence[PlanItem], every: bool) -> None:
    from imigue_build.pipeline.tallies import MOST_LISTED, tallies

    if every or len(items) <= MOST_LISTED:
        table = terminal.table("interview", "stage", "action", "because")
        for item in items:
            table.add_row(item.video_id, item.stage, item.action, escape(hints.spelled(item.because)))
        terminal.tabular().print(table)
        return
    table = terminal.table("stage", *_ACTIONS, "because")
    for tally in tallies((i.stage, i.action, i.because if i.action != "reuse" else "") for i in items):
        numbers = (f"{tally.counts[action]:,}" if tally.counts[action] else "" for action in _ACTIONS)
        table.add_row(tally.stage, *numbers, escape(hints.spelled(tally.because)))
    terminal.tabular().print(table)
    terminal.plain().print("--all lists every interview")
