"""reproduce: a release built again, and what of it comes out identical."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from imigue_build.cli import options, terminal
from imigue_build.cli.compare import as_object, show
from imigue_build.cli.options import INPUTS, OUTPUTS, SCOPE, option
from imigue_build.cli.root import SHARE, command
from imigue_build.cli.terminal import escape
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.apps.diff import Diff, Origin
    from imigue_build.pipeline.reproduce import Options, Plan


@command(
    "reproduce",
    SHARE,
    ("reproduce RELEASE --videos VIDEOS", "in a temporary folder"),
    ("reproduce RELEASE --videos VIDEOS --work WORK", "in a folder that is kept, and gone on with"),
    json='{"identical": BOOL, "files": N, "all_files": N, "unlike": [...], "left_out": {ID: REASON}, '
    '"of_machine": [SETTING], "diff": as diff prints}',
)
def reproduce(
    *,
    release: options.ReleaseFolder,
    videos: Annotated[Path, option(INPUTS, "The videos that it was built from: a folder, or one file.")],
    labels: Annotated[
        Path | None,
        option(INPUTS, "The labels of the run, where players' names in them took part. Default: those of the release."),
    ] = None,
    settings: options.Overrides = None,
    corrections: options.Corrections = None,
    work: Annotated[
        Path | None,
        option(
            OUTPUTS,
            "A folder of its own to build in; with it, the same command goes on after an interruption. "
            "Default: a temporary one, removed at the end.",
        ),
    ] = None,
    out: Annotated[Path | None, option(OUTPUTS, "Folder of the release built. Default: `release` in --work.")] = None,
    only: options.Only = None,
    strict: Annotated[
        bool, option(SCOPE, "Build nothing where a version, model or setting is not the release's.", "--strict")
    ] = False,
    jobs: options.Jobs = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Build a release again from its provenance.json, and say what comes out identical.

    Settings are the release's; versions of tools and models are compared with this machine's first. What the release
    does not hold is named: given files, local models and a lexicon with --set (transcribe.folder=DIR), corrections with
    --overrides, players' names with --labels. No program, file or folder that the release names is used. Exit code 0
    where every file is identical, 1 where not, 2 where it cannot start.
    """
    import tempfile

    from imigue_build.core.system import cores
    from imigue_build.pipeline.reproduce import Options

    folder = corrections.expanduser().absolute() if corrections is not None else None
    asked = Options(release, videos, tuple(settings or ()), folder, options.ids_of(only), labels)
    console = terminal.plain(stderr=as_json)
    show_run = Shown(console, quiet, verbose, as_json)
    if work is not None:
        raise typer.Exit(_reproduce(asked, work, out, jobs or cores(), strict, show_run))
    try:
        with tempfile.TemporaryDirectory(prefix="imigue-reproduce-") as place:
            code = _reproduce(asked, Path(place), out, jobs or cores(), strict, show_run)
    except KeyboardInterrupt:
        print("interrupted: nothing is kept; with --work the same command would go on", file=sys.stderr)
        raise typer.Exit(130) from None
    raise typer.Exit(code)


class Shown(NamedTuple):
    """Where and how much is printed."""

    console: Console
    quiet: bool
    verbose: bool
    as_json: bool


def _reproduce(asked: Options, place: Path, out: Path | None, jobs: int, strict: bool, how: Shown) -> int:
    """Builds and compares; the exit code."""
    from imigue_build.apps.diff import diff as compare
    from imigue_build.apps.diff import differences
    from imigue_build.cli.progress import Display, showing
    from imigue_build.cli.run_log import logging_to
    from imigue_build.core.errors import ReleaseError
    from imigue_build.pipeline import reproduce as again

    console = how.console
    target = out or place / "release"
    again.check_out(target, asked.release)
    again.claim(place, asked)
    with console.status("hashing the videos") as state:
        plan = again.make_plan(
            asked,
            lambda video_id: state.update(f"hashing the video of {video_id}"),
            lambda settings: _show_of_machine(settings, strict, how),
        )
    unlike = differences(plan.release.provenance, plan.here, plan.chosen) if plan.chosen else []
    if not how.quiet:
        _show_plan(plan, unlike, console)
    if strict and unlike:
        names = ", ".join(difference.name for difference in unlike)
        raise ReleaseError(f"this machine is not what made the release: {names}", "install that, or leave --strict out")
    if not plan.chosen:
        reasons = "; ".join(f"{video_id}: {why}" for video_id, why in list(plan.left_out.items())[:5])
        raise ReleaseError(
            f"no interview of the release can be built again: {reasons}", "name its videos with --videos"
        )
    with logging_to(place / "run.log"), showing(Display(console, how.quiet, how.verbose)) as display:
        summary = again.rebuild(plan, asked, place, target, jobs, display)
    for text in () if how.quiet else summary.warnings:
        console.print(f"[yellow]warning:[/yellow] {escape(text)}")
    found = compare(asked.release, target, only=None if plan.whole else plan.chosen)
    left_out = plan.left_out | {video_id: f"{stage}: {why}" for video_id, (stage, why) in summary.failed.items()}
    identical = found.same and not left_out
    if how.as_json:
        print(json.dumps(_reproduced(unlike, found, left_out, identical) | {"of_machine": list(plan.of_machine)}))
    else:
        _show_reproduced(found, left_out, how)
    return 0 if identical else 1


def _reproduced(unlike: list[Origin], found: Diff, left_out: dict[str, str], identical: bool) -> dict[str, object]:
    import msgspec

    return {
        "identical": identical,
        "files": found.files,
        "all_files": found.all_files,
        "unlike": [msgspec.to_builtins(difference) for difference in unlike],
        "left_out": left_out,
        "diff": as_object(found),
    }


def _show_of_machine(settings: Sequence[str], strict: bool, how: Shown) -> None:
    """Names the release's settings that are of a machine.

    Raises:
        ReleaseError: With `strict`.
    """
    from imigue_build.core.errors import ReleaseError, first_few

    names = first_few(settings, len(settings), ", ")
    if strict:
        raise ReleaseError(f"the release holds settings of a machine: {names}", "leave --strict out")
    if not how.quiet:
        how.console.print(
            f"[yellow]warning:[/yellow] settings in the release that are of a machine are not used: {escape(names)}; "
            "your own are given with --set SETTING=VALUE"
        )


def _show_plan(plan: Plan, unlike: list[Origin], console: Console) -> None:
    from imigue_build.apps.diff.page import shown

    count = len(plan.chosen)
    console.print(f"built again: {count:,} of the release's {counted(len(plan.release.ids), 'interview')}")
    for video_id, why in plan.left_out.items():
        console.print(f"[yellow]left out:[/yellow] {escape(video_id)}: {escape(why)}")
    for difference in unlike:
        console.print(
            f"[yellow]not as it was:[/yellow] {difference.kind} {escape(difference.name)}: "
            f"{escape(shown(difference.before))} in the release, {escape(shown(difference.after))} here"
        )
    if not unlike and count:
        console.print("settings, tools, models and videos are those of the release")


def _show_reproduced(found: Diff, left_out: dict[str, str], how: Shown) -> None:
    console = how.console
    if not how.quiet and not found.same:
        show(found, console)
    for video_id, why in left_out.items():
        console.print(f"[red]not reproduced:[/red] {escape(video_id)}: {escape(why)}")
    state = "identical" if found.same and not left_out else "not identical"
    console.print(f"[bold]{state}[/bold]: the same content in {found.files:,} of {counted(found.all_files, 'file')}")
