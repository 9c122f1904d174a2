"""Releases that are damaged or made to harm: an error names interview, file and line, and others are still read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.release import Interview, InterviewError, Release
from tests.release.tiny_release import Content, TinyRelease, build


@pytest.fixture
def tiny(tmp_path: Path) -> TinyRelease:
    return build(tmp_path / "release", Content())


def everything(interview: Interview) -> None:
    assert interview.segments and interview.turns and interview.exclusive and interview.speech
    assert interview.phones("interviewee") and interview.samples()
    interview.check_clips()
    for segment in interview.clips:
        interview.clip_bytes(segment)


def read(tiny: TinyRelease) -> tuple[list[str], list[InterviewError]]:
    """The interviews that can be read in full, and why others cannot."""
    good: list[str] = []
    errors: list[InterviewError] = []
    for interview in Release.open(tiny.root).interviews():
        try:
            everything(interview)
        except InterviewError as error:
            errors.append(error)
        else:
            good.append(interview.video_id)
    return good, errors


def changed(tiny: TinyRelease, line: int, **change: Any) -> None:
    """Changes a row of the manifest, by its line from 1."""
    rows = [json.loads(row) for row in tiny.read("manifest.jsonl").splitlines()]
    rows[line - 1] |= change
    tiny.write("manifest.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"speaker": "x y"}, "no id of a speaker"),
        ({"start": 0.1}, "it begins before the row above it"),
        ({"role": "interviewer", "clip": None, "segment_id": None}, "SPEAKER_01 is both"),
        ({"words": 1}, "words"),
        ({"clip": "../x.wav"}, "its clip is"),
    ],
)
def test_a_broken_row_keeps_no_other_interview_out(tiny: TinyRelease, change: dict[str, Any], why: str) -> None:
    changed(tiny, 2, **change)
    good, (error,) = read(tiny)
    assert good == ["0002"]
    assert (error.video_id, error.file) == ("0001", "manifest.jsonl") and error.line in (2, 4)
    assert why in error.what and "interview 0001" in error.what and "validate" in error.remedy


def test_a_clip_that_is_there_twice(tiny: TinyRelease) -> None:
    changed(tiny, 6, segment_id="segment_001", clip="0001/interviewee/segment_001.wav")
    assert "is there already" in read(tiny)[1][0].what


def no_utf8(path: Path) -> None:
    path.write_bytes(b"\xff" * 10)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def out(path: Path) -> None:
    """A link to the same content outside of the release."""
    shutil.copy(path, path.parents[2] / "outside")
    path.unlink()
    path.symlink_to(path.parents[2] / "outside")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [Path.unlink, no_utf8, pipe, out, cut])
@pytest.mark.parametrize("name", ["0001.rttm", "0001.TextGrid", "0001.words.TextGrid", "0001.wav"])
def test_a_broken_file_keeps_no_other_interview_out(
    tiny: TinyRelease, name: str, harm: Callable[[Path], object]
) -> None:
    harm(tiny.root / "0001" / name)
    good, (error,) = read(tiny)
    assert good == ["0002"] and (error.video_id, error.file) == ("0001", f"0001/{name}")
    assert str(tiny.root) not in str(error)


def test_a_folder_that_leads_out_is_refused(tiny: TinyRelease, tmp_path: Path) -> None:
    (tiny.root / "0001").rename(tmp_path / "elsewhere")
    (tiny.root / "0001").symlink_to(tmp_path / "elsewhere")
    interview = Release.open(tiny.root).interview("0001")
    with pytest.raises(InterviewError, match="in a folder that is one"):
        interview.file("wav")
    with pytest.raises(InterviewError, match="in a folder that is one"):
        interview.clip_file(interview.clips[0])


@pytest.mark.parametrize("path", ["../release2/x", "/etc/passwd", "a\0b", ".", ""])
def test_a_path_of_the_sums_that_leads_out_is_refused(tiny: TinyRelease, path: str) -> None:
    release = Release.open(tiny.root)
    with pytest.raises(ReleaseError):
        release.size(path)


def test_a_clip_of_another_length_or_kind(tiny: TinyRelease) -> None:
    place = tiny.root / "0001/interviewee"
    shutil.copy(place / "segment_001.wav", place / "segment_002.wav")
    assert "segment_002.wav: it is not as long as its row" in read(tiny)[1][0].what
    (place / "segment_002.wav").write_bytes(b"RIFF")
    assert "it is no WAV" in read(tiny)[1][0].what


def test_labels_in_a_tier_that_are_no_speakers(tiny: TinyRelease) -> None:
    text = tiny.read("0001/0001.TextGrid").replace('text = "SPEAKER_01"', 'text = "<b>"')
    tiny.write("0001/0001.TextGrid", text)
    assert "no id of a speaker" in read(tiny)[1][0].what


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 8: "),
        ("", "line 8: "),
        ("[" * 200_000, "line 8: "),
        ('{"video_id": "../2"}', "line 8: '../2' is no id"),
        ('{"video_id": "0003"}', "line 8: provenance.json does not name the interview 0003"),
        ('{"video_id": "0001"}', "line 8: the rows are not sorted by interview: 0001 after 0002"),
        ('{"video_id": "0002", "x": "' + "x" * (16 << 20) + '"}', "line 8: more than 16777216 bytes"),
    ],
)
def test_a_manifest_of_which_rows_cannot_be_told_is_an_error(tiny: TinyRelease, line: str, why: str) -> None:
    tiny.write("manifest.jsonl", tiny.read("manifest.jsonl") + line + "\n")
    with pytest.raises(ReleaseError) as caught:
        read(tiny)
    assert not isinstance(caught.value, InterviewError)
    assert f"{tiny.root}/manifest.jsonl, {why}" in caught.value.what and len(str(caught.value)) < 1000


@pytest.mark.parametrize("text", ["{", "[" * 200_000, '{"format_version": 1}', "\0"])
def test_a_provenance_that_cannot_be_read(tiny: TinyRelease, text: str) -> None:
    tiny.write("provenance.json", text)
    with pytest.raises(ReleaseError, match=r"provenance\.json: "):
        Release.open(tiny.root)


def test_a_release_of_another_format_and_one_without_interviews(tiny: TinyRelease) -> None:
    document = json.loads(tiny.read("provenance.json"))
    tiny.write("provenance.json", json.dumps(document | {"videos": {}}))
    with pytest.raises(ReleaseError, match="holds no interview"):
        Release.open(tiny.root)
    tiny.write("provenance.json", json.dumps(document | {"format_version": 2}))
    with pytest.raises(UsageError, match="has format 2, this program knows 1: use the version"):
        Release.open(tiny.root)


def test_the_manifest_of_a_link_that_leads_out(tiny: TinyRelease, tmp_path: Path) -> None:
    (tiny.root / "manifest.jsonl").rename(tmp_path / "m")
    (tiny.root / "manifest.jsonl").symlink_to(tmp_path / "m")
    with pytest.raises(ReleaseError, match=r"manifest\.jsonl: it is a symbolic link"):
        read(tiny)


@pytest.mark.parametrize(("name", "text"), [("dropped.jsonl", "{\n"), ("SHA256SUMS", "x\n")])
def test_other_tables_that_cannot_be_read(tiny: TinyRelease, name: str, text: str) -> None:
    tiny.write(name, text)
    release = Release.open(tiny.root)
    with pytest.raises(ReleaseError, match=f"{name}, line 1: "):
        _ = release.sums if name == "SHA256SUMS" else release.dropped


@pytest.mark.parametrize("name", ["manifest.jsonl", "provenance.json", "labels.csv"])
def test_tables_that_are_not_those_that_were_summed(tiny: TinyRelease, name: str) -> None:
    assert Release.open(tiny.root, check_sums=True).ids == ("0001", "0002")
    tiny.write(name, tiny.read(name).rstrip("\n") + " \n")
    assert Release.open(tiny.root).ids == ("0001", "0002")
    with pytest.raises(ReleaseError, match=f"{name}: it is not the file that SHA256SUMS lists"):
        Release.open(tiny.root, check_sums=True)


def test_tables_and_sums_that_are_missing_or_not_listed(tiny: TinyRelease) -> None:
    tiny.write("dropped.jsonl", "")
    with pytest.raises(ReleaseError, match=r"dropped\.jsonl: SHA256SUMS does not list it"):
        Release.open(tiny.root, check_sums=True)
    tiny.resum()
    (tiny.root / "dropped.jsonl").unlink()
    with pytest.raises(ReleaseError, match=r"dropped\.jsonl: it cannot be read \(No such file"):
        Release.open(tiny.root, check_sums=True)
    (tiny.root / "SHA256SUMS").unlink()
    with pytest.raises(UsageError, match="it holds no SHA256SUMS"):
        Release.open(tiny.root, check_sums=True)


def test_sizes_of_links(tiny: TinyRelease, tmp_path: Path) -> None:
    """Also of one that stays within the release; the release's own folder may be a link, as the user names it."""
    (tmp_path / "link").symlink_to(tiny.root)
    release = Release.open(tmp_path / "link")
    assert release.size("0001/0001.wav") == (tiny.root / "0001/0001.wav").stat().st_size
    (tiny.root / "0001/0001.wav").rename(tiny.root / "0001/other.wav")
    (tiny.root / "0001/0001.wav").symlink_to("other.wav")
    with pytest.raises(ReleaseError, match="it is a symbolic link"):
        release.size("0001/0001.wav")
