"""Writing a report: where it may lie, interviews that cannot be read, and the messages of the command."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imigue_build.apps.report import write_report
from imigue_build.cli.main import app
from imigue_build.core.errors import AnnotationError, ReleaseError, UsageError
from imigue_build.release import Release
from imigue_build.release.reader.ranking import ranked
from tests.apps.report.making import gestures
from tests.release.tiny_release import Content, TinyRelease, build


@pytest.fixture
def release(tmp_path: Path) -> TinyRelease:
    return build(tmp_path / "release", Content())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_report_lies_beside_the_release_and_nothing_is_left_beside_it(release: TinyRelease) -> None:
    done = CliRunner().invoke(app, ["report", str(release.root), "--json"])
    assert done.exit_code == 0, done.output
    page = release.root.with_name("release-report") / "index.html"
    assert json.loads(done.stdout) == {"page": str(page), "interviews": ["0001", "0002"], "failed": {}}
    assert page.is_file() and names(release.root.parent) == ["release", "release-report"]
    again = CliRunner().invoke(app, ["report", str(release.root), "--quiet"])
    assert (again.exit_code, again.output) == (0, "")


def test_only_some_interviews(release: TinyRelease, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(release.root), "--only", "2", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0 and names(tmp_path / "out/interviews") == ["0002.html", "0002.wav"]
    unknown = CliRunner().invoke(app, ["report", str(release.root), "--only", "7"])
    assert unknown.exit_code == 2 and "--only 0007: not in" in unknown.stderr


def test_linked_sound_is_the_releases_own(release: TinyRelease, tmp_path: Path) -> None:
    write_report(release.root, tmp_path / "a b/out", link_audio=True)
    assert names(tmp_path / "a b/out/interviews") == ["0001.html", "0002.html"]
    assert 'src="../../../release/0001/0001.wav"' in (tmp_path / "a b/out/interviews/0001.html").read_text()


def test_videos_are_linked_and_not_copied(release: TinyRelease, tmp_path: Path) -> None:
    videos = tmp_path / "a videos"
    (videos / "more").mkdir(parents=True)
    (videos / "more/1.mp4").write_bytes(b"")
    (videos / "0002.flac").write_bytes(b"")  # no film
    command = ["report", str(release.root), "--out", str(tmp_path / "out"), "--videos", str(videos)]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert 'src="../../a%20videos/more/1.mp4"' in (tmp_path / "out/interviews/0001.html").read_text()
    assert "<video" not in (tmp_path / "out/interviews/0002.html").read_text()
    assert names(tmp_path / "out/interviews") == ["0001.html", "0001.wav", "0002.html", "0002.wav"]


def test_what_to_check_comes_first_and_links_lead_into_the_release(release: TinyRelease, tmp_path: Path) -> None:
    write_report(release.root, tmp_path / "out")
    text = (tmp_path / "out/index.html").read_text()
    assert text.index("To check first") < text.index("In numbers")
    queue = re.findall(r'<li><a href="interviews/(\d+)\.html#t=([\d.]+)">', text)
    found = ranked(Release.open(release.root))
    assert queue == [(item.video_id, str(item.start)) for item in found] and len(queue) > 5
    links = set(re.findall(r'href="(\.\./[^"]*)"', text))
    assert "../release/README.md" in links and "../release/0001/0001.words.TextGrid" in links
    assert all((tmp_path / "out" / link).exists() for link in links)
    inside = set(re.findall(r'href="(\.\./\.\.[^"]*)"', (tmp_path / "out/interviews/0001.html").read_text()))
    assert len(inside) == 4 and all((tmp_path / "out/interviews" / link).exists() for link in inside)


def test_phones_that_cannot_be_read_are_named_and_the_page_stays(release: TinyRelease, tmp_path: Path) -> None:
    (release.root / "0001/0001.words.TextGrid").write_text("no TextGrid")
    assert write_report(release.root, tmp_path / "out").interviews == ("0001", "0002")
    assert "The phones are not shown: " in (tmp_path / "out/interviews/0001.html").read_text()


def test_corrections_that_cannot_be_read_are_refused(release: TinyRelease, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        write_report(release.root, tmp_path / "out", corrections=tmp_path / "none")
    (tmp_path / "overrides").mkdir()
    (tmp_path / "overrides/0001.yaml").write_text("word: []\n")
    with pytest.raises(AnnotationError, match=r"0001\.yaml, line 1"):
        write_report(release.root, tmp_path / "out", corrections=tmp_path / "overrides")
    assert names(tmp_path) == ["overrides", "release"]


def test_an_interview_that_cannot_be_read_fails_alone(release: TinyRelease, tmp_path: Path) -> None:
    sound = release.root / "0001/0001.wav"
    sound.write_bytes(sound.read_bytes()[:-500])
    done = CliRunner().invoke(app, ["report", str(release.root), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["interviews"] == ["0002"] and "0001.wav is cut off" in found["failed"]["0001"]
    assert "0001 has no page: 0001.wav is cut off" in done.stderr
    assert names(tmp_path / "out/interviews") == ["0001.html", "0002.html", "0002.wav"]
    assert "0001.wav is cut off" in (tmp_path / "out/interviews/0001.html").read_text()
    assert "0001.wav is cut off" in (tmp_path / "out/index.html").read_text()


@pytest.mark.parametrize("kind", ["missing", "pipe", "broken"])
def test_turns_that_cannot_be_read_fail_alone(release: TinyRelease, tmp_path: Path, kind: str) -> None:
    path = release.root / "0002/0002.rttm"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "broken":
        path.write_text("SPEAKER 0002 1 soon 1.0 <NA> <NA> SPEAKER_00 <NA> <NA>\n")
    written = write_report(release.root, tmp_path / "out")
    assert written.interviews == ("0001",) and "0002.rttm" in written.failed["0002"]


def test_an_interview_without_words_has_a_page(tmp_path: Path) -> None:
    content = Content()
    content.rows = [row for row in content.rows if row["video_id"] == "0001"]
    content.turns["0002"] = []
    build(tmp_path / "release", content)
    assert write_report(tmp_path / "release", tmp_path / "out").interviews == ("0001", "0002")
    assert "It has no words." in (tmp_path / "out/interviews/0002.html").read_text()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("manifest.jsonl", "{"),
        ("manifest.jsonl", "[" * 100_000),
        ("provenance.json", "[]"),
        ("provenance.json", '{"config": 1}'),
        ("provenance.json", '{"videos": {"../../etc": {}}}'),
        ("dropped.jsonl", '{"video_id": 1}\n'),
    ],
)
def test_a_broken_release_is_refused_in_one_line(release: TinyRelease, tmp_path: Path, name: str, text: str) -> None:
    release.write(name, text)
    with pytest.raises(ReleaseError) as caught:
        write_report(release.root, tmp_path / "out")
    assert str(release.root) in str(caught.value) and "\n" not in str(caught.value)
    assert names(tmp_path) == ["release"]


@pytest.mark.parametrize(
    ("key", "value"), [("snr_db", 1e308), ("words_per_second", -1e300), ("role_confidence", 7), ("start", -1)]
)
def test_a_row_with_absurd_numbers_fails_alone(release: TinyRelease, tmp_path: Path, key: str, value: float) -> None:
    first, rest = release.read("manifest.jsonl").split("\n", 1)
    release.write("manifest.jsonl", json.dumps(json.loads(first) | {key: value}) + "\n" + rest)
    written = write_report(release.root, tmp_path / "out")
    assert written.interviews == ("0002",) and "manifest.jsonl, line 1, interview 0001: " in written.failed["0001"]
    assert names(tmp_path / "out/interviews") == ["0001.html", "0002.html", "0002.wav"]


def test_rows_that_are_not_in_one_place_are_refused(release: TinyRelease, tmp_path: Path) -> None:
    lines = release.read("manifest.jsonl").splitlines(keepends=True)
    release.write("manifest.jsonl", "".join([*lines[1:], lines[0]]))
    with pytest.raises(ReleaseError, match="not sorted by interview: 0001"):
        write_report(release.root, tmp_path / "out")


def test_no_release_is_a_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, why in (
        (tmp_path, "it holds no manifest.jsonl"),
        (tmp_path / "no", "it does not exist"),
        (tmp_path / "file", "it is not a folder"),
    ):
        done = CliRunner().invoke(app, ["report", str(path)])
        assert done.exit_code == 2 and f"is no release: {why}" in done.stderr


def test_what_is_not_a_report_is_not_replaced(release: TinyRelease, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("")
    for out, message in (
        (mine, "holds files that the command report did not write"),
        (release.root, "lies inside RELEASE"),
        (release.root / "0001", "lies inside RELEASE"),
        (tmp_path, "RELEASE lies inside --out"),
        (mine / "thesis.txt", "is not a folder"),
        (mine / "thesis.txt" / "out", "is not a folder"),
    ):
        with pytest.raises(UsageError, match=message):
            write_report(release.root, out)
    assert (mine / "thesis.txt").is_file()
    other = build(tmp_path / "other", Content()).root
    with pytest.raises(UsageError, match="holds files that the command report"):
        write_report(release.root, other)
    assert names(tmp_path) == ["mine", "other", "release"]


def test_a_file_of_somebody_in_a_report_is_not_lost(release: TinyRelease, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_report(release.root, out)
    (out / "notes.txt").write_text("")
    with pytest.raises(UsageError, match=r"holds notes\.txt, not listed in imigue-build.json"):
        write_report(release.root, out)
    (out / "notes.txt").unlink()
    write_report(release.root, out, only=["0001"])
    assert names(out / "interviews") == ["0001.html", "0001.wav"]


def test_an_interrupted_report_leaves_the_old_one(
    release: TinyRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_report(release.root, out)
    before = (out / "index.html").read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("imigue_build.apps.report.write.overview_page", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(release.root, out, only=["0001"])
    assert (out / "index.html").read_bytes() == before and names(tmp_path) == ["out", "release"]


def test_gestures_that_are_none_are_refused(release: TinyRelease, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no gestures\.jsonl"):
        write_report(release.root, tmp_path / "out", release.root)
    folder = gestures(tmp_path / "gestures")
    (folder / "gestures.jsonl").write_text('{"video_id": "0001", "class": "x"}\n')
    with pytest.raises(AnnotationError, match=r"gestures\.jsonl, line 1"):
        write_report(release.root, tmp_path / "out", folder)
    assert names(tmp_path) == ["gestures", "release"]
