"""Win or lose from gestures: features computed by hand, planted effects, no effects, and folders that are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import log1p
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from imigue_build.apps.bench import corpus
from imigue_build.apps.bench.gesture_features import CLASSES, Gestured, Gestures
from imigue_build.apps.bench.outcome import Task, evaluate, prepare
from imigue_build.apps.bench.probe import Learner
from imigue_build.apps.gestures.classes import CLASSES as KNOWN
from imigue_build.apps.gestures.folder import FORMAT
from imigue_build.apps.gestures.speech import STATES
from imigue_build.cli.main import app
from imigue_build.core.errors import UsageError
from tests.apps.bench import releases
from tests.apps.bench.test_outcome import athletes, release

EXPOSURE = {"speaking": 120.0, "listening": 60.0, "silent": 60.0}


def written(folder: Path, gestures: Mapping[str, list[tuple[int, float, str]]], **changed: str) -> Path:
    """The folder that `gestures` writes, as far as it is read: of each interview (class, seconds, state)."""
    folder.mkdir(parents=True)
    videos = {name: {"exposure_s": EXPOSURE} for name in gestures}
    (folder / "statistics.json").write_text(json.dumps({"format": FORMAT, "videos": videos, **changed}))
    rows = [
        {
            "video_id": name,
            "class": number,
            "start": 1.0,
            "end": 1.0 + seconds,
            "state": state,
            "seconds": {**dict.fromkeys(STATES, 0.0), state: seconds},
        }
        for name, own in gestures.items()
        for number, seconds, state in own
    ]
    (folder / "gestures.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def planted(folder: Path, effect: float, count: int = 48) -> Path:
    """Losers (every second interview) touch their face `effect` times as often as winners."""
    random = np.random.default_rng(0)
    found = {}
    for number in range(count):
        times = random.poisson(4 * (1.0 if number % 2 == 0 else effect)) + 1
        found[f"{number + 1:04d}"] = [(8, 1.5, "listening")] * times + [(20, 1.0, "speaking")] * random.poisson(5)
    return written(folder, found)


def task_of(tmp_path: Path, gestures: Gestures) -> Task:
    read = corpus.read(release(tmp_path / "r"), athletes(tmp_path / "s.csv"))
    return prepare(gestures.of(read))


def test_the_classes_are_those_that_gestures_knows() -> None:
    assert set(CLASSES) == set(KNOWN)


def test_the_features_by_hand(tmp_path: Path) -> None:
    own = [(8, 2.0, "listening"), (8, 1.0, "listening"), (99, 6.0, "speaking")]
    gestures = Gestures(written(tmp_path / "g", {"0001": own}))
    values = gestures.features("0001")
    assert values[:8] == pytest.approx([log1p(0.5), log1p(2), 0, log1p(0.75), 0.05, 0.05, 0, 3.0])
    classes = dict(zip(CLASSES, values[8:], strict=True))
    assert classes[8] == pytest.approx(log1p(0.5)) and classes[99] == pytest.approx(log1p(0.25)) and classes[20] == 0


def test_a_planted_effect_is_found_and_a_null_is_not(tmp_path: Path) -> None:
    for effect in (4.0, 1.0):
        gestures = Gestures(planted(tmp_path / f"g{effect}", effect))
        task = task_of(tmp_path / f"{effect}", gestures)
        found = evaluate(task, {"gestures": Gestured(task.interviews, gestures)}, Learner())
        if effect > 1:
            assert found["accuracy"] > 0.85 and found["ci95"]["uar"][0] > 0.7
        else:
            assert found["ci95"]["uar"][0] < 0.5 and found["accuracy"] < 0.75


def test_interviews_without_gestures_are_left_out_with_a_warning(tmp_path: Path) -> None:
    gestures = Gestures(planted(tmp_path / "g", 2.0, 40))
    task = task_of(tmp_path, gestures)
    assert len(task.interviews) == 40
    assert any("left out, not labelled: 8 interviews (0041" in warning for warning in task.warnings)
    nobody = corpus.read(releases.write(tmp_path / "other", {"9001": ("Win", ["Yes."])}))
    with pytest.raises(UsageError, match=r"no interview of .* has gestures"):
        gestures.of(nobody)


def test_as_it_is_called(tmp_path: Path) -> None:
    folder, root = planted(tmp_path / "g", 4.0), release(tmp_path / "r")
    words = ["bench", "outcome", str(root), "--subjects", str(athletes(tmp_path / "s.csv")), "--gestures", str(folder)]
    done = CliRunner().invoke(app, [*words, "--from", "text", "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 0 and set(found["systems"]) == {"text", "gestures", "all"} and found["system"] == "all"
    assert found["views"]["gestures"]["size"] == 40 and len(found["views"]["gestures"]["sha256"]) == 64
    alone = CliRunner().invoke(app, [*words, "--from", "gestures", "--json"])
    assert set(json.loads(alone.stdout)["systems"]) == {"gestures"}
    missing = CliRunner().invoke(app, ["bench", "outcome", str(root), "--from", "gestures"])
    assert missing.exit_code == 2 and "--from gestures needs gestures" in missing.stderr


def test_folders_that_are_none_are_refused(tmp_path: Path) -> None:
    def refused(folder: Path) -> str:
        with pytest.raises(UsageError) as raised:
            Gestures(folder)
        return str(raised.value)

    assert "cannot be read" in refused(tmp_path)
    assert "another version" in refused(written(tmp_path / "old", {}, format="imigue-build gestures 0"))
    assert "line 1: not a gesture of" in refused(written(tmp_path / "class", {"0001": [(44, 1.0, "speaking")]}))
    broken = written(tmp_path / "broken", {"0001": [(8, 1.0, "speaking")]})
    (broken / "gestures.jsonl").write_text('{"video_id": "0001"')
    assert "gestures.jsonl, line 1" in refused(broken)
