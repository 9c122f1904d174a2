"""Which speaker of one diarization is which of another: of a reference, or of another release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from imigue_build.core.intervals import intersect, total
from imigue_build.core.records import Turn


def one_to_one(weights: Mapping[tuple[str, str], float]) -> dict[str, str]:
    """The mapping of released speakers to the reference's with the largest weight in all (Hungarian algorithm).

    Args:
        weights: What speaks for each pair (reference, release); a pair without weight is not mapped.
    """
    from scipy.optimize import linear_sum_assignment

    truths, found = (sorted({pair[side] for pair in weights}) for side in (0, 1))
    matrix = np.array([[weights.get((a, b), 0.0) for b in found] for a in truths])
    if not matrix.size:
        return {}
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return {found[b]: truths[a] for a, b in zip(rows, columns, strict=True) if matrix[a, b] > 0}


def counterparts(weights: Mapping[tuple[str, str], float]) -> dict[str, str]:
    """The released speaker of each of the reference's: one to one, and who is left over with whom most speaks for.

    So two reporters whom a release takes for one have the same counterpart.
    """
    found = {truth: name for name, truth in one_to_one(weights).items()}
    for truth, name in sorted(weights, key=lambda pair: (-weights[pair], pair)):
        if weights[truth, name] > 0:
            found.setdefault(truth, name)
    return found


def shared_seconds(reference: Iterable[Turn], found: Iterable[Turn]) -> dict[tuple[str, str], float]:
    """For how long each pair of speakers talks at the same time."""
    truths, others = _voices(reference), _voices(found)
    return {(a, b): total(intersect(truths[a], others[b])) for a in truths for b in others}


def _voices(turns: Iterable[Turn]) -> dict[str, list[Turn]]:
    voices: dict[str, list[Turn]] = {}
    for turn in turns:
        voices.setdefault(turn.speaker, []).append(turn)
    return voices
