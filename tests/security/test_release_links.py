"""Symbolic links in a release that came from elsewhere: no command opens what they lead to, whatever it reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imigue_build.apps.bench import corpus
from imigue_build.cli.main import app
from imigue_build.core.errors import ReleaseError
from tests.release.tiny_release import Content, TinyRelease, build

PRIVATE = "0123456789 what is nobody's business"
WAV, CLIP, RTTM = "0001/0001.wav", "0001/interviewee/segment_001.wav", "0001/0001.rttm"
GRID, WORDS = "0001/0001.TextGrid", "0001/0001.words.TextGrid"
TABLES = ("manifest.jsonl", "provenance.json", "labels.csv")


@pytest.fixture
def release(tmp_path: Path) -> TinyRelease:
    return build(tmp_path / "release", Content())


def linked(release: TinyRelease, path: str, inside: bool = False) -> Path:
    """Moves a file away, out of the release or within it, and puts a link in its place; the content is as it was."""
    place = release.root / path
    target = release.root / "0002" / "other" if inside else release.root.parent / "outside"
    shutil.move(place, target)
    place.symlink_to(target)
    return target


def call(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join((done.stdout + done.stderr).split())


def command(name: str, release: Path, out: Path) -> list[str | Path]:
    """A command that reads a release."""
    if name == "reproduce":
        (out.parent / "videos").mkdir(exist_ok=True)
        return ["reproduce", release, "--videos", out.parent / "videos", "--work", out]
    if name == "diff":
        shutil.copytree(release, out, symlinks=True)
        return ["diff", release, out]
    if name == "score":
        out.mkdir()
        (out / "0001.rttm").write_text("SPEAKER 0001 1 0.300 1.200 <NA> <NA> A <NA> <NA>\n")
        return ["score", out, release]
    if name == "gestures":
        (out.parent / "labels").mkdir()
        (out.parent / "labels" / "0001.txt").write_text("3.0\t4.5\t8.0\n")
        return ["gestures", release, "--labels", out.parent / "labels", "--out", out]
    if name.startswith("convert "):
        return ["convert", release, "--to", name.removeprefix("convert "), "--out", out]
    return [name, release] if name in ("validate", "review") else [name, release, "--out", out]


@pytest.mark.parametrize("inside", [False, True], ids=["out of it", "within it"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("report", WAV),
        ("report", RTTM),
        ("convert kaldi", WAV),
        ("convert nemo", WAV),
        ("convert lhotse", WAV),
        ("convert hf", CLIP),
        ("convert eaf", GRID),
        ("diff", GRID),
        ("validate", WAV),
        *(("validate", table) for table in TABLES),
        *(("review", table) for table in TABLES[:2]),
        *(("report", table) for table in TABLES),
        *(("score", table) for table in TABLES[:2]),
        *(("gestures", table) for table in TABLES[:2]),
        *(("reproduce", table) for table in TABLES),
        *(("diff", table) for table in TABLES),
    ],
)
def test_a_link_is_refused_by_its_name(
    release: TinyRelease, tmp_path: Path, name: str, path: str, inside: bool
) -> None:
    linked(release, path, inside)
    code, said = call(*command(name, release.root, tmp_path / "out"))
    assert code != 0
    assert "symbolic link" in said and Path(path).name in said


@pytest.mark.parametrize("name", ["report", "convert kaldi", "convert hf", "score", "review", "gestures"])
def test_nothing_of_what_a_link_leads_to_comes_out(release: TinyRelease, tmp_path: Path, name: str) -> None:
    target = linked(release, "0001/0001.wav")
    target.write_text(PRIVATE)
    for path in (CLIP, RTTM, GRID, WORDS, "labels.csv"):
        (release.root / path).unlink()
        (release.root / path).symlink_to(target)
    code, said = call(*command(name, release.root, tmp_path / "out"))
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()] if code != 2 else []
    assert PRIVATE not in said
    assert not any(PRIVATE.encode() in path.read_bytes() for path in written)


def test_a_folder_that_is_a_link(release: TinyRelease, tmp_path: Path) -> None:
    shutil.move(release.root / "0001", tmp_path / "elsewhere")
    (release.root / "0001").symlink_to(tmp_path / "elsewhere")
    for name in ("report", "convert kaldi"):
        code, said = call(*command(name, release.root, tmp_path / name))
        assert code == 1 and "symbolic link" in said, said
    with pytest.raises(ReleaseError, match="symbolic link"):
        corpus.read(release.root)


@pytest.mark.parametrize("clip", ["/etc/passwd", "../outside.wav", "0001/interviewee/../../../outside.wav"])
def test_a_clip_elsewhere(release: TinyRelease, tmp_path: Path, clip: str) -> None:
    rows = [json.loads(line) for line in release.read("manifest.jsonl").splitlines()]
    rows[1]["clip"] = clip
    release.write("manifest.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    release.resum()
    for name in ("report", "convert kaldi", "review", "validate"):
        code, said = call(*command(name, release.root, tmp_path / name))
        assert code == 1 and "clip is" in said, said


def test_the_release_itself_may_be_a_link(release: TinyRelease, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(release.root)
    for name in ("validate", "review", "report", "convert kaldi"):
        code, said = call(*command(name, tmp_path / "link", tmp_path / name))
        assert code == 0, said
