"""How fetching tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Takes the bytes that have arrived and how many there will be; 0 of 0 where that is unknown."""
