"""What the benchmarks take from a release."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from imigue_build.apps.bench import corpus
from imigue_build.core.errors import ImigueError, ReleaseError, UsageError
from tests.apps.bench import releases
from tests.release.tiny_release import Content, build

LONG = """\
video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,subject_gender,subject_nationality,win_or_lose
1,1,6.8553,171,9.8553,246,20,17,F,United States,Win
1,2,9.8553,246,9.9,247,3,17,F,United States,Win
2,1,6.8553,171,9.8553,246,20,3,M,Spain,Lose
"""


def test_interviewees_segments_with_clips_are_read_and_nothing_else(tmp_path: Path) -> None:
    read = corpus.read(build(tmp_path, Content()).root)
    assert [interview[:3] for interview in read.interviews] == [("0001", "Win", "F"), ("0002", "", "")]
    first, second = read.interviews[0].segments
    assert (first.name, first.text) == ("0001/segment_001", 'Well, 6-4, so-called "great".')
    assert (first.normalized, first.seconds) == ("well six four so called great", 2.2)
    assert second.clip == tmp_path / "0001/interviewee/segment_002.wav" and second.clip.is_file()
    assert [segment.name for segment in read.segments][2] == "0002/segment_001"
    assert [interview.video_id for interview in read.decided] == ["0001"]


def test_subjects_come_from_a_plain_table_or_the_long_one(tmp_path: Path) -> None:
    release = releases.write(tmp_path / "r", {"0001": ("Win", ["Yes."]), "0002": ("Lose", ["No."])})
    (tmp_path / "long.csv").write_text(LONG, encoding="utf-8")
    plain = releases.write_subjects(tmp_path / "plain.csv", {"1": "17", "2": "3"})
    for table in (tmp_path / "long.csv", plain):
        read = corpus.read(release, table)
        assert [interview.speaker for interview in read.interviews] == ["subject 17", "subject 3"]
        assert read.grouped_by == "subject" and not read.warnings


def test_an_interview_without_subject_is_a_speaker_of_its_own_and_this_is_said(tmp_path: Path) -> None:
    release = releases.write(tmp_path / "r", {"0001": ("Win", ["Yes."]), "0002": ("Lose", ["No."])})
    assert corpus.read(release).grouped_by == "video"
    read = corpus.read(release, releases.write_subjects(tmp_path / "s.csv", {"0001": "17"}))
    assert [interview.speaker for interview in read.interviews] == ["subject 17", "video 0002"]
    assert read.grouped_by == "subject where known, else video"
    assert "no subject id for 0002" in read.warnings[0]


def test_the_hash_changes_with_texts_outcomes_and_subjects(tmp_path: Path) -> None:
    first = releases.write(tmp_path / "a", {"0001": ("Win", ["Yes."])})
    others = [
        releases.write(tmp_path / "b", {"0001": ("Lose", ["Yes."])}),
        releases.write(tmp_path / "c", {"0001": ("Win", ["No."])}),
    ]
    hashes = {corpus.read(release).sha256 for release in (first, *others)}
    hashes.add(corpus.read(first, releases.write_subjects(tmp_path / "s.csv", {"1": "17"})).sha256)
    assert len(hashes) == 4
    assert corpus.read(releases.write(tmp_path / "d", {"0001": ("Win", ["Yes."])})).sha256 in hashes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video_id,subject_id\n1,17\n1,18\n", "line 3: video 0001 is of subject 18, on line 2 of 17"),
        ("video_id,subject_id\n1,\n", "line 2: video_id '0001', subject_id ''"),
        ("video_id,subject_id\n../x,3\n", "line 2: video_id '../x'"),
        ("video_id,subject_id\n", "has a header and no row"),
        ("video,subject_id\n1,2\n", "no column video_id in 'video,subject_id'"),
        ("", "is empty"),
        ("video_id,subject_id,subject_id\n1,2,3\n", "line 1: column subject_id is there twice; keep one"),
        ("video_id,subject_id\n1,2,3\n", "line 2: 3 fields where the header has 2"),
        ('video_id,subject_id\n1,"2\n', "not CSV"),
        (f"video_id,subject_id\n1,{'x' * 2_000_000}\n", "line 2: more than 1048576 characters"),
        (
            'video_id,subject_id\n1,"' + ("x" * 1000 + "\n") * 2000,
            "line 2: not CSV (a quotation mark that is not closed)",
        ),
    ],
)
def test_a_table_of_subjects_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    release = releases.write(tmp_path / "r", {"0001": ("Win", ["Yes."])})
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        corpus.read(release, tmp_path / "s.csv")
    assert message in str(raised.value)


def test_a_table_of_subjects_that_is_no_text(tmp_path: Path) -> None:
    release = releases.write(tmp_path / "r", {"0001": ("Win", ["Yes."])})
    (tmp_path / "s.csv").write_bytes(b"video_id,subject_id\n1,M\0\n")
    for path, message in ((tmp_path / "s.csv", "is a binary file"), (tmp_path / "none.csv", "cannot be read (No such")):
        with pytest.raises(UsageError, match=message.replace("(", r"\(")):
            corpus.read(release, path)


def changed(row: dict[str, object]) -> str:
    return json.dumps(releases.row("0001", 1, "Yes.") | row) + "\n"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{\n", "line 1: "),
        (
            changed({}) + changed({}),
            "line 2, interview 0001: the clip 0001/interviewee/segment_001.wav is there already",
        ),
        (changed({"start": 5.0}), "line 1, interview 0001: 5.0 to 1.0 s is no stretch of time"),
        (changed({"start": None}), "line 1, interview 0001: "),
        (changed({"video_id": "../../etc"}), "line 1: '../../etc' is no id"),
        (changed({"segment_id": "../x"}), "line 1, interview 0001: '../x' is no id of a segment"),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path: Path, manifest: str, message: str) -> None:
    release = releases.write(tmp_path, {"0001": ("Win", ["Yes."])})
    (release / "manifest.jsonl").write_text(manifest, encoding="utf-8")
    with pytest.raises(ReleaseError) as raised:
        corpus.read(release)
    assert message in str(raised.value)


def test_a_folder_that_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no release: it holds no manifest\.jsonl and no provenance\.json"):
        corpus.read(tmp_path)


def test_an_interview_in_which_nobody_says_a_word_is_left_out(tmp_path: Path) -> None:
    release = releases.write(tmp_path, {"0001": ("Win", ["Yes."])})
    (release / "manifest.jsonl").write_text("")
    read = corpus.read(release)
    assert not read.segments and "no clip of the interviewee in 0001: left out" in read.warnings


def test_the_words_of_a_corpus_are_not_held(tmp_path: Path) -> None:
    """A release of a hundred hours has a million words; texts are a tenth of them."""
    word = {"word": "so", "start": 0.5, "end": 0.6, "aligned": True, "confidence": 0.5}
    lines = [
        json.dumps(releases.row(f"{number:04d}", 1, "so " * 1500) | {"words": [word] * 1500}) for number in range(100)
    ]
    release = releases.write(tmp_path, {f"{number:04d}": ("Win", []) for number in range(100)})
    (release / "manifest.jsonl").write_text("\n".join([*lines, ""]))
    corpus.read(release)  # modules that are imported meanwhile do not count
    tracemalloc.start()
    try:
        read = corpus.read(release)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(read.segments) == 100 and held < 2_000_000
    assert peak < 25_000_000  # 17 MB are the buffer for labels.csv; all words would take 50 MB


def test_a_release_without_labels_is_read_and_this_is_said(tmp_path: Path) -> None:
    release = releases.write(tmp_path / "r", {"0001": ("Win", ["Yes."]), "0002": ("Lose", [])})
    (release / "labels.csv").unlink()
    read = corpus.read(release)
    assert any("holds no labels.csv" in warning for warning in read.warnings)
    with pytest.raises(UsageError, match="gives no interview with speech an outcome"):
        corpus.two_outcomes(read)


def test_one_outcome_is_not_enough(tmp_path: Path) -> None:
    release = releases.write(
        tmp_path / "r", {"0001": ("Win", ["Yes."]), "0002": ("Win", ["No."]), "0003": ("Lose", [])}
    )
    read = corpus.read(release)
    assert "no clip of the interviewee in 0003" in "".join(read.warnings)
    with pytest.raises(ImigueError, match="is a Win: winners and losers are needed"):
        corpus.two_outcomes(read)
