"""What a wrong command prints, and its exit code: never a traceback, always the thing and the remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def imigue(*words: str) -> tuple[int, str]:
    """Exit code and all output of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build", *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "1.mp4").write_bytes(b"not a video")
    return folder


def run_all(videos: Path, *words: str, work: str = "work", release: str = "release") -> tuple[int, str]:
    root = videos.parent
    places = ["--work", str(root / work), "--release", str(root / release), "--config", "embedded"]
    return imigue("run-all", str(videos), *places, *words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "align.paus=1"], "--set align.paus is no setting of pocketsphinx: did you mean align.pause?"),
        (["--set", "align.pause=much"], "it takes a number"),
        (["--config", "nowhere.yaml"], "there is no config 'nowhere.yaml'"),
        (["--only", "2"], "--only names 0002, which VIDEOS does not hold: it holds 0001"),
        (["--labels", "nowhere.csv"], "nowhere.csv"),
        (["--jobs", "0"], "--jobs"),
        (["--froce"], "--force"),
    ],
)
def test_usage_errors(videos: Path, words: list[str], message: str) -> None:
    code, output = run_all(videos, *words)
    assert code == 2
    assert message in output
    assert not (videos.parent / "work").exists()


def test_no_such_folder(tmp_path: Path) -> None:
    code, output = run_all(tmp_path / "nowhere")
    assert code == 2
    assert "nowhere" in output


def test_a_folder_without_media(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "notes.txt").write_text("x")
    code, output = run_all(tmp_path / "videos")
    assert code == 2
    assert "videos" in output


@pytest.mark.parametrize("work", ["videos/work", "videos"])
def test_work_inside_videos(videos: Path, work: str) -> None:
    code, output = run_all(videos, work=work)
    assert code == 2
    assert "inside VIDEOS" in output


def test_release_inside_videos(videos: Path) -> None:
    code, output = run_all(videos, release="videos/release")
    assert code == 2
    assert "release" in output


def test_a_release_that_is_not_ours_is_not_touched(videos: Path) -> None:
    release = videos.parent / "release"
    release.mkdir()
    (release / "thesis.doc").write_text("years of work")
    code, output = run_all(videos)
    assert code in (1, 2)
    assert "release" in output
    assert [path.name for path in release.iterdir()] == ["thesis.doc"]


def test_a_foreign_work_folder(videos: Path) -> None:
    work = videos.parent / "work"
    work.mkdir()
    (work / "thesis.doc").write_text("years of work")
    code, output = run_all(videos)
    assert code == 2
    assert "did not write" in output


def test_a_missing_release_option(videos: Path) -> None:
    code, output = imigue("run-all", str(videos), "--work", str(videos.parent / "work"))
    assert code == 2
    assert "--release" in output


def test_a_broken_video_fails_by_name(videos: Path) -> None:
    code, output = run_all(videos)
    assert code == 1
    assert "failed: 0001 at extract" in output
    code, output = imigue("status", "--work", str(videos.parent / "work"), "--json")
    assert code == 0
    assert '"extract": "failed", "transcribe": "missing"' in output


def test_a_stage_names_the_earlier_artifact_that_is_missing(videos: Path) -> None:
    work = str(videos.parent / "work")
    code, output = imigue("align", str(videos), "--work", work, "--config", "embedded")
    assert code == 1
    assert "its extract artifact is missing: run `" in output
    assert f"imigue_build extract {videos} --work {work} --config embedded` first" in output


def test_status_of_no_workspace(tmp_path: Path) -> None:
    code, output = imigue("status", "--work", str(tmp_path))
    assert code == 2
    assert "no work folder" in output


def test_validate_of_no_release(tmp_path: Path) -> None:
    code, output = imigue("validate", str(tmp_path / "nowhere"))
    assert code == 2
    assert "nowhere" in output


def test_help_loads_nothing_heavy() -> None:
    script = "import sys; sys.argv = ['imigue-build', '--help']\n"
    script += "from imigue_build.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    script += "heavy = {'numpy', 'scipy', 'pocketsphinx', 'pydantic', 'praatio', 'pydub', 'torch'} & set(sys.modules)\n"
    script += "print('heavy:', sorted(heavy))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "run-all" in done.stdout
    assert "heavy: []" in done.stdout


def test_an_unwritable_work_folder_is_named(videos: Path) -> None:
    blocker = videos.parent / "file"
    blocker.write_text("x")
    code, output = run_all(videos, work="file/work")
    assert code in (1, 2)
    assert "file/work" in output


def test_a_plan_names_the_videos_that_are_refused(videos: Path) -> None:
    (videos / "0001.mkv").write_bytes(b"another of that name")
    code, output = imigue("plan", str(videos), "--work", str(videos.parent / "work"), "--config", "embedded")
    assert code == 0
    assert "failed: " in output and "0001" in output


def test_a_release_of_too_long_a_name_is_refused_before_the_work(videos: Path) -> None:
    code, output = run_all(videos, release="r" * 250)
    assert code == 2
    assert "a name of 250 characters is too long" in output
    assert not (videos.parent / "work").exists()
