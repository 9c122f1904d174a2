"""Saying now and then how far something that takes long has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from typing import Final, TypeVar

T = TypeVar("T")
EVERY: Final = 10.0
"""Seconds between two lines."""


def reporting(items: Collection[T], what: str, report: Callable[[str], None]) -> Iterator[T]:
    """Passes items on, and reports every ten seconds how many of them were passed on."""
    last = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            report(f"{what}: {number} of {len(items)}")
        yield item
