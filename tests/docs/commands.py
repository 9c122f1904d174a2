"""The commands in the README and the pages of the documentation."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

TOP: Final = Path(__file__).parents[2]
PAGES: Final = (TOP / "README.md", TOP / "ARCHITECTURE.md", *sorted((TOP / "docs").glob("*.md")))
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM: Final = "imigue-build"


class Written(NamedTuple):
    """A command as it stands on a page: the words after the name of the program."""

    page: str
    words: tuple[str, ...]


def blocks(page: Path, language: str = "") -> list[str]:
    """The fenced blocks of a page that name that language; without one they hold commands."""
    return [body for name, body in _FENCE.findall(page.read_text("utf-8")) if name == language]


def shell_lines(page: Path) -> Iterator[str]:
    """The lines of a page's commands, those that end in a backslash joined, without comments."""
    for block in blocks(page):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            yield re.sub(r"(^|\s)#( .*|$)", "", line).strip()


def written() -> list[Written]:
    """Every `imigue-build` command of every page."""
    return [Written(page.name, words) for page in PAGES for line in shell_lines(page) for words in _commands(line)]


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    """The words of each call of the program in a line of shell; also in a line that another program is given."""
    words = shlex.split(line)
    for at, word in enumerate(words):
        if " " in word:
            yield from _commands(word)
        elif word.rpartition("/")[2] == _PROGRAM:
            yield tuple(words[at + 1 :])


def make_targets() -> list[tuple[str, str]]:
    """Every target of make that a page names, in a block or in a line, with the page."""
    found = set()
    for page in PAGES:
        text = page.read_text("utf-8")
        inline = re.findall(r"`make ([a-z-]+)`", text)
        found |= {(page.name, target) for target in inline}
        found |= {(page.name, line.split()[1]) for line in shell_lines(page) if line.startswith("make ")}
    return sorted(found)
