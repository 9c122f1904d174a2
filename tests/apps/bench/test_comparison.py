"""The statistics of winners against losers, compared with hand computation, brute force and simulation."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from imigue_build.apps.bench.comparison import (
    PERMUTATIONS,
    Floats,
    Sample,
    cohens_d,
    compare,
    compare_shares,
    holm,
    odds_ratio,
    permutation_p,
    small_sample_factor,
)

NONE = np.zeros((0, 2))


def brute(both: Floats, won: Floats, lost: Floats) -> float:
    """The same p by going through every swap and every order of the outcomes, one by one."""

    def absolute(pairs: list[tuple[float, float]], singles: list[float]) -> float:
        winners = [pair[0] for pair in pairs] + singles[: len(won)]
        losers = [pair[1] for pair in pairs] + singles[len(won) :]
        return abs(sum(winners) / len(winners) - sum(losers) / len(losers))

    pairs, singles = [tuple(pair) for pair in both], [*won, *lost]
    observed = absolute(pairs, singles)
    found = [
        absolute([pair[::-1] if swap else pair for pair, swap in zip(pairs, swaps, strict=True)], list(order))
        for swaps in product([False, True], repeat=len(pairs))
        for order in permutations(singles)
    ]
    return sum(difference >= observed - 1e-9 for difference in found) / len(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("pairs", "winners", "losers"), [(0, 3, 4), (3, 2, 3), (4, 0, 0), (2, 3, 0), (1, 1, 1)])
def test_p_is_exact_for_few_speakers(seed: int, pairs: int, winners: int, losers: int) -> None:
    random = np.random.default_rng(seed)
    both = random.normal(size=(pairs, 2)).round(1)  # ties, too
    won, lost = random.normal(0.8, 1, winners).round(1), random.normal(0, 1, losers).round(1)
    p, how = permutation_p(both, won, lost)
    assert how["kind"] == "exact"
    assert p == pytest.approx(brute(both, won, lost), abs=1e-12)


def test_p_of_the_clearest_difference_is_known() -> None:
    p, how = permutation_p(NONE, np.array([4.0, 5, 6, 7]), np.array([0.0, 1, 2, 3]))
    assert p == pytest.approx(2 / 70) and how["n"] == 70
    assert permutation_p(np.array([[1.0, 0], [2, 0], [3, 0]]), np.array([]), np.array([]))[0] == pytest.approx(2 / 8)
    assert permutation_p(NONE, np.array([1.0, 1, 1]), np.array([1.0, 1]))[0] == 1.0


def test_p_agrees_with_scipys_exact_distribution() -> None:
    random = np.random.default_rng(5)
    won, lost = random.normal(0.5, 1, 7), random.normal(0, 1, 6)
    theirs = stats.permutation_test((won, lost), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf)
    extreme = np.abs(theirs.null_distribution) >= abs(theirs.statistic) - 1e-9
    assert permutation_p(NONE, won, lost)[0] == pytest.approx(extreme.mean())


def test_p_of_many_speakers_is_drawn_counts_the_observed_and_repeats() -> None:
    random = np.random.default_rng(6)
    won, lost = random.normal(0.6, 1, 30), random.normal(0, 1, 30)
    p, how = permutation_p(NONE, won, lost, seed=1)
    assert how == {"kind": "monte-carlo", "n": PERMUTATIONS, "seed": 1}
    assert p == permutation_p(NONE, won, lost, seed=1)[0] != permutation_p(NONE, won, lost, seed=2)[0]
    assert p == pytest.approx(stats.ttest_ind(won, lost).pvalue, abs=0.01)
    assert permutation_p(NONE, won + 9, lost)[0] == 1 / (PERMUTATIONS + 1)
    both = np.column_stack([won, lost])
    assert permutation_p(both, won[:0], lost[:0])[0] == pytest.approx(stats.ttest_rel(won, lost).pvalue, abs=0.01)


def test_effect_sizes_by_hand() -> None:
    win, lose = np.array([2.0, 4, 6]), np.array([1.0, 3])
    # squares around the means 4 and 2: 8 and 2; pooled variance 10/3, d = 2/sqrt(10/3)
    assert cohens_d(win, lose) == pytest.approx(1.0954451)
    assert small_sample_factor(3) == pytest.approx(8 / 11)
    assert cohens_d(np.ones(3), np.zeros(3)) is None and cohens_d(np.ones(1), np.zeros(1)) is None
    assert odds_ratio(10, 30, 5, 40) == (10 * 35 / (20 * 5), False)
    assert odds_ratio(0, 3, 0, 2) == odds_ratio(3, 3, 2, 2) == (None, False)
    assert odds_ratio(3, 3, 0, 2) == (3.5 * 2.5 / (0.5 * 0.5), True)


def test_of_one_degree_of_freedom_no_effect_is_corrected() -> None:
    row = compare([Sample("a", "Win", [3.0]), Sample("b", "Win", [5.0]), Sample("c", "Lose", [1.0])])
    assert row["cohens_d"] == pytest.approx(3 / 2**0.5) and row["effect"] is None and row["hedges_g"] is None


def test_a_comparison_by_hand() -> None:
    samples = [
        Sample("a", "Win", [1.0, 3.0]),
        Sample("a", "Lose", [0.0]),
        Sample("b", "Win", [4.0, 4.0, 4.0]),
        Sample("c", "Lose", [1.0, 3.0]),
    ]
    found = compare(samples)
    assert (found["win"], found["lose"], found["difference"]) == (3.0, 1.0, 2.0)
    # units: winners 2, 4; losers 0, 2: pooled variance 2
    assert found["cohens_d"] == pytest.approx(2**0.5)
    assert found["effect"] == found["hedges_g"] == pytest.approx(2**0.5 * (1 - 3 / 7))
    # four arrangements: (a swapped or not) x (b or c won): sums of winners 6, 4, 4, 2 of 8: |difference| 2, 0, 0, 2
    assert (found["p"], found["permutations"]["n"]) == (0.5, 4)
    winners = found["groups"]["win"]
    assert (winners["speakers"], winners["segments"], winners["segment_mean"]) == (2, 5, pytest.approx(3.2))
    assert winners["sd_within"] == pytest.approx((2 / 3) ** 0.5)
    assert winners["sd_between"] == pytest.approx(2**0.5)
    assert found == compare(samples)


def test_segments_of_one_speaker_are_no_evidence_of_their_own() -> None:
    """Two winners whose many segments are high: a test of segments would find p near 0, there are 6 arrangements."""
    random = np.random.default_rng(1)
    samples = [Sample(f"w{n}", "Win", list(random.normal(1, 0.1, 500))) for n in range(2)]
    samples += [Sample(f"l{n}", "Lose", list(random.normal(0, 0.1, 500))) for n in range(2)]
    assert compare(samples)["p"] == pytest.approx(2 / 6)


def simulated(seed: int, shift: float) -> list[Sample]:
    """18 speakers with voices of their own; 6 won and lost, 6 only won, 6 only lost; winners are shifted."""
    random = np.random.default_rng(seed)
    samples = []
    for number in range(18):
        own = random.normal(0, 1)
        for outcome in [("Win", "Lose"), ("Win",), ("Lose",)][number % 3]:
            values = own + random.normal(0, 1, random.integers(5, 40)) + shift * (outcome == "Win")
            samples.append(Sample(f"s{number:02d}", outcome, list(values)))
    return samples


def test_a_planted_effect_is_found_and_a_null_is_not() -> None:
    null = [compare(simulated(seed, 0.0))["p"] for seed in range(200)]
    assert 0.02 <= np.mean([p <= 0.05 for p in null]) <= 0.085  # 5 % by design; 200 draws vary by 1.5 %
    assert 0.4 < np.mean(null) < 0.6
    planted = [compare(simulated(seed, 1.5)) for seed in range(30)]
    assert np.mean([row["p"] <= 0.05 for row in planted]) > 0.9
    assert np.mean([row["difference"] for row in planted]) == pytest.approx(1.5, abs=0.2)
    assert np.mean([row["ci95"][0] < 1.5 < row["ci95"][1] for row in planted]) > 0.8
    assert all(row["effect"] > 0 for row in planted)


def test_shares_of_categories() -> None:
    sad = [Sample(f"l{n}", "Lose", [1.0, 1.0, 0.0]) for n in range(4)] + [
        Sample(f"w{n}", "Win", [0.0, 0.0, 1.0]) for n in range(4)
    ]
    calm = [sample._replace(values=[1 - value for value in sample.values]) for sample in sad]
    found = compare_shares({"sad": sad, "calm": calm})
    assert found["sad"]["win"] == pytest.approx(1 / 3) and found["sad"]["lose"] == pytest.approx(2 / 3)
    assert found["sad"]["odds_ratio"] == pytest.approx(0.25) and found["calm"]["odds_ratio"] == pytest.approx(4)
    assert found["sad"]["p"] == pytest.approx(2 / 70)
    assert found["sad"]["p_holm"] == pytest.approx(4 / 70)


def test_holms_correction_by_hand() -> None:
    found = holm({name: {"p": p} for name, p in {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}.items()})
    assert {name: row["p_holm"] for name, row in found.items()} == pytest.approx(
        {"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06}
    )
