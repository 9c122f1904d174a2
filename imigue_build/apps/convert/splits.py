"""Speaker-disjoint splits: all interviews of a subject go into one, and each split is like the whole.

Of every split the deviations from its share are kept small: of the seconds in clips, of the interviews, and of the
interviews of each outcome, each gender, and each of both together. A seeded order gives a first
assignment, subject by subject; then the move, or the exchange of two subjects, that helps most is made until none
helps.
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
    """An interview to be put into a split; `speaker` is whoever may be in one split alone."""

    video_id: str
    speaker: str
    seconds: float
    outcome: str = ""
    gender: str = ""


def proportions(text: str) -> dict[str, float]:
    """The splits' shares by name, of `0.8,0.1,0.1` (train, dev, test) or `0.8,0.2` (train, test).

    Raises:
        UsageError: If it says no such thing.
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
    speakers = sorted({one.speaker for one in ordered})
    if len(speakers) < len(shares):
        what = f"{len(speakers)} speakers cannot be put into {len(shares)} splits"
        raise UsageError(what, "take fewer splits, or a release of more interviews")
    features = _features(ordered, speakers)
    sizes = np.array(list(shares.values()))
    placed = _first(features, sizes, seed)
    _improve(features, sizes, placed)
    split_of = {speaker: list(shares)[placed[at]] for at, speaker in enumerate(speakers)}
    return {one.video_id: split_of[one.speaker] for one in ordered}


def cost(candidates: Iterable[Candidate], shares: Mapping[str, float], found: Mapping[str, str]) -> float:
    """How far splits are from their shares: squared deviations relative to the share, summed; 0 is perfect."""
    ordered = sorted(candidates)
    speakers = sorted({one.speaker for one in ordered})
    split_of = {one.speaker: list(shares).index(found[one.video_id]) for one in ordered}
    placed = [split_of[speaker] for speaker in speakers]
    sizes = np.array(list(shares.values()))
    return float(np.sum(_deviations(_features(ordered, speakers), sizes, placed) ** 2 / sizes[:, None]))


def _features(candidates: Sequence[Candidate], speakers: Sequence[str]) -> Vector:
    """What share each speaker has of each thing that is to be balanced, (speakers, things)."""
    places = {speaker: at for at, speaker in enumerate(speakers)}
    things: dict[tuple[str, ...], Vector] = defaultdict(lambda: np.zeros(len(speakers)))
    for one in candidates:
        at = places[one.speaker]
        things[("seconds",)][at] += one.seconds
        for thing in (("videos",), ("o", one.outcome), ("g", one.gender), ("og", one.outcome, one.gender)):
            things[thing][at] += 1
    columns = [things[thing] / max(float(things[thing].sum()), 1e-9) for thing in sorted(things)]
    return np.stack(columns, axis=1)


def _deviations(features: Vector, sizes: Vector, placed: Sequence[int]) -> Vector:
    """What each split has too much (above 0) or too little of, (splits, things)."""
    found = np.zeros((len(sizes), features.shape[1]))
    np.add.at(found, np.asarray(placed), features)
    return found - sizes[:, None]


def _first(features: Vector, sizes: Vector, seed: int) -> list[int]:
    """Each speaker in a seeded order goes where it helps most; no split stays empty."""
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
    """Makes the best move or exchange between two splits until none helps."""
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
    """By how much the cost changes when one of ours is exchanged with one of theirs, (ours, theirs).

    With d = theirs - ours, it is |here + d|^2 / size + |there - d|^2 / other, less what it is without d.
    """
    pull = here / size - there / other
    lengths = np.einsum("if,if->i", ours, ours)[:, None] + np.einsum("jf,jf->j", theirs, theirs)[None, :]
    squares = lengths - 2 * np.einsum("if,jf->ij", ours, theirs)
    change: Vector = 2 * ((theirs @ pull)[None, :] - (ours @ pull)[:, None]) + squares * (1 / size + 1 / other)
    return change


def _forbid(changes: Vector, ours: int, theirs: int) -> None:
    """The last row and column stand for nobody: no exchange of nobodies, and no split is emptied."""
    changes[ours, theirs] = np.inf
    if ours == 1:
        changes[0, theirs] = np.inf
    if theirs == 1:
        changes[ours, 0] = np.inf
