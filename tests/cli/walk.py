"""All commands as typer knows them, for the tests of their help and completion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from imigue_build.cli.main import app

ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its words, groups too."""
    for name, command in group.commands.items():
        words = f"{above}{name}"
        yield words, command
        if hasattr(command, "commands"):
            yield from commands(command, f"{words} ")


ALL = dict(commands())
LEAVES = {words: command for words, command in ALL.items() if not hasattr(command, "commands")}
