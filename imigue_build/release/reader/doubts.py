"""Why a person should check an interview as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from imigue_build.release.schema.provenance import Source
from imigue_build.release.schema.rows import Segment

LOW_ROLE_CONFIDENCE: Final = 0.75
"""Below this confidence of its roles an interview is to be checked."""
MANY_UNALIGNED: Final = 0.2
"""Above this share of words that could not be aligned an interview is to be checked."""
_LOST: Final = 0.1
"""The chance that a label is right although a person's correction of it was not applied."""
_SILENT: Final = 0.5


class Doubt(NamedTuple):
    """A reason to check an interview.

    Attributes:
        kind: What may be wrong: the roles, a label that a correction was for, the times of words, or all words.
        reason: In plain words.
        confidence: The chance that nothing of it is wrong, in [0, 1].
        lost: The correction that no longer fits, as the release states it.
        of: Its key in the file of corrections.
    """

    kind: Literal["roles", "correction", "times", "silence"]
    reason: str
    confidence: float
    lost: str = ""
    of: str = ""


def doubts(confidence: float, source: Source, segments: Iterable[Segment]) -> Iterator[Doubt]:
    """Why a person should check an interview: its roles, corrections that no longer fit, words not aligned.

    Args:
        confidence: Of its roles, in [0, 1].
        source: What its provenance says.
        segments: Its rows.
    """
    if confidence < LOW_ROLE_CONFIDENCE:
        yield Doubt("roles", "; ".join(source.role_doubts) or "the roles are not sure", confidence)
    for kind, fixes in source.overrides.items():
        for fix in fixes:
            if not fix.applied:
                yield Doubt("correction", f"a correction no longer fits: {fix.text}", _LOST, fix.text, kind)
    words = [word for segment in segments for word in segment.words]
    unaligned = sum(not word.aligned for word in words) / len(words) if words else 0.0
    if not words:
        yield Doubt("silence", "it has no words", _SILENT)
    if unaligned > MANY_UNALIGNED:
        yield Doubt("times", f"{100 * unaligned:.0f} % of its words could not be aligned", round(1 - unaligned, 3))
