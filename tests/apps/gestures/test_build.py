"""`imigue-build gestures` as it is called: what it writes, what it prints, and what it refuses."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from imigue_build.apps.gestures import build as building
from imigue_build.cli.main import app
from imigue_build.core.errors import ReleaseError
from tests.apps.gestures.made import line, long
from tests.release.tiny_release import Content, build

LINES = [line(1, 2.0, 3.5, 99), line(1, 3.0, 4.5, 8, 2), line(1, 0.1, 0.4, 8, 3), line(2, 0.4, 1.2, 20, 1, 2, "Lose")]


def called(release: Path, labels: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["gestures", str(release), "--labels", str(labels), "--out", str(out), *more])


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("gestures") / "release", Content()).root


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return long(tmp_path / "labels.csv", LINES)


def parsed(done: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_files_and_a_release_that_stays_as_it_was(release: Path, labels: Path, tmp_path: Path) -> None:
    before = content(release)
    done = called(release, labels, tmp_path / "out", "--json")
    assert done.exit_code == 0 and content(release) == before
    found = parsed(done)
    assert (found["gestures"], found["paired"], found["problems"]) == (4, 4, [])
    assert set(content(tmp_path / "out")) == {
        "0001/0001.gestures.TextGrid",
        "0002/0002.gestures.TextGrid",
        "gestures.jsonl",
        "imigue-build.json",
        "problems.csv",
        "statistics.csv",
        "statistics.json",
        "timeline.parquet",
    }
    rows = [json.loads(splitline) for splitline in (tmp_path / "out" / "gestures.jsonl").read_text().splitlines()]
    assert [(row["video_id"], row["class"], row["start"]) for row in rows] == [
        ("0001", 8, 0.1),
        ("0001", 99, 2.0),
        ("0001", 8, 3.0),
        ("0002", 20, 0.4),
    ]
    assert [row["word"] for row in rows[1]["words"]] == ["6-4,", "so-called", '"great".']
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert statistics["videos"]["0001"]["outcome"] == "Win" and statistics["videos"]["0002"]["outcome"] == "Lose"
    assert statistics["videos"]["0002"]["subject"] == "2"


def test_the_same_again_gives_the_same_bytes(release: Path, labels: Path, tmp_path: Path) -> None:
    assert called(release, labels, tmp_path / "out").exit_code == 0
    first = content(tmp_path / "out")
    assert called(release, labels, tmp_path / "out").exit_code == 0
    assert content(tmp_path / "out") == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "out"]


def test_the_textgrid_holds_the_releases_tiers_and_the_gestures(release: Path, labels: Path, tmp_path: Path) -> None:
    from praatio import textgrid

    from imigue_build.release.validate.textgrid import parsed

    called(release, labels, tmp_path / "out")
    path = tmp_path / "out" / "0001" / "0001.gestures.TextGrid"
    tiers, end = parsed(path.read_text())  # long format to the letter
    ours, _ = parsed((release / "0001" / "0001.TextGrid").read_text())
    assert tiers[: len(ours)] == ours and [tier.name for tier in tiers[len(ours) :]] == ["gestures", "gestures 2"]
    assert tiers[-2].labelled == [(100, 400, "8 touching facial parts"), (2000, 3500, "99 illustrative")]
    assert tiers[-1].labelled == [(3000, 4500, "8 touching facial parts")]
    for tier in tiers:  # without holes
        assert [0, *(stop for _, stop, _ in tier.intervals)] == [*(start for start, _, _ in tier.intervals), end]
    grid = textgrid.openTextgrid(str(path), True, "error", "error")
    assert [tier.name for tier in grid.tiers] == [tier.name for tier in tiers]


def test_the_time_line_holds_every_interval_once(release: Path, labels: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    called(release, labels, tmp_path / "out")
    table = parquet.read_table(tmp_path / "out" / "timeline.parquet")
    rows = table.to_pylist()
    kinds = [row["kind"] for row in rows]
    manifest = [json.loads(splitline) for splitline in (release / "manifest.jsonl").read_text().splitlines()]
    assert kinds.count("word") == sum(len(item["words"]) for item in manifest) and kinds.count("segment") == len(
        manifest
    )
    assert (kinds.count("turn"), kinds.count("overlap"), kinds.count("vad"), kinds.count("gesture")) == (5, 1, 3, 4)
    keys = [(row["video_id"], row["start"], row["end"], row["kind"]) for row in rows]
    assert keys == sorted(keys)
    (first, *_) = (row for row in rows if row["kind"] == "gesture")
    assert (first["class"], first["text"], first["role"]) == (8, "touching facial parts", "interviewee")
    assert next(row["speaker"] for row in rows if row["kind"] == "overlap") == "SPEAKER_00+SPEAKER_01"
    assert table.schema.metadata[b"format"] == b"imigue-build timeline 1"


def test_problems_are_told_by_row_and_exit_with_1(release: Path, tmp_path: Path) -> None:
    wrong = [line(77, 1.0, 2.0), line(77, 3.0, 4.0), line(1, 2.0, 1.0), line(1, 5.5, 7.0), line(1, 90.0, 91.0)]
    labels = long(tmp_path / "labels.csv", [*LINES, *wrong, '1,2,"=cmd()",125,6.0,150,20,1,F,US,Win'])
    found = parsed(done := called(release, labels, tmp_path / "out", "--json"))
    assert done.exit_code == 1 and (found["gestures"], found["paired"]) == (10, 5)
    messages = {item["row"]: item["message"] for item in found["problems"]}
    assert messages.keys() == {f"labels.csv:{number}" for number in (6, 8, 9, 10, 11)}
    assert "unknown video: 0077 is not in the release, nor have 1 more" in messages["labels.csv:6"]
    assert "ends at 7.000 s, the recording at 6.000 s" in messages["labels.csv:9"]
    with (tmp_path / "out" / "problems.csv").open(newline="") as file:
        assert [row["row"] for row in csv.DictReader(file)] == [item["row"] for item in found["problems"]]
    told_ = called(release, labels, tmp_path / "out")
    assert told_.exit_code == 1 and "problem: labels.csv:8: reversed: from 2 to 1 s" in told_.stderr
    assert "5 of 10 gestures paired with 2 of 2 interviews" in told_.stdout


def test_labels_that_are_late_are_told_and_stay_as_they_are(tmp_path: Path) -> None:
    from tests.benchmarks.gestures import made

    made(tmp_path, interviews=2, gestures=0, seconds=340.0)
    draw = random.Random(0)
    lines = []
    for video, late in ((1, 1.2), (2, 0.0)):
        for at in range(0, 320, 20):  # the answers last from 6.5 to 19 s of every 20
            for first, last in ((6.5, 7.0), (15.5, 16.0)):
                start = round(at + draw.uniform(first, last) + late, 4)
                lines.append(line(video, start, round(start + 3.0, 4), 99))
    done = called(tmp_path / "release", long(tmp_path / "late.csv", lines), tmp_path / "out", "--json")
    assert done.exit_code == 0
    clock = parsed(done)["statistics"]["clock"]
    assert clock.keys() == {"0001"} and clock["0001"]["labels_late"]["seconds"] == pytest.approx(1.2, abs=0.12)
    first = json.loads((tmp_path / "out" / "gestures.jsonl").read_text().splitlines()[0])
    assert first["start"] == min(round(float(line.split(",")[2]), 3) for line in lines if line.startswith("1,"))
    assert (
        "clock of 0001: labels late: seconds 1."
        in called(tmp_path / "release", tmp_path / "late.csv", tmp_path / "out").stdout
    )


def test_an_interview_that_cannot_be_read_keeps_no_other_out(release: Path, labels: Path, tmp_path: Path) -> None:
    shutil.copytree(release, tmp_path / "copy")
    (tmp_path / "copy" / "0001" / "0001.TextGrid").write_text("nothing")
    found = parsed(done := called(tmp_path / "copy", labels, tmp_path / "out", "--json"))
    assert done.exit_code == 1 and found["paired"] == 1
    assert "interview left out: 0001/0001.TextGrid: it does not begin as a TextGrid" in found["problems"][0]["message"]
    assert not (tmp_path / "out" / "0001").exists()


def refused(done: Result) -> str:
    assert done.exit_code == 2 and done.stderr.startswith("error: ") and not done.stdout
    return done.stderr


def test_wrong_places_are_refused_and_nothing_is_written(release: Path, labels: Path, tmp_path: Path) -> None:
    assert "is no release" in refused(called(tmp_path, labels, tmp_path / "out"))
    assert "does not exist" in refused(called(release, tmp_path / "none.csv", tmp_path / "out"))
    assert "lies inside RELEASE" in refused(called(release, labels, release / "gestures"))
    assert "--labels lies inside --out" in refused(called(release, labels, tmp_path))
    assert "no file with gesture labels" in refused(called(release, release / "labels.csv", tmp_path / "out"))
    (tmp_path / "file").write_text("x")
    assert "is not a folder" in refused(called(release, labels, tmp_path / "file"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    assert "holds files that the command gestures did not write" in refused(called(release, labels, tmp_path / "mine"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "labels.csv", "mine"]


def test_what_is_not_ours_in_an_older_folder_is_kept(release: Path, labels: Path, tmp_path: Path) -> None:
    called(release, labels, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert "holds notes.txt" in refused(called(release, labels, tmp_path / "out"))
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ReleaseError("broken"), OSError(28, "No space left on device")])
def test_a_run_that_ends_early_leaves_the_older_folder(
    release: Path, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    called(release, labels, tmp_path / "out")
    before = content(tmp_path / "out")

    def fails(*_: object) -> object:
        raise error

    monkeypatch.setattr(building, "table", fails)
    done = called(release, labels, tmp_path / "out")
    assert done.exit_code in (1, 130) and "Traceback" not in done.output
    assert content(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "out"]


def test_what_a_killed_run_left_is_removed_by_the_next(release: Path, labels: Path, tmp_path: Path) -> None:
    left = tmp_path / ".out.new-0123456789ab"
    left.mkdir()
    (left / "gestures.jsonl").write_text("half")
    assert called(release, labels, tmp_path / "out").exit_code == 0
    assert not left.exists() and os.path.isfile(tmp_path / "out" / "gestures.jsonl")
