"""The whole job on real recordings, as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from imigue_build.apps.scoring.measures import pool, rates
from imigue_build.apps.scoring.score import score
from imigue_build.core.process_identity import started
from imigue_build.pipeline.demo import DEMO

pytestmark = pytest.mark.e2e

SHARED = os.environ.get("IMIGUE_SHARED_DATA")


class Place:
    """A folder of videos, a WORK and a RELEASE, and commands over them."""

    def __init__(self, root: Path) -> None:
        self.videos, self.work, self.release = root / "videos", root / "work", root / "release"
        self.videos.mkdir(parents=True)

    def command(self, name: str, *options: str) -> list[str]:
        places = ["--work", str(self.work), "--release", str(self.release), "--config", "embedded"]
        return [sys.executable, "-m", "imigue_build", name, str(self.videos), *places, *options]

    def run(self, name: str, *options: str, code: int = 0) -> dict[str, Any]:
        done = subprocess.run(self.command(name, "--json", *options), capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        result: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        return result

    def other(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "imigue_build", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def actions(self, *options: str) -> dict[tuple[str, str], str]:
        return {(i["video_id"], i["stage"]): i["action"] for i in self.run("plan", *options)["items"]}

    def content(self) -> dict[str, bytes]:
        files = (path for path in sorted(self.release.rglob("*")) if path.is_file())
        return {path.relative_to(self.release).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two copies of the demo interview, one of them under a digit id, built once."""
    place = Place(tmp_path_factory.mktemp("built"))
    shutil.copy(DEMO / "demo.mp4", place.videos / "demo.mp4")
    shutil.copy(DEMO / "demo.mp4", place.videos / "7.mp4")
    result = place.run("run-all", "--jobs", "2")
    assert result["done"] == ["0007", "demo"] and result["failed"] == {}
    return place


def test_the_release_breaks_no_rule(built: Place) -> None:
    assert json.loads(built.other("validate", str(built.release), "--json")) == {"ok": True, "faults": []}
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=built.release, check=True)


def test_the_demo_is_understood_well_enough(built: Place) -> None:
    found = json.loads(built.other("score", str(DEMO), str(built.release), "--json"))
    assert found["missing"] == {"release": [], "reference": ["0007"]}
    assert found["role_accuracy"] == 1
    assert found["der_collar_025"] < 0.01
    assert found["word_speaker_accuracy"] == 1
    assert found["wer"] <= 0.06


def test_praat_opens_every_textgrid(built: Place, tmp_path: Path) -> None:
    praat = shutil.which("praat")
    if praat is None:
        pytest.skip("praat is not installed (apt install praat)")
    script = tmp_path / "open.praat"
    script.write_text(
        "form Open\n sentence file\nendform\nRead from file: file$\nn = Get number of tiers\n"
        "for i to n\n name$ = Get tier name: i\n appendInfoLine: name$\nendfor\n"
    )
    tiers = {
        path: subprocess.run(
            [praat, "--run", str(script), str(path)], capture_output=True, text=True, check=True
        ).stdout
        for path in built.release.glob("*/*.TextGrid")
    }
    assert len(tiers) == 4
    segments = tiers[built.release / "demo" / "demo.TextGrid"].split()
    assert segments == ["interviewee", "interviewer", "diarization", "overlap", "vad"]
    assert "interviewee - words" in tiers[built.release / "demo" / "demo.words.TextGrid"]


def test_the_words_are_one_sequence_everywhere(built: Place) -> None:
    rows = [json.loads(line) for line in (built.release / "manifest.jsonl").read_text().splitlines()]
    own = [row for row in rows if row["video_id"] == "demo"]
    raw = (built.release / "demo" / "demo.raw.txt").read_text().splitlines()
    assert raw == [row["raw"] for row in own]
    transcript = json.loads((built.work / "demo" / "transcribe" / "transcript.json").read_text())
    heard = sorted(word["word"] for segment in transcript["segments"] for word in segment["words"])
    assert sorted(word["word"] for row in own for word in row["words"]) == heard


def test_a_second_run_does_nothing_and_says_so(built: Place) -> None:
    before = built.content()
    done = subprocess.run(built.command("run-all"), capture_output=True, text=True, check=True)
    assert "nothing to do" in done.stdout
    assert built.content() == before
    assert set(built.actions().values()) == {"reuse"}
    states = json.loads(built.other("status", "--work", str(built.work), "--json"))["interviews"]
    assert {state for stages in states.values() for state in stages.values()} == {"done"}


def test_an_align_setting_concerns_align_and_export_alone(built: Place) -> None:
    actions = built.actions("--set", "align.pause=0.4")
    assert {stage for (_, stage), action in actions.items() if action == "run"} == {"align", "export"}


def test_copies_and_jobs_change_no_byte(built: Place, tmp_path: Path) -> None:
    place = Place(tmp_path)
    shutil.copy(DEMO / "demo.mp4", place.videos / "demo.mp4")
    place.run("run-all", "--jobs", "1")
    own, other = place.content(), built.content()
    assert {name: data for name, data in own.items() if name.startswith("demo/")} == {
        name: data for name, data in other.items() if name.startswith("demo/")
    }


def test_a_changed_video_and_a_broken_one(built: Place, tmp_path: Path) -> None:
    place = Place(tmp_path / "here")
    shutil.copytree(built.work, place.work)
    for video in built.videos.iterdir():
        shutil.copy2(video, place.videos)
    with open(place.videos / "7.mp4", "ab") as file:
        file.write(b"\0" * 8)
    actions = place.actions()
    assert {video_id for (video_id, _), action in actions.items() if action == "run"} == {"0007"}
    (place.videos / "broken.mp4").write_bytes((DEMO / "demo.mp4").read_bytes()[:5000])
    result = place.run("run-all", code=1)
    assert result["done"] == ["0007", "demo"]
    assert list(result["failed"]) == ["broken"]
    assert result["failed"]["broken"]["stage"] == "extract"
    assert sorted(path.name for path in place.release.iterdir() if path.is_dir()) == ["0007", "demo"]


@pytest.mark.parametrize("signals", [("SIGINT",), ("SIGINT", "SIGINT"), ("SIGTERM",), ("SIGHUP",)], ids="+".join)
def test_an_interrupted_run_stops_soon_and_goes_on(tmp_path: Path, signals: tuple[str, ...]) -> None:
    place = Place(tmp_path)
    shutil.copy(DEMO / "demo.mp4", place.videos / "demo.mp4")
    process = subprocess.Popen(
        place.command("run-all", "--verbose"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: [
            signal.signal(signal.Signals[name], signal.SIG_DFL) for name in signals
        ],  # as in a terminal
    )
    deadline = time.monotonic() + 60
    while not (place.work / "demo" / "extract").is_dir():
        assert time.monotonic() < deadline, "nothing was extracted"
        time.sleep(0.05)
    workers = children(process.pid)
    for name in signals:
        process.send_signal(signal.Signals[name])
    _, errors = process.communicate(timeout=10)  # half a second on a quiet machine
    assert process.returncode == 130
    assert b"goes on from there" in errors or len(signals) > 1
    assert b"Traceback" not in errors
    assert not place.release.exists()
    while any(started(pid) for pid in workers):
        assert time.monotonic() < deadline, "a process outlives its run"
        time.sleep(0.05)
    result = place.run("run-all" if signals == ("SIGINT",) else "extract")
    assert result["reused"] >= 1 and result["done"] == ["demo"]


def children(pid: int) -> list[int]:
    """All processes that a process has started, and theirs."""
    own = [int(text) for task in Path(f"/proc/{pid}/task").glob("*/children") for text in task.read_text().split()]
    return own + [grandchild for child in own for grandchild in children(child)]


@pytest.mark.skipif(not SHARED, reason="IMIGUE_SHARED_DATA is not set: no recordings with references")
def test_accuracy_on_real_voices(tmp_path: Path) -> None:
    assert SHARED
    folder = Path(SHARED) / "interviews"
    place = Place(tmp_path)
    for video in folder.glob("*.mp4"):
        shutil.copy(video, place.videos)
    place.run("run-all", "--labels", str(folder / "labels.csv"), "--jobs", "2")
    assert json.loads(place.other("validate", str(place.release), "--json"))["faults"] == []
    found = score(folder, place.release).interviews
    apart, overlapping = (
        rates(pool(found[video_id] for video_id in ids)) for ids in (("0001", "0002", "0003", "0004"), ("0005", "0006"))
    )
    assert apart["role_accuracy"] == overlapping["role_accuracy"] == 1
    assert apart["wer"] <= 0.08 and overlapping["wer"] <= 0.16
    assert apart["der"] <= 0.07 and overlapping["der"] <= 0.08
    assert apart["der_collar_025"] <= 0.008 and overlapping["der_collar_025"] <= 0.008
    assert apart["word_speaker_accuracy"] >= 0.995 and overlapping["word_speaker_accuracy"] >= 0.97
    assert apart["word_boundary"]["median_ms"] <= 12 and apart["word_boundary"]["within_100"] >= 0.975


def test_given_labels_take_the_place_of_asr_and_diarization(tmp_path: Path) -> None:
    place = Place(tmp_path)
    shutil.copy(DEMO / "demo.mp4", place.videos / "demo.mp4")
    shutil.copy(DEMO / "demo.mp4", place.videos / "7.mp4")
    given = tmp_path / "given"
    given.mkdir()
    shutil.copy(DEMO / "demo.json", given / "demo.json")
    turns = json.loads((DEMO / "demo.json").read_text())["turns"]
    lines = (f"demo 1 {turn['speaker']} {turn['start']} {turn['end']} -\n" for turn in turns)
    (given / "demo.stm").write_text("".join(lines))
    options = [
        f"--set={stage}.{key}={value}"
        for stage in ("transcribe", "diarize")
        for key, value in (("folder", given), ("backend", "given"))
    ]
    result = place.run("run-all", *options, code=1)
    assert result["done"] == ["demo"]
    failed = result["failed"]["0007"]  # transcribe and diarize run side by side: whichever is first says it
    named = {"transcribe": "0007.json", "diarize": "0007.rttm"}[failed["stage"]]
    assert f"no file is given for it in {given}: put one of {named}" in failed["reason"]
    found = rates(score(DEMO / "demo.json", place.release).pooled)
    assert (found["wer"], found["word_speaker_accuracy"], found["der_collar_025"]) == (0.0, 1.0, 0.0)
    document = json.loads((place.release / "provenance.json").read_text())
    assert set(document["videos"]["demo"]["given"]) == {"transcribe", "diarize"}
    assert str(tmp_path) not in json.dumps(document)
    moved = given.rename(tmp_path / "elsewhere")
    options = [option.replace(str(given), str(moved)) for option in options]
    assert {action for (name, _), action in place.actions(*options).items() if name == "demo"} == {"reuse"}
    (moved / "demo.stm").write_text((moved / "demo.stm").read_text().replace(" 1 ", " 2 "))
    changed = place.actions(*options)
    assert [stage for (name, stage), action in changed.items() if name == "demo" and action == "reuse"] == [
        "extract",
        "transcribe",
    ]


def test_a_changed_lexicon_reruns_align_and_export_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    shutil.copy(DEMO / "demo.mp4", place.videos / "demo.mp4")
    given = tmp_path / "given"
    given.mkdir()
    shutil.copy(DEMO / "demo.json", given / "demo.json")
    turns = json.loads((DEMO / "demo.json").read_text())["turns"]
    (given / "demo.stm").write_text("".join(f"demo 1 {t['speaker']} {t['start']} {t['end']} -\n" for t in turns))
    lexicon = tmp_path / "lexicon.csv"
    lexicon.write_text("word,phones\nNovak,N AH V AE K\n")
    options = [
        f"--set={stage}.{key}" for stage in ("transcribe", "diarize") for key in (f"folder={given}", "backend=given")
    ]
    place.run("run-all", *options)
    options.append(f"--set=align.lexicon={lexicon}")

    def reruns() -> list[str]:
        return [stage for (_, stage), action in place.actions(*options).items() if action == "run"]

    def phones() -> list[str]:
        (path,) = place.work.rglob("alignment.json")
        aligned = json.loads(path.read_text())
        words = [word for utterance in aligned["utterances"] for word in utterance["words"]]
        return [
            phone["phone"] for word in words if word["word"].lower().strip(".") == "novak" for phone in word["phones"]
        ]

    assert reruns() == ["align", "export"]
    place.run("run-all", *options)
    assert phones() == ["N", "AH", "V", "AE", "K"]
    assert reruns() == []
    assert json.loads(place.other("validate", str(place.release), "--json"))["ok"]
    lexicon.write_text("word,phones\nnovak,N OW V AA K\n")
    assert reruns() == ["align", "export"]
    place.run("run-all", *options)
    assert phones() == ["N", "OW", "V", "AA", "K"]
    options[-1] = f"--set=align.lexicon={lexicon.rename(tmp_path / 'moved.csv')}"
    assert reruns() == []
    (tmp_path / "moved.csv").write_text("word,phones\nNovak,N OH\n")
    place.run("run-all", *options, code=2)


def test_the_benchmarks_read_a_release(built: Place, tmp_path: Path) -> None:
    copy = tmp_path / "release"
    shutil.copytree(built.release, copy)
    (copy / "labels.csv").write_text(
        "video_id,subject_gender,subject_nationality,win_or_lose\n0007,,,Win\ndemo,,,Lose\n", encoding="utf-8"
    )
    tone = json.loads(built.other("bench", "sentiment", str(copy), "--json"))
    clips = {path.relative_to(copy).as_posix() for path in copy.glob("*/interviewee/*.wav")}
    assert {f"{one['video_id']}/interviewee/{one['segment_id']}.wav" for one in tone["segments"]} == clips
    compared = built.other("bench", "affect", str(copy), "--json", "--jobs", "2", "--cache", str(tmp_path / "cache"))
    for row in json.loads(compared)["dimensions"].values():  # winner and loser are one and the same interview
        assert row["win"] == pytest.approx(row["lose"]) and row["p"] == 1.0
    assert (
        "3 of each are needed"
        in subprocess.run(
            [sys.executable, "-m", "imigue_build", "bench", "outcome", str(copy)],
            capture_output=True,
            text=True,
            check=False,
        ).stderr
    )
