"""diff: two releases compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imigue_build.cli import options, terminal
from imigue_build.cli.options import OUTPUTS, SCOPE, option
from imigue_build.cli.pages import check_page, write_page
from imigue_build.cli.root import NOTHING, SHARE, command
from imigue_build.cli.terminal import escape
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.apps.diff import Diff

_MOST_ROWS = 40
Before = Annotated[Path, typer.Argument(metavar="RELEASE_A", help="The folder of a release.")]
After = Annotated[Path, typer.Argument(metavar="RELEASE_B", help="The folder of the release it is compared with.")]
Page = Annotated[
    Path | None,
    option(OUTPUTS, "Write the comparison, words side by side, as one HTML file.", "--html", metavar="FILE"),
]
Hash = Annotated[
    bool,
    option(
        SCOPE,
        "Hash every file of both first; else SHA256SUMS and sizes are trusted for clips and the like.",
        "--verify",
    ),
]


@command(
    "diff",
    SHARE,
    ("diff RELEASE_A RELEASE_B", "a table"),
    ("diff RELEASE_A RELEASE_B --html diff.html", "side by side"),
    json='{"same": BOOL, "settings": [...], "tools": [...], "models": [...], "inputs": [...], "version": {...}, '
    '"stages": [...], "interviews": {ID: {...}}, ...}',
    interrupted=NOTHING,
)
def diff(before: Before, after: After, html: Page = None, verify: Hash = False, as_json: options.Json = False) -> None:
    """Say what changed between two releases, and because of which setting, tool, model or input.

    Exit code 0 where every file is the same, 1 where something differs (as diff(1)) or a release is damaged, 2 where
    one is no release.
    """
    import msgspec

    from imigue_build.apps.diff import diff as compare

    if html is not None:
        check_page(html, before, after)
    with terminal.plain(stderr=True).status("comparing") as state:

        def show_progress(done: int, of: int) -> None:
            state.update(f"comparing interview {done + 1} of {of}")

        found = compare(before, after, verify, progress=show_progress)
    if html is not None:
        from imigue_build.apps.diff.page import page

        write_page(html, page(found, str(before), str(after)))
    if as_json:
        print(msgspec.json.encode(as_object(found)).decode())
    else:
        show(found, terminal.plain())
    raise typer.Exit(0 if found.same else 1)


def as_object(found: Diff) -> dict[str, object]:
    """A comparison as the object that `--json` prints; origins by their kind."""
    import msgspec

    document: dict[str, object] = msgspec.to_builtins(found)
    del document["origins"]
    for kind, name in (("setting", "settings"), ("tool", "tools"), ("model", "models"), ("input", "inputs")):
        document[name] = [msgspec.to_builtins(origin) for origin in found.origins if origin.kind == kind]
    versions = {origin.name: msgspec.to_builtins(origin) for origin in found.origins if origin.kind == "version"}
    document["version"] = versions.pop("imigue-build", None)
    document["stages"] = list(versions.values())
    return document


def show(found: Diff, console: Console) -> None:
    """Prints a comparison as tables."""
    if found.same:
        console.print(f"the same: {counted(found.all_files, 'file')} with the same content")
        return
    _show_origins(found, console)
    _show_statistics(found, console)
    _show_interviews(found, console)
    for name, ids in (("first", found.only_before), ("second", found.only_after)):
        if ids:
            console.print(
                f"only in the {name}: {', '.join(ids[:_MOST_ROWS])}{', ...' if len(ids) > _MOST_ROWS else ''}"
            )
    if found.documents:
        console.print(f"files at the top that differ: {', '.join(found.documents)}", markup=False)
    console.print(
        f"interviews: {found.identical:,} identical, {len(found.interviews):,} different; "
        f"the same content in {found.files:,} of {counted(found.all_files, 'file')}"
    )


def _show_origins(found: Diff, console: Console) -> None:
    from imigue_build.apps.diff.page import shown

    if not found.origins:
        console.print("nothing differs in how they were made, as far as provenance.json says")
        return
    table = terminal.table()
    table.add_column("what they were made from or by", overflow="fold")
    for name in ("before", "after", "for", "may have changed"):
        table.add_column(name)
    for origin in found.origins:
        ids = "all" if origin.interviews is None else _some(origin.interviews)
        touched = counted(len(origin.touched), "interview") if origin.touched else "nothing"
        kind = f"{origin.kind} " if origin.name != origin.kind else ""
        table.add_row(
            f"{kind}[bold]{escape(origin.name)}[/bold]",
            escape(shown(origin.before, 40)),
            escape(shown(origin.after, 40)),
            escape(ids),
            touched,
        )
    terminal.tabular().print(table)


def _show_statistics(found: Diff, console: Console) -> None:
    from imigue_build.apps.diff.page import figure

    table = terminal.table("statistics", "before", "after")
    for figures in found.statistics:
        if figures.before != figures.after:
            table.add_row(figures.name, figure(figures.before), figure(figures.after))
    if table.row_count:
        terminal.tabular().print(table)


def _show_interviews(found: Diff, console: Console) -> None:
    from imigue_build.apps.diff.phrases import phrases

    table = terminal.table("interview", "what changed", "how")
    table.add_column("because of", overflow="fold")
    for video_id, changes in list(found.interviews.items())[:_MOST_ROWS]:
        for number, (what, how, why) in enumerate(phrases(changes)):
            table.add_row("" if number else video_id, what, escape(how), escape(why))
        table.add_section()
    if table.row_count:
        terminal.tabular().print(table)
    if len(found.interviews) > _MOST_ROWS:
        console.print(f"... and {len(found.interviews) - _MOST_ROWS:,} more; --json and --html hold all")


def _some(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{len(ids):,} of them"
