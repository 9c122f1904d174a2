"""diff and reproduce: two releases compared, and a release built again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from imigue_build.cli import options

if TYPE_CHECKING:
    from imigue_build.pipeline.reproduce import Outlook, Wish
    from imigue_build.release.diff import Diff

_MOST_ROWS = 40
Before = Annotated[Path, typer.Argument(metavar="RELEASE_A", help="The folder of a release.")]
After = Annotated[Path, typer.Argument(metavar="RELEASE_B", help="The folder of the release it is compared with.")]
Page = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the comparison, words side by side, as one HTML file."),
]
Hash = Annotated[
    bool,
    typer.Option("--verify", help="Hash every file of both first; else SHA256SUMS is believed of what is not read."),
]


def diff(before: Before, after: After, html: Page = None, verify: Hash = False, as_json: options.Json = False) -> None:
    """Say what changed between two releases, and because of which setting, tool, model or input.

    Exit code 0 where every file is the same, 1 where something differs (as diff(1)), 2 where one is no release.
    """
    import msgspec

    from imigue_build.release.diff import diff as compare

    if html is not None:
        _check_page(html, before, after)
    with Console(stderr=True).status("comparing") as state:

        def tell(done: int, of: int) -> None:
            state.update(f"comparing interview {done + 1} of {of}")

        found = compare(before, after, verify, progress=tell)
    if html is not None:
        _write(html, found, before, after)
    if as_json:
        print(msgspec.json.encode(as_object(found)).decode())
    else:
        show(found, Console(highlight=False, soft_wrap=True))
    raise typer.Exit(0 if found.same else 1)


def as_object(found: Diff) -> dict[str, object]:
    """A comparison as the object that `--json` prints; origins by their kind."""
    import msgspec

    document: dict[str, object] = msgspec.to_builtins(found)
    del document["origins"]
    for kind, name in (("setting", "settings"), ("tool", "tools"), ("model", "models"), ("input", "inputs")):
        document[name] = [msgspec.to_builtins(one) for one in found.origins if one.kind == kind]
    document["version"] = next((msgspec.to_builtins(one) for one in found.origins if one.kind == "version"), None)
    return document


def show(found: Diff, console: Console) -> None:
    """Prints a comparison as tables."""
    if found.same:
        console.print(f"the same: all {found.all_files:,} files have the same content")
        return
    _show_origins(found, console)
    _show_statistics(found, console)
    _show_interviews(found, console)
    for name, ids in (("first", found.only_before), ("second", found.only_after)):
        if ids:
            console.print(
                f"only in the {name}: {', '.join(ids[:_MOST_ROWS])}{', ...' if len(ids) > _MOST_ROWS else ''}"
            )
    console.print(
        f"{found.identical:,} interviews are identical, {len(found.interviews):,} differ; "
        f"{found.files:,} of {found.all_files:,} files have the same content"
    )


def _show_origins(found: Diff, console: Console) -> None:
    from imigue_build.release.diff.page import shown

    if not found.origins:
        console.print("nothing differs in how they were made, as far as provenance.json tells")
        return
    table = Table()
    table.add_column("what they were made from or by", overflow="fold")
    for name in ("before", "after", "for", "may have changed"):
        table.add_column(name)
    for one in found.origins:
        ids = "all" if one.interviews is None else _some(one.interviews)
        touched = f"{len(one.touched):,} interviews" if one.touched else "nothing"
        table.add_row(
            f"{one.kind} [bold]{escape(one.name)}[/bold]" if one.name != one.kind else f"[bold]{one.kind}[/bold]",
            escape(shown(one.before, 40)),
            escape(shown(one.after, 40)),
            escape(ids),
            touched,
        )
    console.print(table, soft_wrap=False)


def _show_statistics(found: Diff, console: Console) -> None:
    from imigue_build.release.diff.page import figure

    table = Table("statistics", "before", "after")
    for one in found.statistics:
        if one.before != one.after:
            table.add_row(one.name, figure(one.before), figure(one.after))
    if table.row_count:
        console.print(table, soft_wrap=False)


def _show_interviews(found: Diff, console: Console) -> None:
    from imigue_build.release.diff.phrases import phrases

    table = Table("interview", "what changed", "how")
    table.add_column("because of", overflow="fold")
    for video_id, one in list(found.interviews.items())[:_MOST_ROWS]:
        for number, (what, how, why) in enumerate(phrases(one)):
            table.add_row("" if number else video_id, what, escape(how), escape(why))
        table.add_section()
    if table.row_count:
        console.print(table, soft_wrap=False)
    if len(found.interviews) > _MOST_ROWS:
        console.print(f"... and {len(found.interviews) - _MOST_ROWS:,} more; --json and --html hold all")


def _some(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{len(ids):,} of them"


def _check_page(path: Path, before: Path, after: Path) -> None:
    from imigue_build.errors import UsageError

    if path.is_dir():
        raise UsageError(f"--html {path} is a folder", "name a file")
    for release in (before.resolve(), after.resolve()):
        if release in path.resolve().parents:
            raise UsageError(f"--html {path} lies in a release", "name a file outside of it")


def _write(path: Path, found: Diff, before: Path, after: Path) -> None:
    from imigue_build.release.diff.page import page
    from imigue_build.store.disk import guarded, write_atomically

    with guarded(f"cannot write {path}"):
        write_atomically(path, page(found, str(before), str(after)).encode())


def reproduce(
    release: Annotated[Path, typer.Argument(help="The folder of the release that is to be built again.")],
    videos: Annotated[Path, typer.Option(help="The videos that it was built from: a folder, or one file.")],
    work: Annotated[
        Path | None,
        typer.Option(
            help="A folder of its own to build in; with it, the same command goes on after an interruption. "
            "Default: a temporary one, removed at the end.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the release built. Default: `release` in --work.", show_default=False)
    ] = None,
    settings: options.Overrides = None,
    corrections: options.Corrections = None,
    only: options.Only = None,
    jobs: options.Jobs = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Build nothing where a version, model or setting is not the release's.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Build a release again from its provenance.json, and say what comes out identical.

    Settings are the release's; versions of tools and models are held against this machine's first. What the release
    does not hold is named: given files, local models and a lexicon with --set (transcribe.folder=DIR), corrections with
    --overrides. Exit code 0 where every file is identical, 1 where not, 2 where it cannot start.
    """
    import tempfile

    from imigue_build.machine import cores
    from imigue_build.pipeline.reproduce import Wish

    wish = Wish(release, videos, tuple(settings or ()), corrections, options.ids_of(only))
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    show_run = Shown(console, quiet, verbose, as_json)
    if work is not None:
        raise typer.Exit(_reproduce(wish, work, out, jobs or cores(), strict, show_run))
    try:
        with tempfile.TemporaryDirectory(prefix="imigue-reproduce-") as place:
            code = _reproduce(wish, Path(place), out, jobs or cores(), strict, show_run)
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


def _reproduce(wish: Wish, place: Path, out: Path | None, jobs: int, strict: bool, how: Shown) -> int:
    """The exit code."""
    from imigue_build.cli.progress import Display, logging_to, showing
    from imigue_build.errors import ReleaseError
    from imigue_build.pipeline import reproduce as again
    from imigue_build.release.diff import diff as compare

    console = how.console
    target = out or place / "release"
    again.check_out(target, wish.release)
    again.claim(place, wish)
    with console.status("hashing the videos") as state:
        outlook = again.look(wish, place, lambda video_id: state.update(f"hashing the video of {video_id}"))
    if not how.quiet:
        _show_outlook(outlook, console)
    if strict and outlook.differences:
        names = ", ".join(one.name for one in outlook.differences)
        raise ReleaseError(f"this machine is not what made the release: {names}", "install that, or leave --strict out")
    if not outlook.chosen:
        told = "; ".join(f"{video_id}: {why}" for video_id, why in list(outlook.left_out.items())[:5])
        raise ReleaseError(f"no interview of the release can be built again: {told}", "name its videos with --videos")
    with logging_to(place / "run.log"), showing(Display(console, how.quiet, how.verbose)) as display:
        summary = again.rebuild(outlook, wish, place, target, jobs, display)
    found = compare(wish.release, target, only=None if outlook.whole else outlook.chosen)
    left_out = outlook.left_out | {video_id: f"{stage}: {why}" for video_id, (stage, why) in summary.failed.items()}
    identical = found.same and not left_out
    if how.as_json:
        print(json.dumps(_reproduced(outlook, found, left_out, identical)))
    else:
        _show_reproduced(found, left_out, how)
    return 0 if identical else 1


def _reproduced(outlook: Outlook, found: Diff, left_out: dict[str, str], identical: bool) -> dict[str, object]:
    import msgspec

    return {
        "identical": identical,
        "files": found.files,
        "all_files": found.all_files,
        "unlike": [msgspec.to_builtins(one) for one in outlook.differences],
        "left_out": left_out,
        "diff": as_object(found),
    }


def _show_outlook(outlook: Outlook, console: Console) -> None:
    from imigue_build.release.diff.page import shown

    count = len(outlook.chosen)
    console.print(f"{count:,} of the release's {len(outlook.release.ids):,} interviews are built again")
    for video_id, why in outlook.left_out.items():
        console.print(f"[yellow]left out:[/yellow] {escape(video_id)}: {escape(why)}")
    for one in outlook.differences:
        console.print(
            f"[yellow]not as it was:[/yellow] {one.kind} {escape(one.name)}: "
            f"{escape(shown(one.before))} in the release, {escape(shown(one.after))} here"
        )
    if not outlook.differences and count:
        console.print("settings, tools, models and videos are those of the release")


def _show_reproduced(found: Diff, left_out: dict[str, str], how: Shown) -> None:
    console = how.console
    if not how.quiet and not found.same:
        show(found, console)
    for video_id, why in left_out.items():
        console.print(f"[red]not reproduced:[/red] {escape(video_id)}: {escape(why)}")
    state = "identical" if found.same and not left_out else "not identical"
    console.print(f"[bold]{state}[/bold]: {found.files:,} of {found.all_files:,} files have the same content")


def register(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command("diff", rich_help_panel="Check and correct")(diff)
    app.command("reproduce", rich_help_panel="Check and correct")(reproduce)
