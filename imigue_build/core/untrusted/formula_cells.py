"""Cells of CSV tables that spreadsheets would take for formulas.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is a formula to spreadsheets. `shielded`
writes an apostrophe before it, which spreadsheets take for "this is text"; `restored` takes it away again.
"""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile("(^|;)('*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""Also after semicolons, at which spreadsheets of some countries cut, and in full width."""
_SHIELDED: Final = re.compile("(^|;)'('*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def shielded(cell: str) -> str:
    """A cell as it is written: as it is, unless a spreadsheet would take it for a formula."""
    return _FORMULA.sub(r"\1'\2", cell)


def restored(cell: str) -> str:
    """The cell that `shielded` was given."""
    return _SHIELDED.sub(r"\1\2", cell)
