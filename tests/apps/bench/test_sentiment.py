"""VADER's sentiment, against labels of a table and over a release."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from imigue_build.apps.bench import corpus
from imigue_build.apps.bench.sentiment import (
    Predicted,
    Sentiment,
    Table,
    Vader,
    against_labels,
    measures,
    of_release,
    read_labels,
    text_table,
)
from imigue_build.core.errors import ReleaseError, UsageError
from tests.apps.bench import releases

TEXTS = [
    ("I love it!", "Positive"),
    ("He is a doctor.", "neutral"),
    ("This is TERRIBLE, I hate it", "NEGATIVE"),
    ('She said: "not good, not good at all"', "negative"),
    ("Great, just great, another loss", "negative"),
]


def table(path: Path, rows: Sequence[Sequence[str]] = TEXTS, header: Sequence[str] = ("text", "label")) -> Table:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return Table(text_table(path), "text", "label", {})


def test_vader_cuts_the_compound_score_of_the_raw_text_at_a_twentieth() -> None:
    vader = Vader()
    loud, plain = vader.score(["This is GREAT!!!", "This is great"])
    assert loud.score > plain.score  # capitals and marks count: nothing is normalised before
    assert [item.label for item in vader.score(["", "The court is green."])] == ["neutral", "neutral"]


@pytest.mark.parametrize(
    ("compound", "label"),
    [(0.05, "positive"), (0.0499, "neutral"), (-0.0499, "neutral"), (-0.05, "negative"), (1.0, "positive")],
)
def test_the_cuts_belong_to_the_outer_classes(compound: float, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vader = Vader()
    monkeypatch.setattr(vader._analyzer, "polarity_scores", lambda text: {"compound": compound})
    assert vader.score(["any"]) == [Sentiment(label, compound)]


def test_measures_are_those_of_scikit_learn(tmp_path: Path) -> None:
    kept: list[Predicted] = []
    found = against_labels(table(tmp_path / "t.csv"), Vader(), keep=kept.append)
    true, predicted = [item.label for item in kept], [item.scored.label for item in kept]
    assert true == ["positive", "neutral", "negative", "negative", "negative"]
    assert found["accuracy"] == pytest.approx(accuracy_score(true, predicted))
    assert found["macro_f1"] == pytest.approx(f1_score(true, predicted, average="macro"))
    assert found["uar"] == pytest.approx(balanced_accuracy_score(true, predicted))
    assert found["n"] == 5 and found["majority"] == {"accuracy": 0.6, "uar": pytest.approx(1 / 3)}
    assert sum(map(sum, found["confusion"])) == 5
    assert found == against_labels(table(tmp_path / "t.csv"), Vader())


def test_a_class_that_only_the_model_tells_counts_for_f1_and_not_for_uar() -> None:
    true = ["a", "a", "b", "b"]
    predicted = ["a", "c", "b", "a"]
    pairs: dict[tuple[str, str], int] = {}
    for pair in zip(true, predicted, strict=True):
        pairs[pair] = pairs.get(pair, 0) + 1
    found = measures(pairs)
    assert found["macro_f1"] == pytest.approx(f1_score(true, predicted, average="macro", zero_division=0))
    assert found["uar"] == pytest.approx(0.5)
    assert found["labels"] == ["a", "b", "c"] and found["confusion"][0] == [1, 0, 1]


def test_labels_of_another_kind_are_mapped(tmp_path: Path) -> None:
    given = table(tmp_path / "t.csv", [("I love it", "JOY"), ("I hate it", "sadness"), ("So.", "neutral")])
    found = against_labels(given._replace(names={"joy": "positive", "sadness": "negative"}), Vader())
    assert found["accuracy"] == 1.0
    with pytest.raises(UsageError, match=r"line 2: the label 'JOY' is none of .*map it to a class: --label-map JOY="):
        against_labels(given, Vader())
    with pytest.raises(UsageError, match="--label-map has happy, which are not classes of the model"):
        against_labels(given._replace(names={"joy": "happy"}), Vader())


def test_rows_without_text_or_label_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*TEXTS, ("", "positive"), ("  ", "negative"), ("Well.", ""), ("Well.", "NaN")]
    found = against_labels(table(tmp_path / "t.csv", rows), Vader())
    assert found["n"] == 5 and found["left_out"] == {"empty text": 2, "no label": 2}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no text with a label (it has no rows)"),
        ([("", "positive"), ("Yes.", "nan")], "(empty text in 1, no label in 1)"),
        ([("Yes.", "positive"), ("No.", "POSITIVE")], "every label of"),
    ],
)
def test_tables_that_measure_nothing(tmp_path: Path, rows: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        against_labels(table(tmp_path / "t.csv", rows), Vader())
    assert message in str(raised.value)


def test_ids_are_unique(tmp_path: Path) -> None:
    rows = [("I love it", "positive", "a"), ("I hate it", "negative", "b"), ("Yes.", "neutral", "a")]
    given = table(tmp_path / "t.csv", rows, ("text", "label", "id"))._replace(id_column="id")
    with pytest.raises(UsageError, match="line 4: id 'a' is on line 2 too"):
        against_labels(given, Vader())
    kept: list[Predicted] = []
    against_labels(
        table(tmp_path / "t.csv", rows[:2], ("text", "label", "id"))._replace(id_column="id"), Vader(), keep=kept.append
    )
    assert [item.name for item in kept] == ["a", "b"]


class Counted:
    """A scorer that says yes to everything and keeps how much it was given at once."""

    labels = ("no", "yes")

    def __init__(self) -> None:
        self.sizes: list[int] = []

    @property
    def about(self) -> dict[str, Any]:
        return {"name": "counted"}

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        self.sizes.append(len(texts))
        return [Sentiment("yes", 1.0) for _ in texts]


def test_a_large_table_is_never_held_as_a_whole(tmp_path: Path) -> None:
    counted, seen = Counted(), list[int]()
    given = table(tmp_path / "t.csv", [(f"text {n}", "yes" if n % 4 else "no") for n in range(3000)])
    found = against_labels(given, counted, progress=seen.append)
    assert found["n"] == 3000 and found["accuracy"] == 0.75
    assert max(counted.sizes) == 1024 and seen == [1024, 2048]


def test_sentiment_of_a_release_by_segment_interview_and_outcome(tmp_path: Path) -> None:
    said = {
        "0001": ("Win", ["I love it!", "So happy."]),
        "0002": ("Lose", ["I hate it.", "He is a doctor."]),
        "0003": ("", ["Great!"]),
        "0004": ("Win", []),
    }
    release = corpus.read(releases.write(tmp_path, said))
    found = of_release(release, Vader())
    assert [(item["video_id"], item["segment_id"], item["label"]) for item in found["segments"]] == [
        ("0001", "segment_001", "positive"),
        ("0001", "segment_002", "positive"),
        ("0002", "segment_001", "negative"),
        ("0002", "segment_002", "neutral"),
        ("0003", "segment_001", "positive"),
    ]
    vader = [item.score for item in Vader().score(["I love it!", "So happy."])]
    assert found["interviews"]["0001"]["score"] == pytest.approx(sum(vader) / 2)
    assert found["interviews"]["0002"]["shares"] == {"negative": 0.5, "neutral": 0.5}
    assert "0004" not in found["interviews"]
    assert found["outcomes"]["Lose"]["segments"] == 2
    compared = found["comparison"]
    assert compared["dimensions"]["sentiment"]["win"] == pytest.approx(sum(vader) / 2)
    assert compared["dimensions"]["sentiment"]["p"] == 1.0  # two speakers prove nothing
    assert compared["categories"]["negative"]["lose"] == 0.5
    assert found == of_release(corpus.read(tmp_path), Vader())


def test_winners_and_losers_are_held_against_each_other_by_athlete(tmp_path: Path) -> None:
    happy, sad = ["I love it!", "What a great day."], ["I hate it.", "A terrible, awful day."]
    said = {f"{n:04d}": ("Win", happy) if n % 2 else ("Lose", sad) for n in range(1, 17)}
    release = releases.write(tmp_path / "r", said)
    alone = of_release(corpus.read(release), Vader())["comparison"]["dimensions"]["sentiment"]
    assert alone["p"] == pytest.approx(2 / 12870) and alone["win"] > 0 > alone["lose"]
    athletes = {f"{n:04d}": str((n - 1) // 4) for n in range(1, 17)}  # four, each of whom won twice and lost twice
    read = corpus.read(release, releases.write_subjects(tmp_path / "s.csv", athletes))
    by_athlete = of_release(read, Vader())["comparison"]["dimensions"]["sentiment"]
    assert by_athlete["p"] == pytest.approx(2 / 16) and by_athlete["groups"]["win"]["speakers"] == 4


def test_a_release_without_outcomes_has_scores_and_no_comparison(tmp_path: Path) -> None:
    found = of_release(corpus.read(releases.write(tmp_path, {"0001": ("", ["Great!"])})), Vader())
    assert found["comparison"] is None and found["outcomes"] == {"Win": None, "Lose": None}
    assert found["interviews"]["0001"]["score"] > 0


def test_a_model_of_other_classes_needs_a_map_for_a_release(tmp_path: Path) -> None:
    release = corpus.read(releases.write(tmp_path, {"0001": ("Win", ["Yes."])}))
    with pytest.raises(UsageError, match="the model's classes are no, yes, not positive and negative"):
        of_release(release, Counted())


def test_a_release_in_which_nobody_says_anything(tmp_path: Path) -> None:
    release = corpus.read(releases.write(tmp_path, {"0001": ("Win", [" "])}))
    with pytest.raises(ReleaseError, match="has no clip of an interviewee with text"):
        of_release(release, Vader())


class TestLabelsOfARelease:
    """A person's labels of segments."""

    @pytest.fixture
    def read(self, tmp_path: Path) -> corpus.Corpus:
        said = {"0001": ("Win", ["I love it!", "So happy."]), "0002": ("Lose", ["I hate it.", "He is a doctor."])}
        return corpus.read(releases.write(tmp_path / "r", said))

    def labels(self, read: corpus.Corpus, text: str, names: dict[str, str] | None = None) -> dict[str, str]:
        path = read.root.parent / "labels.csv"
        path.write_text(text)
        return read_labels(path, read, Vader(), names or {})[0]

    def test_measured_where_there_are_some(self, read: corpus.Corpus) -> None:
        rows = "0001/interviewee/segment_001,Positive\n0001/interviewee/segment_002.wav,sad\n"
        rows += "0002/interviewee/segment_002,neutral\n"
        given = self.labels(read, "segment,label\n" + rows, {"sad": "negative"})
        assert given == {"0001/segment_001": "positive", "0001/segment_002": "negative", "0002/segment_002": "neutral"}
        found = of_release(read, Vader(), labels=given)
        assert found["accuracy"] == pytest.approx(2 / 3) and found["labelled"] == 3 and found["n"] == 4
        assert found["uar"] == pytest.approx(2 / 3)

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            (
                "0001/interviewee/segment_009,positive\n",
                "line 2: no interviewee has a clip 0001/interviewee",
            ),
            ("0001/interviewer/segment_001,positive\n", "no interviewee has a clip 0001/interviewer/segment_001"),
            ("0001/interviewee/segment_001,joy\n", "the label 'joy' is none of negative, neutral, positive"),
            (
                "0001/interviewee/segment_001,positive\n0001/interviewee/segment_001,neutral\n",
                "0001/segment_001 has two different labels",
            ),
            ("0001/interviewee/segment_001,positive\n", "has one label only"),
        ],
    )
    def test_faults(self, read: corpus.Corpus, rows: str, message: str) -> None:
        with pytest.raises(UsageError) as raised:
            self.labels(read, "segment,label\n" + rows)
        assert message in str(raised.value)
