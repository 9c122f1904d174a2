"""The commands of the README and the pages, given as they are written, in a folder with the files that they name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imigue_build.pipeline.demo import DEMO
from tests.docs.commands import Written, written
from tests.media import encode

pytestmark = pytest.mark.e2e

ELSEWHERE = {
    "paper": "it needs a GPU, or tests/real_models",
    "ray": "tests/ray",
    "fetch-models": "tests/real_models/test_fetch.py",
    "demo": "tests/e2e/test_demo.py",
    "bench": "it needs a dataset, or a release of many interviews: tests/apps/bench and tests/e2e",
    "transcribe.backend=given": "tests/e2e/test_named_roles.py",
}
"""Commands with one of these words are tested in another place."""
LABELS = "video_id,subject_gender,subject_nationality,win_or_lose\n0440,F,Spain,Win\n"
IDS = ("0440", "0441", "0442")
SUBJECTS = "video_id,subject_id\n" + "".join(f"{video_id},{video_id}\n" for video_id in IDS)
GESTURES = (
    "video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,subject_gender,subject_nationality,"
    "win_or_lose\n440,1,1.0,25,2.0,50,20,12,F,Spain,Win\n"
)


def commands() -> list[Written]:
    """Those to run here, each once, those that make the release first."""
    found = {command.words: command for command in written() if not set(command.words) & ELSEWHERE.keys()}
    return sorted(found.values(), key=lambda command: ("--release" not in command.words, command.words[0] == "run-all"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the commands name."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "VIDEOS").mkdir()
    for video_id in IDS:
        encode("-t", "12", "-i", DEMO / "demo.mp4", "-c", "copy", folder / "VIDEOS" / f"{video_id}.mp4")
    for name, text in (("labels.csv", LABELS), ("labels_long.csv", SUBJECTS), ("LABELS", GESTURES)):
        (folder / name).write_text(text)
    (folder / "REFERENCES").mkdir()
    return folder


def run(desk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "imigue_build", *words]
    return subprocess.run(command, cwd=desk, capture_output=True, text=True, check=False, timeout=600)


def prepared(desk: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a command; a correction is of a word that is there."""
    if "--word" in words:
        row = json.loads((desk / "RELEASE" / "manifest.jsonl").read_text("utf-8").splitlines()[0])
        word = row["words"][0]
        at = words.index("--word")
        words = (*words[: at + 1], f"{word['start']}:{word['word']}:Djokovic", *words[at + 2 :])
    for name in ("OLD_RELEASE", "RELEASE_A", "RELEASE_B"):
        if name in words and not (desk / name).exists():
            shutil.copytree(desk / "RELEASE", desk / name)
    if "REFERENCES" in words:
        shutil.copy(desk / "RELEASE" / "0440" / "0440.rttm", desk / "REFERENCES" / "0440.rttm")
    return tuple("1/1" if "$SLURM" in word else word for word in words)


def test_every_command_does_what_the_page_says(desk: Path) -> None:
    ran = []
    for command in commands():
        done = run(desk, *prepared(desk, command.words))
        differ = command.words[0] == "diff" and done.returncode == 1  # releases that differ, as the page says
        assert done.returncode == 0 or differ, f"{command}: {done.stdout}{done.stderr}"
        ran.append(command.words[0])
    assert set(ran) >= {"run-all", "review", "report", "override", "diff", "convert", "gestures", "reproduce", "score"}
