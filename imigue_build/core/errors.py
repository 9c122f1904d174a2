"""The one family of errors: what happened, where, and what to do about it.

Every error that a user can cause derives from `ImigueError`; the command line prints its text
and no traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

MOST_LISTED: Final = 20
"""Faults, or names, of one file that a message lists; the rest is counted."""
LONGEST_VALUE: Final = 200
"""Characters of a value from outside that a message shows."""


def abridged(value: object, longest: int = LONGEST_VALUE) -> str:
    """A value from outside for a message: not longer than `longest` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def first_few(faults: Iterable[str], count: int, between: str = "; ") -> str:
    """The first of `count` faults, and how many more there are."""
    first = list(islice(faults, MOST_LISTED))
    more = [f"and {count - len(first)} more"] if count > len(first) else []
    return between.join(first + more)


class ImigueError(Exception):
    """Something a user can act on.

    Args:
        what: What happened, naming the thing (a file, a setting, an interview).
        remedy: What to do about it; empty where there is nothing to say.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what, remedy)

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}" if self.remedy else self.what


class UsageError(ImigueError):
    """The command cannot start: a wrong path, argument or label file (exit code 2)."""


class ConfigError(UsageError):
    """A configuration that cannot be used (exit code 2)."""


class MediaError(ImigueError):
    """A media file that cannot be read or holds nothing to work on."""


class BackendError(ImigueError):
    """A tool or a model is missing, or failed on one interview."""


class AnnotationError(ImigueError):
    """A transcript, turns or a reference from outside cannot be read, or do not fit the recording."""


class StoreError(ImigueError):
    """An artifact cannot be read or written."""


class ReleaseError(ImigueError):
    """A release cannot be written where it was asked for, or cannot be read."""
