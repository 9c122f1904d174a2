"""Why a person should check an interview."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from imigue_build.release.schema.provenance import Source
from imigue_build.release.schema.rows import Segment

LOW_ROLE_CONFIDENCE: Final = 0.75
"""Below this confidence of its roles an interview is to be checked."""
_UNALIGNED: Final = 0.2
"""Above this share of words that could not be aligned an interview is to be checked."""


def doubts(confidence: float, source: Source, segments: Iterable[Segment]) -> tuple[str, ...]:
    """Why a person should check an interview: its roles, corrections that no longer fit, words not aligned.

    Args:
        confidence: Of its roles, in [0, 1].
        source: What its provenance says.
        segments: Its rows.
    """
    lost = [fix.text for kind in source.overrides.values() for fix in kind if not fix.applied]
    words = [word for segment in segments for word in segment.words]
    unaligned = sum(not word.aligned for word in words) / len(words) if words else 1.0
    if confidence >= LOW_ROLE_CONFIDENCE and not lost and unaligned <= _UNALIGNED:
        return ()
    reasons = list(source.role_doubts) or (["the roles are not sure"] if confidence < LOW_ROLE_CONFIDENCE else [])
    reasons += [f"a correction no longer fits: {text}" for text in lost]
    if unaligned > _UNALIGNED:
        reasons.append(f"{100 * unaligned:.0f} % of its words could not be aligned" if words else "it has no words")
    return tuple(reasons)
