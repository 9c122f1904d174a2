"""Where lines are printed: colours and bars only where somebody sees them."""

from __future__ import annotations

from rich.console import Console


def plain(stderr: bool = False) -> Console:
    """For lines that are copied or read by programs: nothing is broken, coloured or guessed by itself."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def live(console: Console) -> bool:
    """Whether bars may be drawn: on a terminal that moves its cursor, and not because colours are forced."""
    return console.is_interactive and not console.is_dumb_terminal and console.file.isatty()
