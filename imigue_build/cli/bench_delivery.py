"""What the benchmarks' commands share: flags of NAME=VALUE, warnings, and how results are told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from imigue_build.cli import terminal
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    from imigue_build.apps.bench.tables import Results


def console() -> Console:
    return terminal.plain(stderr=True)


def warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        console().print(f"[yellow]warning:[/yellow] {escape(warning)}")


def pairs(flag: str, given: list[str] | None) -> dict[str, str]:
    """What a flag of NAME=VALUE says; several may stand in one, with commas between them.

    Raises:
        UsageError: If it says nothing, or two things.
    """
    found: dict[str, str] = {}
    for pair in (pair for one in given or () for pair in one.split(",")):
        name, mark, value = (part.strip() for part in pair.rpartition("="))
        if not (name and mark and value):
            raise UsageError(f"{flag} {pair!r} is no NAME=VALUE", f"write e.g. {flag} joy=positive")
        if found.setdefault(name, value) != value:
            raise UsageError(f"{flag} gives {name} two values", "keep one")
    return found


def deliver(
    result: Mapping[str, Any], tables: Sequence[Results], more: Mapping[str, str], out: Path | None, as_json: bool
) -> None:
    """The result's files if a folder is named, then JSON or tables."""
    if out is not None:
        from imigue_build.apps.bench.files import write

        write(out, result, tables, more)
    if as_json:
        print(json.dumps(result))
        return
    from imigue_build.apps.bench.tables import rich_table

    for table in tables:
        terminal.tabular().print(rich_table(table))
