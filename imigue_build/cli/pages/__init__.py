"""The help of all commands, in one place: headings, examples, JSON forms, exit codes, environment variables.

A command needs a page; one that has none yet is listed last.
"""

from __future__ import annotations

import inspect
import re
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

from rich.markup import escape

from imigue_build.cli.pages import bench, build, look, setup, share
from imigue_build.cli.pages.page import Page
from imigue_build.cli.pages.panels import arranged

if TYPE_CHECKING:
    import typer

PAGES: Final[dict[str, Page]] = build.PAGES | look.PAGES | share.PAGES | bench.PAGES | setup.PAGES
"""By the words of the command."""
ROOT: Final = setup.ROOT
__all__ = ["PAGES", "ROOT", "Page", "arranged", "dress", "framed", "place", "shown"]
_PLACES: Final = {name: place for place, name in enumerate(PAGES)}
_NARROW: Final = 70
_EMOJI: Final = re.compile(r":(?=\w+:)")
"""Rich draws a picture for `:name:`, unless something stands in it."""


def place(name: str) -> int:
    """Where a command stands in the list."""
    return _PLACES.get(name, len(_PLACES))


def framed() -> bool:
    """Whether there is room for frames and columns in the help."""
    return get_terminal_size().columns >= _NARROW


def dress(app: typer.Typer, cls: type[typer.core.TyperCommand], above: str = "") -> None:
    """Gives every command its page and its class; to be called when all are there."""
    for command in app.registered_commands:
        command.cls = cls
        page = PAGES.get(f"{above}{command.name}")
        if page is None:
            continue
        summary = command.help or inspect.getdoc(command.callback) or ""
        command.help = "\n\n".join(part for part in (summary, shown(page.more)) if part)
        command.epilog = shown(page.epilog())
        command.rich_help_panel = None if above else page.panel
    for group in app.registered_groups:
        page = PAGES.get(group.name or "")
        if page is not None and group.typer_instance is not None:
            group.rich_help_panel = page.panel
            group.epilog = shown(page.epilog())
            dress(group.typer_instance, cls, f"{group.name} ")


def shown(text: str) -> str:
    """A text of a page as the help takes it."""
    if not framed():
        return text
    return _EMOJI.sub(":[none][/none]", escape(text.replace("\b\n", "")))
