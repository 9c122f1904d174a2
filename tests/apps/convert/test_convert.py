"""Converting as a whole: what is where, what is refused, what goes on when an interview is broken."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from imigue_build.apps.convert import Converted, Request, convert, run, summary
from imigue_build.apps.convert.catalogue import FORMATS
from imigue_build.cli.main import app
from imigue_build.core.errors import ImigueError, ReleaseError, UsageError
from tests.release import tiny_release
from tests.release.tiny_release import Content, TinyRelease

EVERY = sorted(FORMATS)


@pytest.fixture
def release(tmp_path: Path) -> TinyRelease:
    return tiny_release.build(tmp_path / "release", Content())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def written(result: Converted, split: str = "") -> list[str]:
    """The ids of the interviews in a split."""
    return [facts.video_id for facts in result.interviews[split]]


def litter(folder: Path) -> list[str]:
    """Temporary folders that were left behind."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_the_help_names_every_format() -> None:
    done = CliRunner().invoke(app, ["convert", "--help"], env={"COLUMNS": "200"})
    assert not [name for name in FORMATS if not re.search(rf"\b{name}\b", done.output)]


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are(release: TinyRelease, out: Path) -> None:
    with pytest.raises(UsageError, match="there is no format 'docx': the known ones are hf, lhotse, kaldi"):
        convert(Request(release.root, "docx", out))


@pytest.mark.parametrize("form", EVERY)
def test_the_same_release_gives_the_same_bytes_and_is_not_touched(release: TinyRelease, out: Path, form: str) -> None:
    before = content(release.root)
    request = Request(release.root, form, out, splits="0.5,0.5")
    assert not convert(request).failed
    first = content(out)
    convert(request)
    assert content(out) == first and content(release.root) == before
    listed = json.loads(first["imigue-build.json"])["files"]
    assert listed == {name: len(data) for name, data in first.items() if name != "imigue-build.json"}
    assert not litter(out.parent)


@pytest.mark.parametrize("form", EVERY)
def test_an_interview_that_is_in_no_split_is_left_out(
    release: TinyRelease, out: Path, form: str, tmp_path: Path
) -> None:
    (tmp_path / "split.csv").write_text("video_id,split\n2,test\n")
    result = convert(Request(release.root, form, out, split_file=tmp_path / "split.csv"))
    assert result.left_out == ["0001"] and written(result, "test") == ["0002"]
    assert not any(b"happy" in data for data in content(out).values())


def test_subjects_become_speakers_and_stay_together(release: TinyRelease, out: Path, tmp_path: Path) -> None:
    subjects = tmp_path / "subjects.csv"
    subjects.write_text("video_id,subject_id\n1,J. Doe\n2,J. Doe\n")
    convert(Request(release.root, "nemo", out, subjects=subjects))
    lines = [json.loads(line) for line in (out / "manifest.json").read_text().splitlines()]
    assert {line["speaker"] for line in lines} == {"subject_J_2e__20_Doe", "0001-SPEAKER_00"}
    with pytest.raises(UsageError, match="1 speakers cannot be put into 2 splits"):
        convert(Request(release.root, "nemo", out, splits="0.5,0.5", subjects=subjects))


def test_a_split_is_summed_up_and_listed_in_a_table(release: TinyRelease, out: Path) -> None:
    result = convert(Request(release.root, "ctm", out, splits="0.5,0.5"))
    parts = summary(result)
    assert sum(part["words"] for part in parts.values()) == 15 and list(parts) == ["train", "test"]
    assert "counts as a speaker of its own" in result.warnings[0]
    rows = list(csv.DictReader((out / "splits.csv").open()))
    assert [(row["video_id"], row["win_or_lose"]) for row in rows] == [("0001", "Win"), ("0002", "")]


def test_kaldi_files_are_sorted_by_utterance_and_by_speaker(release: TinyRelease, out: Path, tmp_path: Path) -> None:
    subjects = tmp_path / "subjects.csv"
    subjects.write_text("video_id,subject_id\n1,2\n2,10\n")
    convert(Request(release.root, "kaldi", out, subjects=subjects, audio_root="data/release"))
    for name in ("segments", "text", "utt2spk", "wav.scp", "spk2utt", "utt2dur", "reco2dur"):
        keys = [line.split()[0] for line in (out / name).read_text().splitlines()]
        assert keys == sorted(keys) and keys
    speakers = [line.split()[1] for line in (out / "utt2spk").read_text().splitlines()]
    assert speakers == sorted(speakers)
    assert (out / "wav.scp").read_text() == "0001 data/release/0001/0001.wav\n0002 data/release/0002/0002.wav\n"
    assert not (out / "spk2gender").exists()


def test_a_broken_interview_is_named_and_the_others_are_converted(release: TinyRelease, out: Path) -> None:
    wav = release.root / "0001" / "0001.wav"
    wav.write_bytes(wav.read_bytes()[:1000])
    result = convert(Request(release.root, "lhotse", out))
    assert result.failed == {"0001": "0001/0001.wav: it is cut off"}
    assert written(result) == ["0002"]
    assert json.loads((out / "imigue-build.json").read_text())["failed"] == ["0001"]


@pytest.mark.parametrize("damage", ["missing", "folder", "pipe", "text", "long"])
def test_a_clip_that_is_none_fails_its_interview(release: TinyRelease, out: Path, damage: str) -> None:
    clip = release.root / "0002" / "interviewee" / "segment_001.wav"
    clip.unlink()
    if damage == "folder":
        clip.mkdir()
    elif damage == "pipe":
        os.mkfifo(clip)
    elif damage == "text":
        clip.write_text("RIFF")
    elif damage == "long":
        tiny_release.write_wav(clip, np.zeros(tiny_release.sample(20.0), "<i2"))
    result = convert(Request(release.root, "hf", out))
    assert list(result.failed) == ["0002"] and "segment_001.wav" in result.failed["0002"]
    assert b"Thank" not in b"".join(content(out).values())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"segment_002"', '"../../x"', "is no id of a segment"),
        ('"start": 4.8', '"start": 48', "is no stretch of time"),
        ('"start": 4.8', '"start": 1e999', "line 6"),
        ('"happy!"', '"a b"', "is no word"),
        ('"happy!"', '"a\\u0007"', "is no word"),
        ('"happy!"', '""', "is no word"),
        ('"happy!"', "7", "line 6"),
    ],
)
@pytest.mark.parametrize("form", ["kaldi", "eaf"])
def test_an_interview_with_a_damaged_row_fails_by_line(
    release: TinyRelease, out: Path, old: str, new: str, message: str, form: str
) -> None:
    text = release.read("manifest.jsonl")
    assert old in text
    release.write("manifest.jsonl", text.replace(old, new))
    result = convert(Request(release.root, form, out))
    why = result.failed.pop("0001")
    assert not result.failed and why.startswith("manifest.jsonl, line ") and message in why
    assert written(result) == ["0002"] and not any(b"happy" in data for data in content(out).values())


def test_a_manifest_whose_rows_are_of_no_interview_is_refused(release: TinyRelease, out: Path) -> None:
    whole = release.read("manifest.jsonl")
    lines = whole.splitlines(keepends=True)
    for text, message in (
        ("".join([*lines[1:], lines[0]]), "the rows are not sorted by interview: 0001 after 0002"),
        (whole.replace('"0002"', '"../x"'), "line 7: '../x' is no id"),
    ):
        release.write("manifest.jsonl", text)
        with pytest.raises(ReleaseError, match=message):
            convert(Request(release.root, "srt", out))
    assert not out.exists() and not litter(out.parent)


def test_a_release_of_which_nothing_can_be_read_is_refused(release: TinyRelease, out: Path) -> None:
    for video_id in ("0001", "0002"):
        (release.root / video_id / f"{video_id}.wav").unlink()
    with pytest.raises(ReleaseError, match=r"no interview of .* can be converted: 0001: 0001/0001\.wav: it cannot be"):
        convert(Request(release.root, "nemo", out))
    assert not out.exists()


def test_a_release_that_changes_meanwhile_is_not_mixed(release: TinyRelease, out: Path) -> None:
    lines = release.read("manifest.jsonl").splitlines(keepends=True)

    def rebuilt(done: int, total: int) -> None:
        release.write("manifest.jsonl", "".join(lines[1:]))

    with pytest.raises(ReleaseError, match=r"manifest\.jsonl, line 7, interview 0002"):
        convert(Request(release.root, "srt", out), rebuilt)
    assert not out.exists() and not litter(out.parent)


def test_overlap_that_the_diarizer_cannot_detect_is_left_open(release: TinyRelease, out: Path) -> None:
    release.write("manifest.jsonl", release.read("manifest.jsonl").replace('"overlap_s": 0.0', '"overlap_s": null'))
    for form in EVERY:
        assert not convert(Request(release.root, form, out)).failed
    convert(Request(release.root, "csv", out))
    rows = list(csv.DictReader((out / "segments.csv").open()))
    assert {row["overlap_s"] for row in rows} == {"", "0.100", "0.200"}


def test_a_folder_that_is_no_conversion_is_not_replaced(release: TinyRelease, out: Path) -> None:
    out.mkdir()
    convert(Request(release.root, "srt", out))
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds notes\.txt, not listed"):
        convert(Request(release.root, "srt", out))
    (out / "imigue-build.json").unlink()
    with pytest.raises(UsageError, match="holds files that the command convert did not write"):
        convert(Request(release.root, "srt", out))
    assert (out / "notes.txt").read_text() == "mine" and (out / "0001.srt").is_file()


def test_what_is_refused_is_not_cleared_up(release: TinyRelease, out: Path) -> None:
    """What lies beside a folder of somebody else belongs to him, such as a run that builds a release."""
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    building = out.with_name(".out.new-0123456789ab")
    building.mkdir()
    with pytest.raises(UsageError, match="holds files that the command convert did not write"):
        convert(Request(release.root, "srt", out))
    assert building.is_dir()


def test_a_corpus_without_clips_gives_empty_files_that_load(release: TinyRelease, out: Path) -> None:
    from pyarrow import parquet

    text = release.read("manifest.jsonl")
    rows = [json.loads(line) | {"segment_id": None, "clip": None} for line in text.splitlines()]
    release.write("manifest.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    convert(Request(release.root, "hf", out))
    assert parquet.read_table(out / "data" / "train-00000-of-00001.parquet").num_rows == 0
    for form in EVERY:
        assert not convert(Request(release.root, form, out)).failed


def test_another_format_takes_the_place_of_an_earlier_one(release: TinyRelease, out: Path) -> None:
    convert(Request(release.root, "srt", out))
    convert(Request(release.root, "vtt", out))
    assert sorted(content(out)) == ["0001.vtt", "0002.vtt", "imigue-build.json"]


def test_folders_and_options_that_are_refused(release: TinyRelease, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (release.root, release.root / "in", tmp_path):
        with pytest.raises(UsageError, match="lies inside"):
            convert(Request(release.root, "srt", place))
    for place in (tmp_path / "file", tmp_path / "file" / "in"):
        with pytest.raises(UsageError, match="is not a folder"):
            convert(Request(release.root, "srt", place))
    with pytest.raises(UsageError, match=r"file is no release: it is not a folder"):
        convert(Request(tmp_path / "file", "srt", tmp_path / "out"))
    with pytest.raises(UsageError, match="exclude each other"):
        convert(Request(release.root, "srt", tmp_path / "out", "0.5,0.5", split_file=tmp_path / "file"))


def test_an_interrupted_conversion_leaves_nothing(
    release: TinyRelease, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert(Request(release.root, "srt", out))
    before = content(out)

    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(Request(release.root, "kaldi", out), interrupted)
    assert content(out) == before and not litter(out.parent)
    killed = out.with_name(".out.new-0123456789ab")  # as a killed one leaves it
    killed.mkdir()
    convert(Request(release.root, "srt", out))
    assert content(out) == before and not killed.exists()


def test_a_full_disk_is_reported(release: TinyRelease, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(run, "_table", full)
    with pytest.raises(ImigueError, match="no space left on device"):
        convert(Request(release.root, "srt", out))
    assert not out.exists() and not litter(out.parent)


def test_a_second_command_into_a_folder_is_refused_and_takes_nothing_away(release: TinyRelease, out: Path) -> None:
    refused: list[str] = []

    def meanwhile(done: int, total: int) -> None:
        with pytest.raises(ImigueError) as error:
            convert(Request(release.root, "vtt", out))
        refused.append(error.value.what)

    convert(Request(release.root, "srt", out), meanwhile)
    assert all(f"imigue-build convert, pid {os.getpid()} on " in what for what in refused) and len(refused) == 2
    assert sorted(content(out)) == ["0001.srt", "0002.srt", "imigue-build.json"] and not litter(out.parent)


def test_kaldi_keeps_blanks_in_paths(release: TinyRelease, out: Path) -> None:
    convert(Request(release.root, "kaldi", out, audio_root="/my  data"))
    assert (out / "wav.scp").read_text().splitlines()[0] == "0001 /my  data/0001/0001.wav"


def test_an_interview_without_a_word_is_reported(out: Path, tmp_path: Path) -> None:
    content = Content()
    content.rows = [row for row in content.rows if row["video_id"] != "0002"]
    release = tiny_release.build(tmp_path / "wordless", content)
    result = convert(Request(release.root, "csv", out))
    assert written(result) == ["0001"] and not result.failed
    assert "no word, so no row in manifest.jsonl, of 0002: not converted" in result.warnings
