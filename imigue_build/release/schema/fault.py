"""What is wrong with a file of a release."""

from __future__ import annotations

from imigue_build.core.errors import abridged


class FormatError(ValueError):
    """A text that does not have the form of its file.

    Args:
        why: What is wrong; a long value from the file is cut.
        line: Where, counted from 1; None where that is not known.
    """

    def __init__(self, why: str, line: int | None = None) -> None:
        self.why = abridged(why)
        self.line = line
        super().__init__(self.why if line is None else f"line {line}: {self.why}")
