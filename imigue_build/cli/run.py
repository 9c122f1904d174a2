"""run-all, the five stages as commands, and plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import typer

from imigue_build.cli import hints, options, outcome, terminal
from imigue_build.cli.help_text import Example
from imigue_build.cli.outcome import print_all, print_next, print_outcome
from imigue_build.cli.root import BUILD, GOES_ON, NOTHING, command
from imigue_build.cli.run_request import Origin, request_of
from imigue_build.cli.terminal import escape

if TYPE_CHECKING:
    from imigue_build.pipeline import Request, Summary


RUN_JSON: Final = (
    '{"done": [ID], "failed": {ID: {"stage", "reason"}}, "reused": N, "ran": N, "seconds": {STAGE: S}, '
    '"x_realtime": F, "warnings": [TEXT], "busy": {RESOURCE: SHARE}, "bottleneck": TEXT, "awaited": [ID], '
    '"from_last_run": TEXT}'
)
_HELP: Final = {
    "run-all": "Build the release from videos: all stages, whatever of them is not done yet.\n\n"
    "Interviews stream through the stages extract, transcribe, diarize, align and export. After Ctrl-C, or a crash, "
    "the same command goes on, or `run-all --work WORK` alone: what it leaves out is taken from the last run in WORK. "
    "One interview's failure ends no other's.",
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
    "Nothing is written. A table by stage says how many interviews are to run, to be reused, or blocked, and why; "
    "few interviews are listed one by one, all of them with --all.",
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
        ("run-all --work WORK", "goes on with the last run in WORK: its videos, labels, settings and release"),
    ),
    "plan": (
        ("plan VIDEOS --work WORK", "of a run with the default recipe"),
        ("plan --work WORK", "of the run that goes on with the last one"),
        ("plan --work WORK --set align.pause=0.4 --all", "what a changed setting would run again, of every interview"),
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
        json=RUN_JSON,
        interrupted=GOES_ON,
        hidden=_NO_USE.get(name, ()),
    )
    def run(
        *,
        videos: options.Videos = None,
        labels: options.Labels = None,
        config: options.ConfigName = None,
        overrides: options.Overrides = None,
        corrections: options.Corrections = None,
        anew: options.Anew = False,
        work: options.Work,
        release: options.Release = None,
        only: options.Only = None,
        shard: options.Shard = None,
        force: options.Force = False,
        verify: options.Verify = False,
        jobs: options.Jobs = None,
        executor: options.Executor = None,
        ray_address: options.RayAddress = None,
        trace: options.Trace = None,
        as_json: options.Json = False,
        quiet: options.Quiet = False,
        verbose: options.Verbose = False,
    ) -> None:
        from imigue_build.pipeline.resuming import Asked

        settings = tuple(overrides or ())
        request, origin = request_of(
            name,
            work,
            Asked(videos, labels, config, settings, corrections, release, jobs, executor, ray_address, anew),
            only=options.ids_of(only),
            shard=options.shard_of(shard),
            force=force,
            verify=verify,
            trace=trace,
        )
        summary = carry_out(request, origin, as_json, quiet, verbose)
        if not quiet:
            print_next(terminal.plain(stderr=as_json), name, request, summary)
        raise typer.Exit(1 if summary.failed else 0)


@command("plan", BUILD, *_EXAMPLES["plan"], help=_HELP["plan"], json=_PLAN_JSON, interrupted=NOTHING)
def plan(
    *,
    videos: options.Videos = None,
    labels: options.Labels = None,
    config: options.ConfigName = None,
    overrides: options.Overrides = None,
    corrections: options.Corrections = None,
    anew: options.Anew = False,
    work: options.Work,
    release: options.Release = None,
    only: options.Only = None,
    shard: options.Shard = None,
    force: options.Force = False,
    verify: options.Verify = False,
    jobs: options.Jobs = None,
    executor: options.Executor = None,
    ray_address: options.RayAddress = None,
    trace: options.Trace = None,
    every: options.Every = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    from imigue_build.cli.planned import show_plan
    from imigue_build.pipeline.resuming import Asked

    asked = Asked(
        videos, labels, config, tuple(overrides or ()), corrections, release, jobs, executor, ray_address, anew
    )
    chosen = {"only": options.ids_of(only), "shard": options.shard_of(shard)}
    request, origin = request_of("plan", work, asked, **chosen, force=force, verify=verify, trace=trace)
    show_plan(request, origin.lines, as_json, every)


def carry_out(request: Request, origin: Origin, as_json: bool, quiet: bool, verbose: bool) -> Summary:
    """Carries out a request and prints its progress and outcome."""
    from imigue_build import pipeline
    from imigue_build.cli.progress import Display, showing
    from imigue_build.cli.run_log import logging_to

    console = terminal.plain(stderr=as_json)
    if not quiet:
        for line in origin.lines:
            console.print(escape(line))
        print_all(console, "note", _quality_notes(request))
    prepared = pipeline.prepare(request)
    prepared.work.prepare()
    with logging_to(prepared.work.log), showing(Display(console, quiet, verbose)) as display:
        summary = pipeline.execute(prepared, display)
    if as_json:
        print(json.dumps({**outcome.as_json(summary), "from_last_run": origin.last_run}))
    print_outcome(console, request, summary, quiet)
    return summary


def _quality_notes(request: Request) -> list[str]:
    from imigue_build.backends.registry import spec_of

    sections = [section for stage, section in request.config.backends.items() if stage in request.wanted]
    return [hints.spelled(note) for section in sections for note in spec_of(section).notes(section)]


for _name in _HELP:
    if _name != "plan":
        _add(_name)
