"""The door to a release: what is read of a tiny one, lazily and typed, and what follows from it."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

import pytest

from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.core.intervals import Interval
from imigue_build.core.records import Label, Overlap, Turn
from imigue_build.release import Interview, Release
from imigue_build.release.schema.rows import DroppedSegment, dropped_line
from tests.release.tiny_release import ASKED, EXCLUSIVE, ROWS, TOLD, TURNS, Content, TinyRelease, build

GUIDE = Path(__file__).parents[3] / "docs" / "release-format.md"


@pytest.fixture
def tiny(tmp_path: Path) -> TinyRelease:
    return build(tmp_path / "release", Content())


@pytest.fixture
def first(tiny: TinyRelease) -> Interview:
    return next(Release.open(tiny.root).interviews())


def test_interviews_come_in_order_with_their_rows(tiny: TinyRelease) -> None:
    release = Release.open(str(tiny.root))
    assert release.ids == ("0001", "0002")
    found = list(release.interviews())
    assert [(interview.video_id, interview.duration) for interview in found] == [("0001", 6.0), ("0002", 2.0)]
    rows = [row for interview in found for row in interview.segments]
    assert [(row.raw, row.start, row.clip) for row in rows] == [(row["raw"], row["start"], row["clip"]) for row in ROWS]
    assert json.loads(found[1].lines[0]) == ROWS[-1]
    assert [row.segment_id for row in found[0].clips] == ["segment_001", "segment_001", "segment_002", "segment_002"]
    assert release.interview("0002").segments == found[1].segments
    assert (found[1].segments[0].duration, [word.duration for word in found[1].segments[0].words]) == (1.4, [0.6, 0.6])


def test_turns_and_what_follows_from_them(first: Interview) -> None:
    assert first.turns == tuple(Turn(*turn) for turn in TURNS["0001"])
    assert first.exclusive == tuple(Turn(*turn) for turn in EXCLUSIVE["0001"])
    assert first.overlap == (Overlap(3.9, 4.2, (ASKED, TOLD)),)
    assert first.speaking("interviewee") == (Interval(1.7, 4.2), Interval(4.8, 5.8))
    assert first.speech == (Interval(0.25, 4.7), Interval(4.75, 5.9))
    assert first.roles == {ASKED: "interviewer", TOLD: "interviewee"}
    assert (first.role(TOLD), first.role("SPEAKER_07")) == ("interviewee", "interviewer")
    assert [word.word for word in first.words("interviewer")] == ["How", "did", "it", "feel?", "Yes", "and?"]
    assert [phone.start for phone in first.phones("interviewer")] == [0.3, 0.5, 0.75, 0.9, 3.92, 4.1]


def test_overlap_is_what_the_tier_of_the_release_marks(first: Interview) -> None:
    labels = first.segment_grid.labels("overlap")
    assert [(round(1000 * one.start), round(1000 * one.end), "+".join(one.speakers)) for one in first.overlap] == [
        tuple(label) for label in labels
    ]


def test_labels_provenance_and_what_was_dropped(tiny: TinyRelease) -> None:
    dropped = DroppedSegment("0002", "interviewee", ASKED, 1.0, 1.5, "Thank", "snr_db 3 < 10")
    tiny.write("dropped.jsonl", dropped_line(dropped).decode())
    release = Release.open(tiny.root)
    one, other = release.interviews()
    assert one.label == Label("0001", "F", "Korea, South", "Win") and other.label == Label("0002")
    assert (one.dropped, other.dropped) == ((), (dropped,))
    assert release.label_warnings == ("labels.csv gives no outcome for 1 video (0002)",)
    assert one.source.sha256 == "a" * 64 and release.provenance.tools_of("0001") == {"imaginary-asr": "1.2"}


def test_sound_by_its_header(tiny: TinyRelease, first: Interview) -> None:
    first.check_clips()
    assert first.samples() == 6 * 44_100
    row = first.clips[0]
    assert first.clip_file(row) == tiny.root / "0001/interviewer/segment_001.wav"
    assert first.clip_bytes(row) == first.clip_file(row).read_bytes()


def test_files_are_compared_with_their_sums(tiny: TinyRelease) -> None:
    release = Release.open(tiny.root)
    for path in release.sums:
        release.verify(path)
        assert release.size(path) == (tiny.root / path).stat().st_size
        assert release.sha256(path) == release.sums[path]
    tiny.write("0001/0001.txt", "other")
    with pytest.raises(ReleaseError, match=r"0001\.txt: it is not the file"):
        release.verify("0001/0001.txt")
    with pytest.raises(ReleaseError, match="does not list it"):
        release.verify("SHA256SUMS")


def test_an_interview_without_a_word_has_no_row(tiny: TinyRelease) -> None:
    lines = tiny.read("manifest.jsonl").splitlines(keepends=True)
    tiny.write("manifest.jsonl", "".join(line for line in lines if json.loads(line)["video_id"] == "0002"))
    silent, other = Release.open(tiny.root).interviews()
    assert silent.segments == () and silent.roles == {} and len(silent.turns) == 4
    assert silent.speaking("interviewee") == () and len(other.segments) == 1


def test_one_interview_is_in_memory_at_a_time(tmp_path: Path) -> None:
    content = Content()
    rows = [row for row in content.rows if row["video_id"] == "0002"]
    ids = [f"v{number:03d}" for number in range(100)]
    content.provenance["videos"] = {name: {"sha256": "a" * 64, "duration_s": 2000.0} for name in ids}
    word = rows[0]["words"][0]
    many = [dict(word, start=float(n), end=n + 0.5) for n in range(1000)]
    content.rows = [
        {**rows[0], "video_id": name, "clip": None, "segment_id": None, "words": many, "end": 1000.0} for name in ids
    ]
    root = build(tmp_path / "release", content).root
    assert (root / "manifest.jsonl").stat().st_size > 7_000_000
    tracemalloc.start()
    count = sum(len(row.words) for interview in Release.open(root).interviews() for row in interview.segments)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000 and most < 2_000_000


def test_what_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no manifest\.jsonl and no provenance\.json"):
        Release.open(tmp_path)
    with pytest.raises(UsageError, match="holds no interview 0003: it holds 0001, 0002"):
        Release.open(build(tmp_path, Content()).root).interview("0003")


def test_the_example_for_outsiders_runs(
    tiny: TinyRelease, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.root.rename(tiny.root.with_name("RELEASE"))
    monkeypatch.chdir(tiny.root.parent)
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(code) == 1
    exec(compile(code[0], str(GUIDE), "exec"), {})  # noqa: S102 - our own example
    said = capsys.readouterr().out
    assert "0001 6.0 Win" in said and "left out" not in said
    assert "3.9 4.2 ('SPEAKER_00', 'SPEAKER_01')" in said
