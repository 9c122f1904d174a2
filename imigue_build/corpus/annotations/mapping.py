"""Optimal mapping between the speakers of two diarizations: a reference and a release, or two releases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from imigue_build.core.intervals import intersect, total
from imigue_build.core.records import Turn


def one_to_one(weights: Mapping[tuple[str, str], float]) -> dict[str, str]:
    """The mapping of hypothesis speakers to reference speakers of maximum total weight (Hungarian algorithm).

    Args:
        weights: The weight of each pair (reference, hypothesis); pairs of weight 0 are not mapped.
    """
    from scipy.optimize import linear_sum_assignment

    references, hypotheses = (sorted({pair[side] for pair in weights}) for side in (0, 1))
    matrix = np.array([[weights.get((a, b), 0.0) for b in hypotheses] for a in references])
    if not matrix.size:
        return {}
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return {hypotheses[b]: references[a] for a, b in zip(rows, columns, strict=True) if matrix[a, b] > 0}


def counterparts(weights: Mapping[tuple[str, str], float]) -> dict[str, str]:
    """The hypothesis speaker of each reference speaker: one to one; the rest by their largest weight.

    Two reference speakers that the hypothesis merges have the same counterpart.
    """
    mapping = {reference: hypothesis for hypothesis, reference in one_to_one(weights).items()}
    for reference, hypothesis in sorted(weights, key=lambda pair: (-weights[pair], pair)):
        if weights[reference, hypothesis] > 0:
            mapping.setdefault(reference, hypothesis)
    return mapping


def shared_seconds(reference: Iterable[Turn], hypothesis: Iterable[Turn]) -> dict[tuple[str, str], float]:
    """The seconds during which both speakers of each pair (reference, hypothesis) talk."""
    reference_turns, hypothesis_turns = _by_speaker(reference), _by_speaker(hypothesis)
    return {
        (a, b): total(intersect(reference_turns[a], hypothesis_turns[b]))
        for a in reference_turns
        for b in hypothesis_turns
    }


def _by_speaker(turns: Iterable[Turn]) -> dict[str, list[Turn]]:
    by_speaker: dict[str, list[Turn]] = {}
    for turn in turns:
        by_speaker.setdefault(turn.speaker, []).append(turn)
    return by_speaker
