"""The release: its definition, how it is read, built and validated.

`from imigue_build.release import Release` is what programs that read a release begin with; see
`imigue_build.release.reader`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imigue_build.release.reader import Interview, InterviewError, Release, Segment, Word

__all__ = ["Interview", "InterviewError", "Release", "Segment", "Word"]


def __getattr__(name: str) -> Any:
    """The reader's names, imported when they are first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from imigue_build.release import reader

    return getattr(reader, name)
