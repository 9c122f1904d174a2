"""Splits are disjoint in speakers, complete, the same for a seed and any order of rows, and balanced."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.apps.convert.split_file import across, read_splits
from imigue_build.apps.convert.splits import Candidate, assign, cost, proportions
from imigue_build.core.errors import UsageError

SHARES = [{"train": 0.8, "dev": 0.1, "test": 0.1}, {"train": 0.5, "test": 0.5}]
INTERVIEW = st.tuples(
    st.integers(0, 12),
    st.floats(0, 4000, allow_nan=False),
    st.sampled_from(["Win", "Lose", ""]),
    st.sampled_from(["F", "M", ""]),
)
CORPORA = st.lists(INTERVIEW, min_size=1, max_size=30).map(
    lambda rows: [
        Candidate(f"{number:04d}", f"subject {subject}", seconds, outcome, gender)
        for number, (subject, seconds, outcome, gender) in enumerate(rows)
    ]
)


def enough(corpus: list[Candidate], shares: dict[str, float]) -> bool:
    return len({candidate.speaker for candidate in corpus}) >= len(shares)


@settings(max_examples=40, deadline=None)
@given(CORPORA, st.sampled_from(SHARES), st.integers(0, 5), st.randoms(use_true_random=False))
def test_every_interview_is_in_one_split_and_every_speaker_too(
    corpus: list[Candidate], shares: dict[str, float], seed: int, order: random.Random
) -> None:
    if not enough(corpus, shares):
        with pytest.raises(UsageError, match="speakers cannot be put into"):
            assign(corpus, shares, seed)
        return
    found = assign(corpus, shares, seed)
    assert found.keys() == {candidate.video_id for candidate in corpus}
    assert set(found.values()) == set(shares)
    for speaker in {candidate.speaker for candidate in corpus}:
        assert len({found[candidate.video_id] for candidate in corpus if candidate.speaker == speaker}) == 1
    shuffled = order.sample(corpus, len(corpus))
    assert assign(shuffled, shares, seed) == found


def athletes(seed: int) -> list[Candidate]:
    """A corpus of iMiGUE's make: 72 athletes, five interviews each on average, more wins than losses."""
    dice = random.Random(seed)
    corpus = []
    for number in range(359):
        athlete = min(int(dice.expovariate(1 / 18)), 71)
        gender = "F" if athlete % 2 else "M"
        outcome = "Win" if dice.random() < 258 / 359 else "Lose"
        corpus.append(Candidate(f"{number:04d}", f"subject {athlete}", dice.uniform(60, 900), outcome, gender))
    return corpus


@pytest.mark.parametrize("shares", SHARES)
def test_splits_are_better_balanced_than_any_of_many_random_ones(shares: dict[str, float]) -> None:
    for seed in range(2):
        corpus = athletes(seed)
        ours = cost(corpus, shares, assign(corpus, shares, seed))
        dice = random.Random(seed)
        by_chance = []
        for _ in range(40):
            names = dice.choices(list(shares), list(shares.values()), k=len(corpus))
            of = {candidate.speaker: name for candidate, name in zip(corpus, names, strict=True)}
            by_chance.append(cost(corpus, shares, {candidate.video_id: of[candidate.speaker] for candidate in corpus}))
        assert ours < min(by_chance) / 5


def test_each_split_has_its_share_of_time_outcomes_and_genders() -> None:
    corpus, shares = athletes(1), SHARES[0]
    found = assign(corpus, shares, 0)
    for split, share in shares.items():
        mine = [candidate for candidate in corpus if found[candidate.video_id] == split]
        spoken = sum(candidate.seconds for candidate in mine) / sum(candidate.seconds for candidate in corpus)
        assert spoken == pytest.approx(share, abs=0.02)
        for fact in ("outcome", "gender"):
            whole = Counter(getattr(candidate, fact) for candidate in corpus)
            part = Counter(getattr(candidate, fact) for candidate in mine)
            assert all(part[value] / count == pytest.approx(share, abs=0.03) for value, count in whole.items())


def test_another_seed_gives_other_splits() -> None:
    corpus = athletes(0)
    assert assign(corpus, SHARES[0], 0) != assign(corpus, SHARES[0], 1)


@pytest.mark.parametrize(
    "text", ["", "0.8", "a,b", "0.8,0.1", "0.5,0.5,0.5", "1,0", "-1,2", "nan,1", "inf,1", ".7,.1,.1,.1"]
)
def test_shares_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="--splits"):
        proportions(text)


SUBJECTS = {"0001": "7", "0002": "7", "0003": "9", "0004": ""}


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "split.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_published_split_is_by_video_or_by_subject(tmp_path: Path) -> None:
    by_video = table(tmp_path, "video_id,split\n1,train\n0003,test\n")
    assert read_splits(by_video, SUBJECTS)[0] == {"0001": "train", "0003": "test"}
    by_subject = table(tmp_path, "split,subject_id\ntrain,7\nvalidation,9\n")
    assert read_splits(by_subject, SUBJECTS)[0] == {"0001": "train", "0002": "train", "0003": "dev"}


def test_a_published_split_that_puts_a_subject_on_two_sides_is_seen() -> None:
    assert across({"0001": "train", "0002": "test", "0003": "test", "0004": "test"}, SUBJECTS) == ["7"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video_id,split\n1,train\n0001,test\n", "line 3: 0001 is in test, on line 2 in train"),
        ("video_id,split\n1,../x\n", "line 2: video_id '0001', split '../x'"),
        ("video_id,split\n1,all\n", "name splits by letters and digits"),
        ("video_id,split\n9,train\n", "names no interview of the release"),
        ("video_id,split\n1,train\n3,Train\n", "differ in case alone"),
        ("name,split\n1,train\n", "has neither video_id nor subject_id"),
        ("video_id,part\n1,train\n", "no column split in 'video_id,part'"),
    ],
)
def test_a_table_of_splits_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_splits(table(tmp_path, text), SUBJECTS)


def test_a_split_by_subject_needs_subjects(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name --subjects too"):
        read_splits(table(tmp_path, "subject_id,split\n7,train\n"), dict.fromkeys(SUBJECTS, ""))
