"""Win or lose from speech and words: folds that keep athletes apart, baselines, and effects that were planted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from imigue_build.apps.bench import corpus
from imigue_build.apps.bench.corpus import Interview
from imigue_build.apps.bench.features import Features, FeatureSpec
from imigue_build.apps.bench.outcome import Source, Task, View, evaluate, prepare
from imigue_build.apps.bench.probe import Learner
from imigue_build.apps.bench.sentiment import Vader
from imigue_build.apps.bench.split import read_split
from imigue_build.apps.bench.views import Speech, Words, as_utterances, usable
from imigue_build.core.errors import ReleaseError, UsageError
from tests.apps.bench import releases

Matrix = NDArray[np.float64]
FILLERS = ["The crowd was there.", "We played for two hours.", "I served from the left side.", "It was on clay."]
Both = Mapping[Source, View]


def release(
    root: Path, athletes: int = 12, each: int = 4, win: str = "I won and I love it.", lose: str = "I lost."
) -> Path:
    """Every athlete gave `each` interviews, every second one after a win."""
    said = {}
    for number in range(athletes * each):
        won = number % 2 == 0
        fillers = [FILLERS[(number // 2 + n) % 4] for n in range(2)]
        said[f"{number + 1:04d}"] = ("Win" if won else "Lose", [fillers[0], win if won else lose, fillers[1]])
    return releases.write(root, said)


def athletes(path: Path, count: int = 12, each: int = 4) -> Path:
    return releases.write_subjects(path, {f"{n + 1:04d}": f"p{n // each:02d}" for n in range(count * each)})


class Planted:
    """A view whose first feature is the outcome plus noise, whose others are noise."""

    def __init__(self, interviews: Sequence[Interview], effect: float, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.values: Matrix = random.normal(size=(len(interviews), 5))
        self.values[:, 0] += [effect * (interview.outcome == "Win") for interview in interviews]
        self.asked: list[tuple[set[int], set[int]]] = []

    about: dict[str, Any] = {"name": "planted"}  # noqa: RUF012  a double

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]:
        self.asked.append((set(train), set(test)))
        return self.values[list(train)], self.values[list(test)]


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return prepare(corpus.read(release(tmp_path / "r"), athletes(tmp_path / "s.csv")))


def test_no_athlete_is_in_training_and_test_and_each_interview_is_tested_once(task: Task) -> None:
    tested: list[int] = []
    for fold in task.folds.folds:
        speakers = [{task.interviews[index].speaker for index in part} for part in (fold.train, fold.test)]
        assert not speakers[0] & speakers[1]
        assert {task.interviews[index].outcome for index in fold.test} == {"Win", "Lose"}
        tested += fold.test
    assert sorted(tested) == list(range(48)) and len(task.folds.folds) == 5
    assert task.folds.speakers_apart and task.grouped_by == "subject"


def test_a_planted_effect_is_found_and_a_null_is_not(task: Task) -> None:
    found = evaluate(task, {"speech": Planted(task.interviews, 4.0)}, Learner())
    assert found["accuracy"] > 0.9 and found["uar"] > 0.9 and found["ci95"]["uar"][0] > 0.75
    null = evaluate(task, {"speech": Planted(task.interviews, 0.0)}, Learner())
    assert 0.25 < null["accuracy"] < 0.75 and null["ci95"]["uar"][0] < 0.5
    assert found["majority"] == null["majority"] and found["baselines"]["chance"] == {"accuracy": 0.5, "uar": 0.5}


def test_figures_are_those_of_the_predictions_and_repeat(task: Task) -> None:
    views: Both = {"speech": Planted(task.interviews, 1.5), "text": Planted(task.interviews, 1.5, seed=1)}
    found = evaluate(task, views, Learner())
    assert found["system"] == "both" and set(found["systems"]) == {"speech", "text", "both"}
    rows = found["interviews"].values()
    right = [(row["p_win"]["both"] >= 0.5) == (row["outcome"] == "Win") for row in rows]
    assert found["accuracy"] == pytest.approx(np.mean(right), abs=1e-6)
    recalls = [np.mean([r for r, row in zip(right, rows, strict=True) if row["outcome"] == o]) for o in ("Win", "Lose")]
    assert found["uar"] == pytest.approx(np.mean(recalls), abs=1e-6)
    for row in rows:
        assert row["p_win"]["both"] == pytest.approx((row["p_win"]["speech"] + row["p_win"]["text"]) / 2, abs=1e-5)
    assert sum(fold["n"] for fold in found["folds"]) == found["n"] == 48
    again: Both = {"speech": Planted(task.interviews, 1.5), "text": Planted(task.interviews, 1.5, seed=1)}
    assert evaluate(task, again, Learner()) == found


def test_all_is_the_mean_of_every_view_where_gestures_are_among_them(task: Task) -> None:
    views: Both = {
        "speech": Planted(task.interviews, 0.0),
        "text": Planted(task.interviews, 0.0, seed=1),
        "gestures": Planted(task.interviews, 4.0, seed=2),
    }
    found = evaluate(task, views, Learner())
    assert found["system"] == "all" and set(found["systems"]) == {"speech", "text", "both", "gestures", "all"}
    assert found["systems"]["gestures"]["uar"] > 0.9 > found["systems"]["both"]["uar"]
    for row in found["interviews"].values():
        mean = sum(row["p_win"][name] for name in ("speech", "text", "gestures")) / 3
        assert row["p_win"]["all"] == pytest.approx(mean, abs=1e-5)
    alone: Both = {"gestures": views["gestures"]}
    assert evaluate(task, alone, Learner())["system"] == "gestures"
    with_text: Both = {"text": views["text"], "gestures": views["gestures"]}
    assert set(evaluate(task, with_text, Learner())["systems"]) == {"text", "gestures", "all"}


def test_a_view_never_sees_test_interviews_in_training(task: Task) -> None:
    view = Planted(task.interviews, 1.0)
    evaluate(task, {"text": view}, Learner())
    assert view.asked and all(not train & test for train, test in view.asked)


def test_baselines_by_hand(tmp_path: Path) -> None:
    said = {f"{n:04d}": ("Win" if n % 4 else "Lose", ["Yes."]) for n in range(1, 41)}  # 30 won, 10 lost
    task = prepare(corpus.read(releases.write(tmp_path, said)))
    found = evaluate(task, {"speech": Planted(task.interviews, 0.0)}, Learner())
    assert found["majority"] == 0.75
    assert found["baselines"]["majority"] == {"accuracy": 0.75, "uar": 0.5}
    assert found["baselines"]["chance"] == {"accuracy": pytest.approx(0.75**2 + 0.25**2), "uar": 0.5}
    assert any("no --subjects: each interview counts" in warning for warning in found["warnings"])


def test_words_tell_who_won_where_they_do(task: Task, tmp_path: Path) -> None:
    words = Words(task.interviews, Vader())
    assert evaluate(task, {"text": words}, Learner())["accuracy"] > 0.95
    same = prepare(corpus.read(release(tmp_path / "same", win="So.", lose="So."), athletes(tmp_path / "s.csv")))
    assert evaluate(same, {"text": Words(same.interviews, Vader())}, Learner())["uar"] == 0.5


def test_words_are_learnt_from_the_training_part_alone(task: Task) -> None:
    words = Words(task.interviews, Vader())
    train, test = words.features(range(24), range(24, 48))
    words._texts[30] = "words which nobody else says " * 50
    again, changed = words.features(range(24), range(24, 48))
    assert np.array_equal(train, again) and not np.array_equal(test[6], changed[6])
    assert train.shape == (24, test.shape[1]) and np.isfinite(test).all()


def test_speech_is_the_mean_over_segments_and_unusable_clips_are_reported(tmp_path: Path) -> None:
    read = corpus.read(releases.write(tmp_path, {"0001": ("Win", ["a", "b", "c"]), "0002": ("Lose", ["d"])}))
    ids = tuple(utterance.id for utterance in as_utterances(read.segments))
    assert ids == ("0001/segment_001", "0001/segment_002", "0001/segment_003", "0002/segment_001")
    failed = {ids[1]: "segment_002.wav is silent"}
    values = np.array([[1.0, 0], [3, 4], [9, 9]], np.float32)
    features = Features((ids[0], ids[2], ids[3]), values, {}, {"name": "x"}, failed, 0)
    left = usable(read, features)
    assert "1 clip cannot be used: 0001/segment_002: segment_002.wav is silent" in left.warnings[-1]
    view = Speech(left.decided, features, FeatureSpec())
    assert view.features([0], [1])[0].tolist() == [[2.0, 2.0]] and view.features([0], [1])[1].tolist() == [[9.0, 9.0]]
    with pytest.raises(ReleaseError, match=r"no clip of .* can be used \(segment_002.wav is silent\)"):
        usable(read, Features((), values[:0], {}, {}, failed, 0))


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        (["Win", "Lose"] * 2, "has 2 of outcome Win and 2 of outcome Lose (interviews): 3 of each are needed"),
        (["Win"] * 9, "every interview of known outcome"),
        ([""] * 9, "gives no interview with speech an outcome"),
    ],
)
def test_too_little_is_refused(tmp_path: Path, outcomes: list[str], message: str) -> None:
    said = {f"{n:04d}": (outcome, ["Yes."]) for n, outcome in enumerate(outcomes)}
    with pytest.raises(UsageError) as raised:
        prepare(corpus.read(releases.write(tmp_path, said)))
    assert message in str(raised.value)


class TestSplit:
    """The official split: of athletes, or of interviews."""

    def given(self, tmp_path: Path, text: str, subjects: bool = True) -> Task:
        (tmp_path / "split.csv").write_text(text, encoding="utf-8")
        read = corpus.read(release(tmp_path / "r"), athletes(tmp_path / "s.csv") if subjects else None)
        return prepare(read, split=read_split(tmp_path / "split.csv", read)[0])

    def test_by_athlete(self, tmp_path: Path) -> None:
        lines = [f"p{n:02d},{'train' if n < 7 else 'Test'}" for n in range(11)]
        task = self.given(tmp_path, "\n".join(["subject_id,split", *lines]))
        (fold,) = task.folds.folds
        assert (len(fold.train), len(fold.test)) == (28, 16)
        assert any("in no part of the split: 4 interviews (0045, 0046" in warning for warning in task.warnings)
        found = evaluate(task, {"speech": Planted(task.interviews, 4.0)}, Learner())
        assert found["protocol"] == "official" and found["accuracy"] > 0.8 and len(found["interviews"]) == 16

    def test_by_interview_without_subjects(self, tmp_path: Path) -> None:
        lines = [f"{n},{'train' if n < 25 else 'test'}" for n in range(1, 49)]
        (fold,) = self.given(tmp_path, "\n".join(["video_id,split", *lines]), subjects=False).folds.folds
        assert (len(fold.train), len(fold.test)) == (24, 24)

    @pytest.mark.parametrize(
        ("text", "subjects", "message"),
        [
            ("subject_id,split\np00,train\np00,test\n", True, "line 3: p00 is in test, on line 2 in train"),
            ("subject_id,split\np00,train\np01,dev\n", True, "line 3: subject_id 'p01', split 'dev'"),
            ("subject_id,split\np00,train\n", True, "assigns no interview"),
            ("subject_id,split\np00,train\np01,test\n", False, "is by subject, but no subject is known"),
            ("athlete,split\np00,train\n", True, "has neither video_id nor subject_id"),
            ("video_id,split\n1,train\n2,test\n6,train\n", True, "speakers are in training and test: subject p00"),
            ("video_id,split\n1,train\n3,train\n6,test\n", True, "all its training utterances have the label 'Win'"),
        ],
    )
    def test_a_split_that_cannot_be_used(self, tmp_path: Path, text: str, subjects: bool, message: str) -> None:
        with pytest.raises(UsageError) as raised:
            self.given(tmp_path, text, subjects)
        assert message in str(raised.value)
