"""run-all, the five stages as commands, and plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console
from rich.markup import escape

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.help_text import Example
from imigue_build.cli.root import BUILD, GOES_ON, NOTHING, command
from imigue_build.core.errors import UsageError, first_few
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from imigue_build.pipeline import Request, Summary


AFTER_A_RELEASE: Final = ("validate", "review", "report")
"""What to do with a release that is new."""
RUN_JSON: Final = (
    '{"done": [ID], "failed": {ID: {"stage", "reason"}}, "reused": N, "ran": N, "seconds": {STAGE: S}, '
    '"x_realtime": F, "warnings": [TEXT], "busy": {RESOURCE: SHARE}, "bottleneck": TEXT, "awaited": [ID]}'
)
_STAGES: Final = ("extract", "transcribe", "diarize", "align", "export")
_HELP: Final = {
    "run-all": "Build the release from videos: all stages, whatever of them is not done yet.\n\n"
    "Interviews stream through the stages extract, transcribe, diarize, align and export. After Ctrl-C, or a crash, "
    "the same command goes on. One interview's failure ends no other's.",
    "extract": "Extract the audio of every video.\n\n"
    "The video is decoded once: a 44.1 kHz WAV for the release, a 16 kHz one for models.",
    "transcribe": "Run ASR on the extracted audio.",
    "diarize": "Find the speakers and their turns.",
    "align": "Say who is the interviewee, attribute every word to a speaker, and force-align it.\n\n"
    "Names in given transcripts and turns that say a role count, and the player's name where --labels has it; else who "
    "talks longest is the interviewee.",
    "export": "Export the aligned interviews and assemble the release.\n\n"
    "The release always holds every interview that is whole in WORK. It is assembled beside its place, and swapped in "
    "when it is whole.",
    "plan": "Say what run-all would do and because of what, without doing it.\n\n"
    "Nothing is written. Each stage of each interview is to run, to be reused, or blocked, with the reason.",
}
_EXAMPLES: Final[dict[str, tuple[Example, ...]]] = {
    "run-all": (
        ("run-all VIDEOS --work WORK --release RELEASE", "everything that is not done yet"),
        ("run-all VIDEOS --labels labels.csv --work W --release R", "with who won"),
        ("run-all VIDEOS --work W --release R --only 0001,0002", "two interviews"),
        ("run-all VIDEOS --work W --release R --shard 2/4", "the second of four parts, in a job array"),
        ("run-all VIDEOS --work W --release R --config minimal", "with another recipe"),
        ("run-all VIDEOS --work W --release R --set align.pause=0.4", "with another setting"),
        ("run-all VIDEOS --work W --release R --overrides overrides", "with a person's corrections"),
    ),
    "plan": (
        ("plan VIDEOS --work WORK", "of a run with the default recipe"),
        ("plan VIDEOS --work WORK --set align.pause=0.4", "what a changed setting would run again"),
    ),
}
_PLAN_JSON: Final = (
    '{"items": [{"video_id", "stage", "action": "run|reuse|blocked", "because"}], "failed": {ID: {"stage", "reason"}}}'
)
_NO_USE: Final = {
    "extract": ("release", "labels", "corrections"),
    "transcribe": ("release", "labels", "corrections"),
    "diarize": ("release", "labels"),
    "align": ("release",),
}
"""Options that a stage accepts and ignores, so that the options of run-all fit every stage."""


def _examples(stage: str) -> tuple[Example, ...]:
    release = " --release RELEASE" if stage == "export" else ""
    return (
        (f"{stage} VIDEOS --work WORK{release}", "of all interviews"),
        (f"{stage} VIDEOS --work WORK{release} --only 0440 --force", "of one, although nothing changed"),
    )


def _add(name: str) -> None:
    @command(
        name,
        BUILD,
        *_EXAMPLES.get(name, _examples(name)),
        help=_HELP[name],
        json=_PLAN_JSON if name == "plan" else RUN_JSON,
        interrupted=NOTHING if name == "plan" else GOES_ON,
        hidden=_NO_USE.get(name, ()),
    )
    def run(
        *,
        videos: options.Videos,
        labels: options.Labels = None,
        config: options.ConfigName = None,
        overrides: options.Overrides = None,
        corrections: options.Corrections = None,
        work: options.Work,
        release: options.Release = None,
        only: options.Only = None,
        shard: options.Shard = None,
        force: options.Force = False,
        verify: options.Verify = False,
        jobs: options.Jobs = None,
        executor: options.Executor = "local",
        ray_address: options.RayAddress = None,
        trace: options.Trace = None,
        as_json: options.Json = False,
        quiet: options.Quiet = False,
        verbose: options.Verbose = False,
    ) -> None:
        from imigue_build.core.system import cores
        from imigue_build.pipeline import Request

        recipe, line = options.recipe_of(config, overrides)
        stages = "run-all" if name == "plan" else name
        exporting = name in ("run-all", "export")
        if exporting and release is None:
            line = hints.command_line(name)
            raise UsageError(f"{name} needs --release, the folder that the release is to be written to", f"`{line}`")
        target = release if exporting or name == "plan" else None
        request = Request(
            videos,
            work,
            target,
            recipe.config,
            command=stages,
            labels=labels,
            overrides=corrections.expanduser().absolute() if corrections is not None else recipe.overrides,
            only=options.ids_of(only),
            shard=options.shard_of(shard),
            jobs=jobs or cores(),
            force=force,
            verify=verify,
            executor=executor,
            ray_address=options.cluster_of(executor, ray_address),
            trace=trace,
        )
        if name == "plan":
            _plan(request, line, as_json)
        else:
            summary = carry_out(request, line, as_json, quiet, verbose)
            if not quiet:
                _print_next(terminal.plain(stderr=as_json), name, request, summary)
            raise typer.Exit(1 if summary.failed else 0)


def _plan(request: Request, line: str, as_json: bool) -> None:
    from imigue_build import pipeline

    prepared = pipeline.prepare(request)
    items = pipeline.plan(prepared)
    if as_json:
        rows = [{"video_id": i.video_id, "stage": i.stage, "action": i.action, "because": i.because} for i in items]
        print(json.dumps({"items": rows, "failed": _by_name(prepared.refused)}))
        return
    console = terminal.plain()
    console.print(line)
    table = terminal.table("interview", "stage", "action", "because")
    for item in items:
        table.add_row(item.video_id, item.stage, item.action, escape(item.because))
    terminal.tabular().print(table)
    counts = Counter(item.action for item in items)
    _print_all(console, "[yellow]warning:[/yellow]", list(prepared.warnings))
    _print_all(console, "[red]failed:[/red]", _failures(prepared.refused))
    console.print(
        ", ".join(f"{counts[action]} to {action}" for action in ("run", "reuse", "blocked") if counts[action])
    )
    if counts["run"]:
        hints.show(console, hints.command_line("run-all"))


def carry_out(request: Request, line: str, as_json: bool, quiet: bool, verbose: bool) -> Summary:
    """Carries out a request and prints its progress and summary; `line` says which config it has."""
    from imigue_build import pipeline
    from imigue_build.cli.progress import Display, logging_to, showing

    console = terminal.plain(stderr=as_json)
    notes = _quality_notes(request)
    if not quiet:
        processes = f"{request.jobs} process{'es' if request.jobs > 1 else ''}"
        console.print(f"{line}; {'on Ray' if request.executor == 'ray' else processes}")
        _print_all(console, "[yellow]note:[/yellow]", notes)
    prepared = pipeline.prepare(request)
    prepared.work.prepare()
    with logging_to(prepared.work.log), showing(Display(console, quiet, verbose)) as display:
        summary = pipeline.execute(prepared, display)
    if as_json:
        print(json.dumps(_as_json(summary)))
    if not quiet:
        _print_all(console, "[yellow]warning:[/yellow]", summary.warnings)
    _print_all(console, "[red]failed:[/red]", _failures(summary.failed))
    if not quiet:
        _print_summary(console, request, summary)
        _print_all(console, "[yellow]note:[/yellow]", notes)
    return summary


def _print_next(console: Console, name: str, request: Request, summary: Summary) -> None:
    """What to type next: after failures, after a stage, after a release."""
    if summary.failed:
        console.print(f"correct that, and give the same command again; {escape(str(request.work))}/run.log says more")
        hints.show(console, hints.command_line("status"))
    elif name in _STAGES[:-1]:
        hints.show(console, hints.command_line(_STAGES[_STAGES.index(name) + 1], release=request.release))
    elif summary.release is not None and summary.release.interviews:
        hints.show(console, *(hints.command_line(command, release=request.release) for command in AFTER_A_RELEASE))


def _print_all(console: Console, label: str, texts: list[str]) -> None:
    for text in texts:
        console.print(f"{label} {escape(text)}")


def _quality_notes(request: Request) -> list[str]:
    from imigue_build.backends.registry import spec_of

    notes = [note for section in request.config.backends.values() for note in spec_of(section).notes(section)]
    return [hints.spelled(note) for note in notes]


def _failures(failed: Mapping[str, tuple[str, str]]) -> list[str]:
    return [f"{name} at {stage}: {hints.spelled(reason)}" for name, (stage, reason) in sorted(failed.items())]


def _by_name(failed: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    return {name: {"stage": stage, "reason": reason} for name, (stage, reason) in sorted(failed.items())}


def _as_json(summary: Summary) -> dict[str, object]:
    return {
        "done": summary.done,
        "failed": _by_name(summary.failed),
        "reused": summary.reused,
        "ran": summary.ran,
        "seconds": summary.seconds,
        "x_realtime": summary.x_realtime,
        "warnings": summary.warnings,
        "busy": summary.busy,
        "bottleneck": summary.bottleneck,
        "awaited": summary.release.awaited if summary.release is not None else [],
    }


def _print_summary(console: Console, request: Request, summary: Summary) -> None:
    if summary.ran == 0 and not summary.failed:
        console.print("nothing to do: every artifact is up to date")
    else:
        console.print(
            f"{len(summary.done)} done, {len(summary.failed)} failed; {summary.ran} artifacts made, "
            f"{summary.reused} reused, in {_clock(summary.wall_seconds)}"
            + (f" ({summary.x_realtime:g}x real time)" if summary.media_seconds else "")
        )
    if summary.seconds:
        times = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in summary.seconds.items())
        console.print(f"time by stage: {times}")
    if summary.busy:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in summary.busy.items())
        console.print(f"busy: {shares}" + (f"; the bottleneck is {summary.bottleneck}" if summary.bottleneck else ""))
    if summary.release is not None and (awaited := summary.release.awaited):
        place, ids = escape(str(request.release)), escape(first_few(awaited, len(awaited), ", "))
        console.print(f"release: {place} stays as it is until the other shards have made {ids}; the last one writes it")
    elif summary.release is not None:
        count = len(summary.release.interviews)
        state = "written" if summary.release.changed else "was up to date already"
        place = f"{escape(str(request.release))} ({counted(count, 'interview')}), {state}"
        console.print(f"release: {place if count else 'none, for no interview is whole'}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


for _name in _HELP:
    _add(_name)
