"""Text from anywhere, made harmless for a terminal."""

from __future__ import annotations

import re
from typing import Final

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What commands a terminal, or turns the direction of writing; lines and tabs are left."""


def harmless(text: str) -> str:
    """A text in which what would command a terminal is escaped, so that it is seen and does nothing."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
