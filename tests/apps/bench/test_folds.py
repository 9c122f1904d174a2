"""Who is in which part, and that nobody is in two."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.apps.bench.folds import make_folds
from imigue_build.apps.bench.utterances import Dataset, Protocol, Split, Utterance, build_dataset
from imigue_build.core.errors import UsageError

Row = tuple[str, str, str | None, str | None, str | None]


def dataset(rows: list[Row], protocol: Protocol = "speaker", splits: tuple[Split, ...] = ()) -> Dataset:
    """Rows of id, label, speaker, session, fold."""
    utterances = [Utterance(row[0], Path(row[0]), row[1], row[2], row[3], row[4]) for row in rows]
    return build_dataset("toy", utterances, ("x", "y"), protocol, splits)


ROWS: list[Row] = [
    ("1", "x", "a", "s1", "train"),
    ("2", "y", "a", "s1", "train"),
    ("3", "x", "b", "s1", "validation"),
    ("4", "y", "b", "s1", "validation"),
    ("5", "x", "c", "s2", "test"),
    ("6", "y", "c", "s2", "test"),
]


def test_every_speaker_is_tested_once_and_trained_on_never_then() -> None:
    data = dataset(ROWS)
    found = make_folds(data)
    assert found.speakers_apart is True and [fold.name for fold in found.folds] == ["a", "b", "c"]
    assert sorted(index for fold in found.folds for index in fold.test) == list(range(6))
    for fold in found.folds:
        assert {data.utterances[item].speaker for item in fold.test} == {fold.name}
        assert fold.name not in {data.utterances[item].speaker for item in fold.train}


def test_sessions_and_official_parts() -> None:
    assert [fold.test for fold in make_folds(dataset(ROWS), "session").folds] == [(0, 1, 2, 3), (4, 5)]
    (official,) = make_folds(dataset(ROWS), "official").folds
    assert (official.train, official.validation, official.test) == ((0, 1), (2, 3), (4, 5))


def test_given_folds_are_tested_in_turn() -> None:
    rows: list[Row] = [(name, label, f"s{name}", None, str((int(name) - 1) // 2 % 2)) for name, label, *_ in ROWS]
    assert [fold.test for fold in make_folds(dataset(rows, "given")).folds] == [(0, 1, 4, 5), (2, 3)]


def test_random_folds_keep_speakers_together_and_are_of_the_seed() -> None:
    rows: list[Row] = [(f"{index:02d}", "xy"[index % 2], f"s{index // 4}", None, None) for index in range(40)]
    found = make_folds(dataset(rows), "random", seed=4)
    assert len(found.folds) == 5 and found.speakers_apart is True
    assert found == make_folds(dataset(rows), "random", seed=4)
    alone: list[Row] = [(name, label, None, None, None) for name, label, *_ in rows]
    said = make_folds(dataset(alone), "random")
    assert said.speakers_apart is None and "could not be checked" in said.warnings[0]


@pytest.mark.parametrize(
    ("rows", "protocol", "said"),
    [
        ([(*row[:2], None, *row[3:]) for row in ROWS], "speaker", "6 utterances have no speaker"),
        ([(*row[:2], "a", *row[3:]) for row in ROWS], "speaker", "only one speaker"),
        ([(*row[:2], "a", *row[3:]) for row in ROWS], "session", "speakers are in training and test: a"),
        ([(*row[:4], None) for row in ROWS], "official", "6 utterances are in no part"),
        ([row for row in ROWS if row[4] != "test"], "official", "its test part is empty"),
        ([*ROWS[2:4], *((*row[:1], "x", *row[2:]) for row in ROWS[:2])], "speaker", "have the label 'x'"),
    ],
)
def test_what_cannot_be_split_is_said(rows: list[Row], protocol: Protocol, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make_folds(dataset(rows), protocol)


def test_an_utterance_in_two_parts_is_refused() -> None:
    splits = (Split("1", ("1", "2", "3"), ("3", "4")),)
    with pytest.raises(UsageError, match="1 utterance is in training and test: 3"):
        make_folds(dataset([(*row[:2], None, None, None) for row in ROWS], "given", splits))


def test_a_test_part_of_one_class_is_told() -> None:
    rows = [*ROWS[:4], *((*row[:1], "x", *row[2:]) for row in ROWS[4:])]
    assert make_folds(dataset(rows)).warnings == (
        "fold c: its test set has only the class 'x'; its UAR is that recall",
    )


def test_a_speaker_in_training_and_validation_is_told() -> None:
    rows: list[Row] = [*ROWS[:3], ("4", "y", "a", "s1", "validation"), *ROWS[4:]]
    found = make_folds(dataset(rows, "official"))
    assert found.speakers_apart is True
    assert "fold official: speakers are in training and validation: a" in found.warnings


def test_random_folds_of_a_few_utterances() -> None:
    few: list[Row] = [(str(n), "xy"[n % 2], None, None, None) for n in range(6)]
    assert len(make_folds(dataset(few), "random").folds) == 3
    with pytest.raises(UsageError, match="2 utterances of 2 speakers cannot be split"):
        make_folds(dataset(few[:2]), "random")
    with pytest.raises(UsageError, match="of 1 speakers cannot be split"):
        make_folds(dataset([(row[0], row[1], "a", None, None) for row in few]), "random")
