"""A wheel of somebody else's, built and installed, adds an ASR and an export format: every command knows them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import imigue_build
from imigue_build.pipeline.demo import DEMO
from tests.media import encode

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parent / "outside_wheel"
SECONDS = 6


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed in."""
    root = tmp_path_factory.mktemp("wheel")
    copytree(SOURCE, root / "source")  # a build leaves nothing in the checkout
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root / "dist")]
    subprocess.run(build, cwd=root / "source", check=True, capture_output=True, timeout=120)
    (wheel,) = (root / "dist").glob("*.whl")
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check", "--target", str(root / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True, timeout=120)
    return root / "site"


class Place:
    """A machine with the wheel, and videos on it."""

    def __init__(self, root: Path, site: Path) -> None:
        self.root, self.site = root, site
        self.release = root / "release"
        (root / "videos").mkdir()
        (root / "turns").mkdir()
        encode("-t", str(SECONDS), "-i", DEMO / "demo.mp4", "-c", "copy", root / "videos" / "7.mp4")
        turns = (("A", 0.0, 4.0), ("B", 4.0, 1.5))
        lines = [f"SPEAKER 7 1 {start} {length} <NA> <NA> {name} <NA> <NA>\n" for name, start, length in turns]
        (root / "turns" / "7.rttm").write_text("".join(lines))
        (root / "recipe.yaml").write_text(
            "name: outside\ntranscribe:\n  backend: loudness\n"
            f"diarize:\n  backend: given\n  folder: {root / 'turns'}\nalign:\n  backend: pocketsphinx\n  passes: 1\n"
        )

    def call(self, *words: object, code: int = 0, outside: bool = True) -> Any:
        """What a command prints as JSON; without the wheel where `outside` is false."""
        package = str(Path(imigue_build.__file__).parents[1])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([package, *([str(self.site)] if outside else [])]),
            "OUTSIDE_SPEECH": str(self.root / "models"),
            "HF_HUB_OFFLINE": "",  # a test before this one may have set it
        }
        command = [sys.executable, "-m", "imigue_build", *map(str, words), "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        self.said = done.stderr
        return json.loads(done.stdout) if done.stdout else {}

    def run_all(self, code: int = 0) -> Any:
        places = ["--work", self.root / "work", "--release", self.release, "--config", self.root / "recipe.yaml"]
        return self.call("run-all", self.root / "videos", *places, code=code)


@pytest.fixture(scope="module")
def place(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """With the model fetched and the release built, in the order in which a user does it."""
    made = Place(tmp_path_factory.mktemp("place"), site)
    checks = made.call("doctor", "--config", made.root / "recipe.yaml", code=1)["checks"]
    lacks = {check["name"]: check for check in checks if check["needed"] and not check["ok"]}
    assert lacks.keys() == {"transcribe backend", "word-list model"}
    assert "fetch-models" in lacks["word-list model"]["remedy"]
    (model,) = made.call("fetch-models", "--config", made.root / "recipe.yaml")["models"]
    assert (model["kind"], model["name"], model["state"]) == ("word-list", "numbers", "fetched")
    assert made.run_all()["failed"] == {}
    assert "note: loudness knows no words but those of its list" in made.said
    return made


def test_doctor_knows_it(place: Place) -> None:
    checks = {check["name"]: check for check in place.call("doctor", "--config", place.root / "recipe.yaml")["checks"]}
    assert checks["transcribe backend"]["detail"] == "outside-speech 1.0"
    assert checks["asr backend loudness"]["detail"] == "from outside-speech 1.0"
    assert checks["ears"]["needed"] and checks["word-list model"]["ok"]


def test_the_release_holds_its_words_and_names_it(place: Place) -> None:
    assert place.call("validate", place.release) == {"ok": True, "faults": []}
    rows = [json.loads(line) for line in (place.release / "manifest.jsonl").read_text().splitlines()]
    words = [word["word"] for row in rows for word in row["words"]]
    assert words and set(words) <= set((place.root / "models" / "numbers.txt").read_text().split())
    provenance = json.loads((place.release / "provenance.json").read_text())
    assert provenance["made_by"]["transcribe"] == {"tools": ["outside-speech"], "models": ["word-list numbers"]}
    card = (place.release / "README.md").read_text()
    assert "made by loudness, which makes its words up." in card and "Words, by loudness: made up." in card
    what = "words with times and confidences, by speech recognition or from given files"
    assert f"| transcribe | {what} | loudness (numbers) |" in card


def test_diff_blames_its_upgrade_for_words_where_it_is_not_installed(place: Place) -> None:
    """The release says which stage used the tool: nobody here knows the backend."""
    other = place.root / "other"
    copytree(place.release, other)
    edit(other, "provenance.json", '"outside-speech": "1.0"', '"outside-speech": "1.1"')
    edit(other, "manifest.jsonl", '"word":"one"', '"word":"won"')
    found = place.call("diff", place.release, other, code=1, outside=False)
    assert found["interviews"]["0007"]["because"]["words"] == ["outside-speech"]
    (origin,) = found["tools"]
    assert origin["stages"] == ["transcribe"]


def test_convert_writes_its_format(place: Place) -> None:
    out = place.root / "lines"
    assert place.call("convert", place.release, "--to", "lines", "--out", out)["interviews"] == 1
    assert (out / "lines.txt").read_text().startswith("0007 interview")
    place.call("convert", place.release, "--to", "lines", "--out", out, code=2, outside=False)
    assert "there is no format 'lines': the known ones are hf, lhotse, " in place.said


def test_without_the_wheel_its_name_is_an_error(place: Place) -> None:
    place.call("doctor", "--config", place.root / "recipe.yaml", code=2, outside=False)
    assert "it takes one of 'pocketsphinx', " in place.said


@pytest.mark.parametrize("name", ["loudness", "lines"])
def test_a_wheel_that_does_not_load_stops_nothing(place: Place, tmp_path: Path, name: str) -> None:
    broken = tmp_path / "site"
    copytree(place.site, broken)
    module = {"loudness": "spec", "lines": "lines"}[name]
    (broken / "outside_speech" / f"{module}.py").write_text("import a_package_that_is_not_here\n")
    hurt = Place.__new__(Place)
    hurt.root, hurt.site, hurt.release = place.root, broken, place.release
    if name == "loudness":
        checks = hurt.call("doctor", "--config", "embedded")["checks"]
        (check,) = [check for check in checks if check["name"] == "outside backend"]
        assert not check["ok"] and "a_package_that_is_not_here" in check["detail"]
        assert "warning: the backend loudness of outside-speech 1.0 cannot be used: " in hurt.said
        hurt.run_all(code=2)
        assert "it takes one of " in hurt.said and "a_package_that_is_not_here" in hurt.said
    else:
        warnings = hurt.call("convert", place.release, "--to", "ctm", "--out", tmp_path / "ctm")["warnings"]
        assert any(text.startswith("the format lines of outside-speech 1.0 is not used: ") for text in warnings)


def edit(release: Path, name: str, old: str, new: str) -> None:
    """Changes a file of a release, and its sum."""
    text = (release / name).read_text()
    assert old in text
    sums = (release / "SHA256SUMS").read_text()
    before, after = (hashlib.sha256(content.encode()).hexdigest() for content in (text, text.replace(old, new)))
    (release / name).unlink()
    (release / name).write_text(text.replace(old, new))
    (release / "SHA256SUMS").unlink()
    (release / "SHA256SUMS").write_text(sums.replace(before, after))
