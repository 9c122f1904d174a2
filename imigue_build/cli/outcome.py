"""What is printed of a run once it is over: warnings, failures, figures, and the next command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from imigue_build.cli import hints, terminal
from imigue_build.cli.terminal import escape
from imigue_build.core.durations import duration_text
from imigue_build.core.errors import first_few
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.pipeline import Request, Summary

AFTER_A_RELEASE: Final = ("validate", "review", "report")
"""What to do with a release that is new."""
STAGES: Final = ("extract", "transcribe", "diarize", "align", "export")
_COLOURS: Final = {"note": "yellow", "warning": "yellow", "failed": "red"}


def print_all(console: Console, label: str, texts: Iterable[str]) -> None:
    """Prints each text once, after a label that is "note", "warning" or "failed"; broken between words."""
    for text in dict.fromkeys(texts):
        terminal.say(console, label, _COLOURS[label], text)


def print_outcome(console: Console, request: Request, summary: Summary, quiet: bool) -> None:
    """Warnings, failures and figures; only failures where it is to be quiet."""
    if not quiet:
        print_all(console, "warning", warnings(summary))
    print_all(console, "failed", failures(summary.failed))
    if not quiet:
        print_figures(console, request, summary)


def print_next(console: Console, name: str, request: Request, summary: Summary) -> None:
    """What to type next: after failures, after a stage, after a release."""
    if summary.failed:
        console.print(f"correct that, and give the same command again; {escape(str(request.work))}/run.log says more")
        hints.show(console, hints.command_line("status"))
    elif name in STAGES[:-1]:
        hints.show(console, hints.command_line(STAGES[STAGES.index(name) + 1]))
    elif summary.release is not None and summary.release.interviews:
        hints.show(console, *(hints.command_line(command, release=request.release) for command in AFTER_A_RELEASE))


def warnings(summary: Summary) -> list[str]:
    """The warnings; one that several interviews have is there once, with their ids."""
    ids = {*summary.done, *summary.failed}
    found: dict[str, list[str]] = {}
    for text in summary.warnings:
        name, _, rest = text.partition(": ")
        own = found.setdefault(rest if name in ids else text, [])
        own += [name] if name in ids and name not in own else []
    return [
        f"{names[0]}: {text}" if len(names) == 1 else f"{_listed(names)}: {text}" if names else text
        for text, names in found.items()
    ]


def failures(failed: Mapping[str, tuple[str, str]]) -> list[str]:
    """A line for each failure; one for all interviews that failed for the same reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, why in sorted(failed.items()):
        found.setdefault(why, []).append(name)
    return [
        f"{names[0] if len(names) == 1 else _listed(names)} at {stage}: {hints.spelled(reason)}"
        for (stage, reason), names in found.items()
    ]


def failures_by_name(failed: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """The failures as --json has them."""
    return {name: {"stage": stage, "reason": reason} for name, (stage, reason) in sorted(failed.items())}


def as_json(summary: Summary) -> dict[str, object]:
    """The summary as --json has it."""
    return {
        "done": summary.done,
        "failed": failures_by_name(summary.failed),
        "reused": summary.reused,
        "ran": summary.ran,
        "seconds": summary.seconds,
        "x_realtime": summary.x_realtime,
        "warnings": summary.warnings,
        "busy": summary.busy,
        "bottleneck": summary.bottleneck,
        "awaited": summary.release.awaited if summary.release is not None else [],
    }


def _listed(names: list[str]) -> str:
    return f"{counted(len(names), 'interview')} ({first_few(names, len(names), ', ')})"


def print_figures(console: Console, request: Request, summary: Summary) -> None:
    if summary.ran == 0 and not summary.failed:
        console.print("nothing to do: every artifact is up to date")
    else:
        done = f"{counted(len(summary.done), 'interview')} done, {len(summary.failed):,} failed"
        made = f"{counted(summary.ran, 'artifact')} made, {summary.reused:,} reused"
        speed = f" ({summary.x_realtime:g}x real time)" if summary.media_seconds else ""
        console.print(terminal.fill(console, f"{done}; {made}, in {duration_text(summary.wall_seconds)}{speed}"))
    if summary.seconds:
        times = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in summary.seconds.items())
        console.print(terminal.fill(console, f"time by stage: {times}"))
    if summary.busy:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in summary.busy.items())
        slowest = f"; the bottleneck is {summary.bottleneck}" if summary.bottleneck else ""
        console.print(terminal.fill(console, f"busy: {shares}{slowest}"))
    if summary.release is not None and (awaited := summary.release.awaited):
        place, ids = escape(str(request.release)), escape(first_few(awaited, len(awaited), ", "))
        console.print(f"release: {place} stays as it is until the other shards have made {ids}; the last one writes it")
    elif summary.release is not None:
        count = len(summary.release.interviews)
        state = "written" if summary.release.changed else "was up to date already"
        place = f"{escape(str(request.release))} ({counted(count, 'interview')}), {state}"
        console.print(f"release: {place if count else 'none, for no interview is whole'}")
