"""diff and reproduce as a user meets them: exit codes, JSON, files written, and what a wrong path gets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from imigue_build.pipeline.reproduce import Options, claim, work_of
from tests.apps.diff.test_diff import all_of, both, moved, setting
from tests.benchmarks.finished import Finished
from tests.cli.test_bad_input import imigue
from tests.release.tiny_release import TinyRelease


@pytest.fixture
def releases(tmp_path: Path) -> tuple[str, str]:
    both(tmp_path, all_of(setting("align", pause=0.4), moved(0, 1, 0.02)), setting("align", pause=0.5))
    return str(tmp_path / "before"), str(tmp_path / "after")


def test_json_and_exit_codes(releases: tuple[str, str]) -> None:
    code, output = imigue("diff", *releases, "--json")
    found = json.loads(output)
    assert code == 1 and found["same"] is False
    assert [setting["name"] for setting in found["settings"]] == ["align.pause"]
    assert found["tools"] == found["models"] == found["inputs"] == [] and found["version"] is None
    assert found["interviews"]["0001"]["because"]["times"] == ["align.pause"]
    code, output = imigue("diff", releases[0], releases[0], "--json")
    assert code == 0 and json.loads(output)["same"] is True


def test_table_and_page(releases: tuple[str, str], tmp_path: Path) -> None:
    code, output = imigue("diff", *releases, "--html", str(tmp_path / "page.html"), "--verify")
    assert code == 1
    assert "setting align.pause" in output and "interviews: 1 identical, 1 different" in output
    assert "align.pause" in (tmp_path / "page.html").read_text()
    code, output = imigue("diff", releases[0], releases[0])
    assert code == 0 and "the same: " in output


@pytest.mark.parametrize(
    ("page", "message"), [("", "is a folder"), ("nowhere/page.html", "cannot write"), ("before/page.html", "lies in")]
)
def test_a_page_that_cannot_be_written(releases: tuple[str, str], tmp_path: Path, page: str, message: str) -> None:
    code, output = imigue("diff", *releases, "--html", str(tmp_path / page))
    assert code in (1, 2) and message in output
    assert len(list((tmp_path / "before").iterdir())) == 7


def test_no_release(releases: tuple[str, str], tmp_path: Path) -> None:
    code, output = imigue("diff", str(tmp_path), releases[0])
    assert code == 2 and "is no release: it holds no manifest.jsonl" in output
    code, output = imigue("reproduce", str(tmp_path), "--videos", str(tmp_path))
    assert code == 2 and "is no release" in output


def test_reproduce_refuses_to_build_over_the_release(releases: tuple[str, str], tmp_path: Path) -> None:
    code, output = imigue("reproduce", releases[0], "--videos", str(tmp_path / "v"), "--out", releases[0])
    assert code == 2 and "lie within each other" in output


def test_reproduce_without_the_videos(releases: tuple[str, str], tmp_path: Path) -> None:
    code, output = imigue("reproduce", releases[0], "--videos", str(tmp_path / "nowhere"))
    assert code == 2 and "no videos at" in output


class TestReproduce:
    """The command over a release whose artifacts are there already, so that nothing is computed."""

    @pytest.fixture
    def finished(self, tmp_path: Path) -> Finished:
        return Finished(tmp_path, 2)

    def run(self, finished: Finished, *words: str) -> tuple[int, str]:
        place = finished.release.with_name("place")
        claim(place, Options(finished.release, finished.videos))
        if not work_of(place).exists():
            shutil.copytree(finished.work, work_of(place))
        return imigue(
            "reproduce", str(finished.release), "--videos", str(finished.videos), "--work", str(place), *words
        )

    def test_identical(self, finished: Finished) -> None:
        for _ in range(2):
            code, output = self.run(finished)
            assert code == 0
            assert "settings, tools, models and videos are those of the release" in output
            assert "identical: " in output and "not identical" not in output

    def test_an_interview_whose_video_is_gone(self, finished: Finished) -> None:
        (finished.videos / f"{finished.ids[0]}.mp4").unlink()
        code, output = self.run(finished, "--json")
        found = json.loads(output.splitlines()[0])  # standard output comes first, then the warnings
        assert code == 1 and found["identical"] is False
        assert list(found["left_out"]) == [finished.ids[0]]
        assert found["files"] == found["all_files"] > 0  # the other one is identical
        assert found["diff"]["same"] is True

    def test_strict_builds_nothing_where_a_version_is_another(self, finished: Finished) -> None:
        release = TinyRelease(finished.release)
        document = json.loads(release.read("provenance.json"))
        document["tools"]["pocketsphinx"] = "4.0"
        release.write("provenance.json", json.dumps(document))
        release.resum()
        code, output = self.run(finished, "--strict")
        assert code == 1
        assert "tool pocketsphinx: 4.0 in the release" in output
        assert "this machine is not what made the release: pocketsphinx" in output
        assert not finished.release.with_name("place").joinpath("release").exists()
