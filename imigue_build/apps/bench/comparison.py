"""Winners compared with losers: means, standard deviations, effect sizes, and a permutation test over speakers.

Segments of one speaker are not independent. The unit is therefore a speaker's mean over all segments of interviews of
one outcome. A speaker who won and lost has two units, which may be swapped with each other under the null hypothesis;
outcomes of speakers who only won or only lost may be swapped between speakers. All such arrangements together are the
permutations (restricted exchangeability, Winkler et al. 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAX_EXACT: Final = 50_000
"""Up to so many arrangements the test is exact; of more, a sample is drawn."""
PERMUTATIONS: Final = 9_999
BOOTSTRAP_SAMPLES: Final = 2_000
"""Bootstrap samples of speakers for a confidence interval."""
MIN_SPEAKERS: Final = 5
"""Speakers of each outcome that an interval needs: with fewer, resampling makes it far too narrow."""
_TIE: Final = 1e-9
"""Statistics that differ by less than this share of the largest are equal: only rounding makes them differ."""

DEFINITIONS: Final = {
    "win, lose": "mean over the speakers' means of their segments in interviews of that outcome",
    "ci95": "95 % bootstrap percentile interval of the difference, speakers resampled with replacement; "
    f"null below {MIN_SPEAKERS} speakers of an outcome",
    "effect": "Hedges' g: Cohen's d over the speakers' means, corrected for small samples; positive if winners are "
    "higher",
    "p": "two-sided permutation test of the difference; outcomes are exchanged within speakers who have both, and "
    "between speakers who have one",
    "p_holm": "p after Holm's correction for all rows of its table",
    "sd_within": "pooled standard deviation of segments around their speaker's mean",
    "sd_between": "standard deviation of the speakers' means",
    "odds_ratio": "odds that a winner's segment is of the category over those of a loser's, from counts of segments "
    "(0.5 is added to each if one is 0)",
}


class Sample(NamedTuple):
    """The segments of one speaker in interviews of one outcome (`Win` or `Lose`): a unit of the comparison."""

    speaker: str
    outcome: str
    values: Sequence[float]


class _Units(NamedTuple):
    """The speakers' means: (k, 2) of those who won and lost, (m,) and (n,) of those who only won, or only lost."""

    both: Floats
    won: Floats
    lost: Floats

    @property
    def win(self) -> Floats:
        return np.concatenate([self.both[:, 0], self.won])

    @property
    def lose(self) -> Floats:
        return np.concatenate([self.both[:, 1], self.lost])


def compare(samples: Sequence[Sample], seed: int = 0) -> dict[str, Any]:
    """Winners' values compared with losers'.

    Args:
        samples: One for each speaker and outcome, with at least one value each; both outcomes occur.
        seed: Of the permutations and the bootstrap.
    """
    units = _units(samples)
    win, lose = float(units.win.mean()), float(units.lose.mean())
    p, tested = permutation_p(units.both, units.won, units.lost, seed)
    d = cohens_d(units.win, units.lose)
    freedom = len(units.win) + len(units.lose) - 2
    g = None if d is None or freedom < 2 else d * small_sample_factor(freedom)
    return {
        "win": win,
        "lose": lose,
        "difference": win - lose,
        "ci95": _interval(samples, seed),
        "effect": g,
        "cohens_d": d,
        "hedges_g": g,
        "p": p,
        "permutations": tested,
        "groups": {
            name.lower(): _group([sample for sample in samples if sample.outcome == name]) for name in ("Win", "Lose")
        },
    }


def _units(samples: Sequence[Sample]) -> _Units:
    means = {(sample.speaker, sample.outcome): float(np.mean(sample.values)) for sample in samples}
    speakers = sorted({sample.speaker for sample in samples})
    pairs = [(means[name, "Win"], means[name, "Lose"]) for name in speakers if len({*_outcomes(means, name)}) == 2]
    won = [means[name, "Win"] for name in speakers if _outcomes(means, name) == ["Win"]]
    lost = [means[name, "Lose"] for name in speakers if _outcomes(means, name) == ["Lose"]]
    return _Units(np.array(pairs, float).reshape(-1, 2), np.array(won, float), np.array(lost, float))


def _outcomes(means: Mapping[tuple[str, str], float], speaker: str) -> list[str]:
    return [outcome for outcome in ("Win", "Lose") if (speaker, outcome) in means]


def permutation_p(both: Floats, won: Floats, lost: Floats, seed: int = 0) -> tuple[float, dict[str, Any]]:
    """The two-sided p of the difference between the means of winners and losers, and how it was computed.

    Exact for at most `MAX_EXACT` permutations; else from `PERMUTATIONS` random ones, to which the observed one is
    added (Phipson and Smyth 2010), so that p is never 0.

    Args:
        both: Means of speakers who won and lost, (k, 2).
        won: Means of speakers who only won, (m,).
        lost: Means of speakers who only lost, (n,).
        seed: Of the arrangements that are drawn.
    """
    single = np.concatenate([won, lost])
    permutations = 2 ** len(both) * comb(len(single), len(won))
    exact = permutations <= MAX_EXACT
    sums = _all_sums(both, single, len(won)) if exact else _random_sums(both, single, len(won), seed)
    winners, losers = len(both) + len(won), len(both) + len(lost)
    total = both.sum() + single.sum()

    def difference(of_winners: Any) -> Any:
        return of_winners / winners - (total - of_winners) / losers

    found, observed = np.abs(difference(sums)), abs(difference(both[:, 0].sum() + won.sum()))
    extreme = int((found >= observed - _TIE * max(found.max(), observed)).sum())
    if exact:
        return extreme / permutations, {"kind": "exact", "n": permutations}
    return (extreme + 1) / (PERMUTATIONS + 1), {"kind": "monte-carlo", "n": PERMUTATIONS, "seed": seed}


def _all_sums(both: Floats, single: Floats, winners: int) -> Floats:
    """The winners' sum in every permutation, shape (permutations,)."""
    swapped = np.zeros(1)
    for pair in both:
        swapped = np.concatenate([swapped + pair[0], swapped + pair[1]])
    chosen = np.array([single[list(those)].sum() for those in combinations(range(len(single)), winners)])
    return np.asarray(np.add.outer(swapped, chosen).ravel(), float)


def _random_sums(both: Floats, single: Floats, winners: int, seed: int) -> Floats:
    """The winners' sum in random permutations, shape (PERMUTATIONS,)."""
    random = np.random.default_rng(seed)
    sums = np.zeros(PERMUTATIONS)
    if len(both):
        swap = random.integers(0, 2, (PERMUTATIONS, len(both)))
        sums += np.where(swap == 1, both[:, 1], both[:, 0]).sum(axis=1)
    if winners:
        indices = np.argsort(random.random((PERMUTATIONS, len(single))), axis=1)[:, :winners]
        sums += single[indices].sum(axis=1)
    return sums


def cohens_d(win: Floats, lose: Floats) -> float | None:
    """The difference of means in pooled standard deviations; None where these are 0 or cannot be computed."""
    freedom = len(win) + len(lose) - 2
    if freedom < 1:
        return None
    squares = ((win - win.mean()) ** 2).sum() + ((lose - lose.mean()) ** 2).sum()
    pooled = sqrt(squares / freedom)
    return float((win.mean() - lose.mean()) / pooled) if pooled > 1e-12 else None


def small_sample_factor(freedom: int) -> float:
    """The factor from Cohen's d to Hedges' g (Hedges 1981, the usual approximation).

    Args:
        freedom: Degrees of freedom, at least two: with one, d has no mean that could be corrected.
    """
    return 1 - 3 / (4 * freedom - 1)


def _interval(samples: Sequence[Sample], seed: int) -> list[float] | None:
    """The bootstrap interval of the difference, speakers resampled; None where they are too few."""
    speakers = sorted({sample.speaker for sample in samples})
    places = {name: place for place, name in enumerate(speakers)}
    means, present = np.zeros((2, len(speakers))), np.zeros((2, len(speakers)))
    for sample in samples:
        at = (0 if sample.outcome == "Win" else 1), places[sample.speaker]
        means[at], present[at] = np.mean(sample.values), 1
    if present.sum(axis=1).min() < MIN_SPEAKERS:
        return None
    equal = np.full(len(speakers), 1 / len(speakers))
    weights = np.random.default_rng(seed).multinomial(len(speakers), equal, BOOTSTRAP_SAMPLES)
    sizes = weights @ present.T
    whole = sizes.min(axis=1) > 0
    groups = (weights @ means.T)[whole] / sizes[whole]
    low, high = np.percentile(groups[:, 0] - groups[:, 1], [2.5, 97.5])
    return [float(low), float(high)]


def _group(samples: Sequence[Sample]) -> dict[str, Any]:
    """The speakers and segments of one outcome: numbers, mean, and standard deviations."""
    means = np.array([np.mean(sample.values) for sample in samples])
    segments = np.concatenate([np.asarray(sample.values, float) for sample in samples])
    own = np.repeat(means, [len(sample.values) for sample in samples])
    freedom = len(segments) - len(samples)
    return {
        "speakers": len(samples),
        "segments": len(segments),
        "segment_mean": float(segments.mean()),
        "sd_between": float(means.std(ddof=1)) if len(means) > 1 else None,
        "sd_within": sqrt(float(((segments - own) ** 2).sum()) / freedom) if freedom else None,
    }


def odds_ratio(win: int, winners: int, lose: int, losers: int) -> tuple[float | None, bool]:
    """The odds ratio of counts out of totals, and whether 0.5 was added to each (Haldane and Anscombe).

    None if a category has all segments or none.
    """
    if win + lose in (0, winners + losers):
        return None, False
    cells = [win, winners - win, lose, losers - lose]
    corrected = 0 in cells
    a, b, c, d = (cell + 0.5 * corrected for cell in cells)
    return a * d / (b * c), corrected


def compare_shares(samples: Mapping[str, Sequence[Sample]], seed: int = 0) -> dict[str, dict[str, Any]]:
    """Shares of categories compared; for each category, samples whose values are 1 where a segment is of it, else 0."""
    found = {}
    for category, own in samples.items():
        counts = {
            outcome: np.concatenate([sample.values for sample in own if sample.outcome == outcome])
            for outcome in ("Win", "Lose")
        }
        win, lose = (int(counts[outcome].sum()) for outcome in ("Win", "Lose"))
        ratio, corrected = odds_ratio(win, len(counts["Win"]), lose, len(counts["Lose"]))
        row = compare(own, seed)
        found[category] = {**row, "counts": {"win": win, "lose": lose}, "odds_ratio": ratio, "corrected": corrected}
    return holm(found)


def holm(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows with `p_holm` added: Holm's step-down correction over all of them."""
    order = sorted(rows, key=lambda name: (rows[name]["p"], name))
    least = 0.0
    adjusted = {}
    for rank, name in enumerate(order):
        least = max(least, min(1.0, (len(order) - rank) * rows[name]["p"]))
        adjusted[name] = least
    return {name: {**row, "p_holm": adjusted[name]} for name, row in rows.items()}
