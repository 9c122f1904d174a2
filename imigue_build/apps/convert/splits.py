"""Speaker-disjoint, balanced splits: all interviews of a speaker go into one.

The deviations of every split from its share are kept small: in seconds of clips, in interviews, and in interviews of
each outcome, each gender, and each pair of both. A greedy assignment in a seeded order comes first. Local search then
makes the best move of a speaker, or exchange of two, until none improves.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imigue_build.core.errors import UsageError

NAMES: Final = {2: ("train", "test"), 3: ("train", "dev", "test")}
_DIGITS: Final = 9
"""Costs are compared to so many decimals, as the last bits of sums differ between machines."""

Vector = NDArray[np.float64]


class Candidate(NamedTuple):
    """An interview to be put into a split; all of one `speaker` go into the same. `seconds` are of its clips."""

    video_id: str
    speaker: str
    seconds: float
    outcome: str = ""
    gender: str = ""


def proportions(text: str) -> dict[str, float]:
    """The splits' shares by name, from `0.8,0.1,0.1` (train, dev, test) or `0.8,0.2` (train, test).

    Raises:
        UsageError: If the text is no two or three shares that sum to 1.
    """
    try:
        shares = [float(part) for part in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) not in NAMES or not all(0 < share < float("inf") for share in shares):
        raise UsageError(
            f"--splits {text} is no two or three shares",
            "write 0.8,0.1,0.1 (train, dev, test) or 0.8,0.2 (train, test)",
        )
    if abs(sum(shares) - 1) > 0.001:
        raise UsageError(f"--splits {text}: the shares sum to {sum(shares):g}", "make them sum to 1")
    return {name: share / sum(shares) for name, share in zip(NAMES[len(shares)], shares, strict=True)}


def assign(candidates: Iterable[Candidate], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Video id -> split. The order of the candidates does not matter; the same seed gives the same splits.

    Raises:
        UsageError: If there are fewer speakers than splits.
    """
    ordered = sorted(candidates)
    speakers = sorted({candidate.speaker for candidate in ordered})
    if len(speakers) < len(shares):
        what = f"{len(speakers)} speakers cannot be put into {len(shares)} splits"
        raise UsageError(what, "take fewer splits, or a release of more interviews")
    features = _features(ordered, speakers)
    sizes = np.array(list(shares.values()))
    placed = _first(features, sizes, seed)
    _improve(features, sizes, placed)
    split_of = {speaker: list(shares)[placed[at]] for at, speaker in enumerate(speakers)}
    return {candidate.video_id: split_of[candidate.speaker] for candidate in ordered}


def cost(candidates: Iterable[Candidate], shares: Mapping[str, float], splits: Mapping[str, str]) -> float:
    """How far splits are from their shares: the sum of squared deviations relative to the share; 0 is perfect."""
    ordered = sorted(candidates)
    speakers = sorted({candidate.speaker for candidate in ordered})
    split_of = {candidate.speaker: list(shares).index(splits[candidate.video_id]) for candidate in ordered}
    placed = [split_of[speaker] for speaker in speakers]
    sizes = np.array(list(shares.values()))
    return float(np.sum(_deviations(_features(ordered, speakers), sizes, placed) ** 2 / sizes[:, None]))


def _features(candidates: Sequence[Candidate], speakers: Sequence[str]) -> Vector:
    """Each speaker's share of each quantity to be balanced, (speakers, quantities)."""
    places = {speaker: at for at, speaker in enumerate(speakers)}
    quantities: dict[tuple[str, ...], Vector] = defaultdict(lambda: np.zeros(len(speakers)))
    for _, speaker, seconds, outcome, gender in candidates:
        quantities[("seconds",)][places[speaker]] += seconds
        for name in (("videos",), ("o", outcome), ("g", gender), ("og", outcome, gender)):
            quantities[name][places[speaker]] += 1
    columns = [quantities[name] / max(float(quantities[name].sum()), 1e-9) for name in sorted(quantities)]
    return np.stack(columns, axis=1)


def _deviations(features: Vector, sizes: Vector, placed: Sequence[int]) -> Vector:
    """By how much each split has too much (above 0) or too little, (splits, quantities)."""
    found = np.zeros((len(sizes), features.shape[1]))
    np.add.at(found, np.asarray(placed), features)
    return found - sizes[:, None]


def _first(features: Vector, sizes: Vector, seed: int) -> list[int]:
    """Puts each speaker, in a seeded order, where that lowers the cost most; no split stays empty."""
    order = list(range(len(features)))
    random.Random(seed).shuffle(order)
    missing = np.repeat(sizes[:, None], features.shape[1], axis=1)
    placed = [0] * len(order)
    for number, at in enumerate(order):
        gains = np.sum((2 * missing * features[at] - features[at] ** 2) / sizes[:, None], axis=1)
        empty = [split for split in range(len(sizes)) if split not in {placed[other] for other in order[:number]}]
        among = empty if len(order) - number <= len(empty) else range(len(sizes))
        placed[at] = max(among, key=lambda split: (round(float(gains[split]), _DIGITS), -split))
        missing[placed[at]] -= features[at]
    return placed


def _improve(features: Vector, sizes: Vector, placed: list[int]) -> None:
    """Makes the best move or exchange between two splits until none lowers the cost."""
    nobody = np.zeros((1, features.shape[1]))
    while True:
        deviations = _deviations(features, sizes, placed)
        members = [[at for at, split in enumerate(placed) if split == number] for number in range(len(sizes))]
        best: tuple[float, int, int, int, int] | None = None
        for a in range(len(sizes)):
            for b in range(a + 1, len(sizes)):
                ours, theirs = (np.concatenate([features[members[split]], nobody]) for split in (a, b))
                changes = _changes(ours, theirs, deviations[a], deviations[b], float(sizes[a]), float(sizes[b]))
                _forbid(changes, len(members[a]), len(members[b]))
                first, second = np.unravel_index(int(np.argmin(np.round(changes, _DIGITS))), changes.shape)
                found = (round(float(changes[first, second]), _DIGITS), a, b, int(first), int(second))
                best = min(best, found) if best else found
        if best is None or best[0] >= 0:
            return
        _, a, b, first_at, second_at = best
        if first_at < len(members[a]):
            placed[members[a][first_at]] = b
        if second_at < len(members[b]):
            placed[members[b][second_at]] = a


def _changes(ours: Vector, theirs: Vector, here: Vector, there: Vector, size: float, other: float) -> Vector:
    """By how much the cost changes when a speaker of one split is exchanged with one of another, (ours, theirs).

    With d = theirs - ours, the cost is |here + d|^2 / size + |there - d|^2 / other, compared with that of d = 0.

    Args:
        ours, theirs: The speakers' shares, (speakers, quantities).
        here, there: The splits' deviations.
        size, other: The splits' shares of the whole.
    """
    pull = here / size - there / other
    lengths = np.einsum("if,if->i", ours, ours)[:, None] + np.einsum("jf,jf->j", theirs, theirs)[None, :]
    squares = lengths - 2 * np.einsum("if,jf->ij", ours, theirs)
    change: Vector = 2 * ((theirs @ pull)[None, :] - (ours @ pull)[:, None]) + squares * (1 / size + 1 / other)
    return change


def _forbid(changes: Vector, ours: int, theirs: int) -> None:
    """Excludes exchanges of nobody, the last row and column, with nobody, and moves that empty a split."""
    changes[ours, theirs] = np.inf
    if ours == 1:
        changes[0, theirs] = np.inf
    if theirs == 1:
        changes[ours, 0] = np.inf
