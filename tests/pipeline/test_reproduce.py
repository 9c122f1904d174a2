"""What is found out before a release is built again, and that nothing is taken for a reproduction that is none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from imigue_build.apps.diff import Origin, diff, differences
from imigue_build.core.errors import BackendError, ImigueError, ReleaseError, UsageError
from imigue_build.pipeline.reproduce import Options, Plan, check_out, claim, make_plan, rebuild, work_of
from tests.benchmarks.finished import Finished
from tests.cli.test_errors import call
from tests.release.tiny_release import TinyRelease


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("finished")
    Finished(root, 3)
    return root


class Case:
    """A release of three interviews, its videos, and a folder to build in."""

    def __init__(self, template: Path, root: Path) -> None:
        for name in ("videos", "release"):
            shutil.copytree(template / name, root / name)
        self.work = template / "work"
        self.videos, self.release, self.place = root / "videos", root / "release", root / "place"
        self.ids = ("00001", "00002", "00003")

    def asked(self, **more: Any) -> Options:
        return Options(self.release, self.videos, **more)

    def make_plan(self, **more: Any) -> Plan:
        claim(self.place, self.asked(**more))
        return make_plan(self.asked(**more))

    def unlike(self, **more: Any) -> list[Origin]:
        """The differences between what made the release and what is here."""
        plan = self.make_plan(**more)
        return differences(plan.release.provenance, plan.here, plan.chosen)

    def edit(self, change: Callable[[Any], object]) -> None:
        """Changes the provenance, and makes the sums true again."""
        release = TinyRelease(self.release)
        document = json.loads(release.read("provenance.json"))
        change(document)
        release.write("provenance.json", json.dumps(document))
        release.resum()


@pytest.fixture
def case(template: Path, tmp_path: Path) -> Case:
    return Case(template, tmp_path)


def test_all_of_it_is_as_it_was(case: Case) -> None:
    found = case.make_plan()
    assert case.unlike() == [] and found.left_out == {}
    assert found.chosen == case.ids and found.whole
    (config, _), *others = found.groups
    assert others == [] and config.transcribe.backend == "faster-whisper"


def test_what_is_built_again_is_identical(case: Case) -> None:
    """The artifacts are put where the run looks for them: what it would compute takes minutes (`tests/e2e`)."""
    plan = case.make_plan()
    shutil.copytree(case.work, work_of(case.place))
    out = case.place / "out"
    summary = rebuild(plan, case.asked(), case.place, out, 1, lambda event: None)
    assert summary.failed == {} and tuple(summary.done) == case.ids
    assert diff(case.release, out).same


def test_a_changed_setting_is_the_one_that_is_named(case: Case) -> None:
    case.edit(lambda document: document["config"]["align"].update(pause=0.25))
    assert case.make_plan().groups[0][0].align.pause == 0.25
    (difference,) = case.unlike(settings=("align.pause=0.5",))
    assert (difference.name, difference.before, difference.after) == ("align.pause", 0.25, 0.5)


def test_other_versions_of_tools_models_and_the_program(case: Case) -> None:
    def older(document: Any) -> None:
        document["imigue_build"] = "0.0.1"
        document["tools"]["pocketsphinx"] = "5.0.0"
        document["models"][0]["sha256"] = "0" * 64

    case.edit(older)
    found = case.unlike()
    assert [origin.kind for origin in found] == ["version", "tool", "model"]
    assert found[1].name == "pocketsphinx" and found[1].before == "5.0.0"
    assert all(origin.interviews is None for origin in found)


def test_interviews_of_other_settings_are_built_with_theirs(case: Case) -> None:
    def mixed(document: Any) -> None:
        own = document["config"]["export"] | {"pause": 1.5}
        document["videos"]["00002"]["config"] = {"export": own}

    case.edit(mixed)
    found = case.make_plan()
    assert [(config.export.pause, ids) for config, ids in found.groups] == [
        (0.6, ("00001", "00003")),
        (1.5, ("00002",)),
    ]
    assert case.unlike() == [] and found.whole


def test_videos_that_are_missing_or_others(case: Case) -> None:
    (case.videos / "00001.mp4").unlink()
    (case.videos / "00002.mp4").write_bytes(b"another")
    found = case.make_plan()
    assert found.chosen == ("00003",) and not found.whole
    assert "no video of this id" in found.left_out["00001"]
    assert "00002.mp4 is another video" in found.left_out["00002"]


def test_settings_that_were_lost(case: Case) -> None:
    case.edit(lambda document: document["videos"]["00002"].update(config={"transcribe": None}))
    assert case.make_plan().left_out == {"00002": "its settings of transcribe are not in the release"}


def test_only(case: Case) -> None:
    assert case.make_plan(only=("00002",)).chosen == ("00002",)
    with pytest.raises(UsageError, match="--only names 0009, which the release does not hold"):
        case.make_plan(only=("0009",))


class TestNamed:
    """What a release does not hold is to be named, by the option that the message gives."""

    def test_corrections(self, case: Case, tmp_path: Path) -> None:
        fixes = {"roles": [{"text": "swapped", "applied": True}]}
        case.edit(lambda document: document["videos"]["00001"].update(overrides=fixes))
        with pytest.raises(UsageError, match=r"took part in 1 of the interviews \(00001\).*--overrides"):
            case.make_plan()
        assert case.make_plan(only=("00002",)).left_out == {}
        (tmp_path / "corrections").mkdir()
        assert case.make_plan(overrides=tmp_path / "corrections").chosen == case.ids

    def test_players_names(self, case: Case, tmp_path: Path) -> None:
        rule = {"rule": "named-in-the-labels", "longest": "SPEAKER_00"}
        case.edit(lambda document: document["videos"]["00001"].update(roles=rule))
        with pytest.raises(UsageError, match=r"player's name .* in 1 of the interviews \(00001\).*--labels"):
            case.make_plan()
        assert case.make_plan(only=("00002",)).left_out == {}
        assert case.make_plan(labels=tmp_path / "labels.csv").chosen == case.ids
        assert case.unlike(labels=tmp_path / "labels.csv") == []

    def test_given_files(self, case: Case, tmp_path: Path) -> None:
        def given(document: Any) -> None:
            document["config"]["diarize"] = {"backend": "given"}
            for entry in document["videos"].values():
                entry["given"] = {"diarize": "c" * 64}

        case.edit(given)
        with pytest.raises(UsageError, match=r"the given turns \(diarize.folder\).*--set diarize.folder=PATH"):
            case.make_plan()
        (tmp_path / "turns").mkdir()
        for video_id in case.ids:
            (tmp_path / "turns" / f"{video_id}.rttm").write_text("")
        found = case.unlike(settings=(f"diarize.folder={tmp_path / 'turns'}",))
        assert "given file for diarize" in [origin.name for origin in found]

    def test_local_models_and_a_lexicon(self, case: Case) -> None:
        def local(document: Any) -> None:
            document["config"]["transcribe"] = {"backend": "faster-whisper", "model": "(local)"}
            document["videos"]["00001"]["given"] = {"align": "d" * 64}

        case.edit(local)
        with pytest.raises(UsageError, match=r"--set transcribe.model=PATH --set align.lexicon=PATH"):
            case.make_plan()


class TestNothingThatTheReleaseNamesIsUsed:
    """What a release names as a program, a file or a folder is data: the user's own or the default takes its place."""

    @pytest.fixture
    def trap(self, tmp_path: Path) -> Path:
        """A program that leaves a file when it is run."""
        program = tmp_path / "trap"
        program.write_text(f"#!/bin/sh\n: > '{tmp_path}/sprung'\n")
        program.chmod(0o755)
        return program

    def test_a_launcher(self, case: Case, trap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        section = {"backend": "mfa", "launcher": ["sh", "-c", str(trap)], "jobs": 10**6}
        case.edit(lambda document: document["config"].update(align=section))
        monkeypatch.setenv("PATH", "")
        with pytest.raises(BackendError, match="the Montreal Forced Aligner"):
            case.make_plan()
        assert not trap.with_name("sprung").exists()
        with suppress(BackendError):  # it is no MFA
            case.make_plan(settings=(f"align.launcher={trap}",))
        assert trap.with_name("sprung").exists()

    def test_a_launcher_of_one_interview(self, case: Case, trap: Path) -> None:
        section = {"backend": "mfa", "launcher": str(trap)}
        case.edit(lambda document: document["videos"]["00002"].update(config={"align": section}))
        with pytest.raises(BackendError):
            case.make_plan()
        assert not trap.with_name("sprung").exists()
        assert case.make_plan(only=("00001",)).of_machine == ()

    def test_an_ffmpeg_a_lexicon_a_device_and_a_path(self, case: Case, trap: Path, tmp_path: Path) -> None:
        (tmp_path / "lexicon.csv").write_text("word,phones\nhello,HH\n")

        def hostile(document: Any) -> None:
            document["config"]["extract"]["ffmpeg"] = str(trap)
            document["config"]["align"]["lexicon"] = str(tmp_path / "lexicon.csv")
            document["config"]["transcribe"] |= {"device": "cuda", "initial_prompt": "/etc/passwd"}

        case.edit(hostile)
        plan = case.make_plan()
        assert set(plan.of_machine) == {
            "extract.ffmpeg",
            "align.lexicon",
            "transcribe.device",
            "transcribe.initial_prompt",
        }
        config = plan.groups[0][0]
        assert (config.extract.ffmpeg, config.align.lexicon) == (None, None)
        assert config.transcribe.model_dump()["device"] == "cpu"
        assert not trap.with_name("sprung").exists()
        mine = f"align.lexicon={tmp_path / 'lexicon.csv'}"
        assert case.make_plan(settings=(mine,)).groups[0][0].align.lexicon == str(tmp_path / "lexicon.csv")

    @pytest.mark.parametrize("name", ["/home/me/model", "./model", "~/model"])
    def test_a_model_that_is_a_path(self, case: Case, name: str) -> None:
        case.edit(lambda document: document["config"]["transcribe"].update(model=name))
        with pytest.raises(UsageError, match=r"a local model \(transcribe.model\).*--set transcribe.model=PATH"):
            case.make_plan()

    def test_a_model_of_whose_name_there_is_a_folder(
        self, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "base").mkdir()
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UsageError, match="there is a file or folder of that name in the current folder"):
            case.make_plan()

    @pytest.mark.parametrize("value", ["/etc", {"x": 1}, None])
    def test_a_section_that_there_is_not(self, case: Case, value: Any) -> None:
        case.edit(lambda document: document["config"].update(overrides=value, name={"x": 1}))
        if value is None:
            assert "settings of overrides are not in the release" in case.make_plan().left_out["00001"]
        else:
            with pytest.raises(ImigueError, match=r"Expected `object \| null`|overrides is no setting"):
                case.make_plan()

    def test_it_is_named_before_a_tool_is_looked_for_and_strict_refuses_it(self, case: Case, tmp_path: Path) -> None:
        section = {"backend": "mfa", "launcher": ["no such program"]}
        case.edit(lambda document: document["config"].update(align=section))
        places = [str(case.release), "--videos", str(case.videos), "--work", str(tmp_path / "w")]
        code, out, err = call("reproduce", *places, "--strict")
        assert code == 1
        assert "the release holds settings of a machine: align.launcher" in err
        code, out, err = call("reproduce", *places)
        assert "of a machine are not used: align.launcher; your own are given with --set" in " ".join(out.split())


class TestPlaces:
    """A folder that holds something else is neither taken for a reproduction's nor written to."""

    def test_the_same_reproduction_goes_on(self, case: Case) -> None:
        claim(case.place, case.asked())
        (case.place / "more").mkdir()
        claim(case.place, case.asked())

    def test_another_release_or_anything_else(self, case: Case, tmp_path: Path) -> None:
        claim(case.place, case.asked())
        case.edit(lambda document: document["config"]["align"].update(pause=0.25))
        with pytest.raises(UsageError, match="belongs to the reproduction of another release"):
            claim(case.place, case.asked())
        other = tmp_path / "other"
        other.mkdir()
        (other / "mine.txt").write_text("mine")
        with pytest.raises(UsageError, match="is not empty"):
            claim(other, case.asked())
        with pytest.raises(UsageError, match="is not a folder"):
            claim(other / "mine.txt", case.asked())
        assert [path.name for path in other.iterdir()] == ["mine.txt"]

    def test_the_work_that_the_release_was_built_in(self, case: Case, tmp_path: Path) -> None:
        shutil.copytree(case.work, tmp_path / "work")
        with pytest.raises(UsageError, match="would be reused, not built"):
            claim(tmp_path / "work", case.asked())

    def test_within_each_other(self, case: Case) -> None:
        for place in (case.release, case.release / "x", case.videos / "x", case.videos.parent):
            with pytest.raises(UsageError, match="lie within each other"):
                claim(place, case.asked())
            if place != case.videos / "x":
                with pytest.raises(UsageError, match="lie within each other"):
                    check_out(place, case.release)

    def test_no_release(self, case: Case, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="does not exist"):
            claim(case.place, Options(tmp_path / "nowhere", case.videos))
        (case.release / "labels.csv").write_text("video_id\n")
        with pytest.raises(ReleaseError, match=r"labels\.csv: it is not the file that SHA256SUMS lists"):
            claim(case.place, case.asked())
        (case.release / "provenance.json").write_text("{}")
        with pytest.raises(ReleaseError, match=r"provenance\.json: Object missing"):
            claim(case.place, case.asked())
        assert not case.place.exists()
