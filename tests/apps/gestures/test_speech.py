"""What gestures need of an interview: places of words, roles of turns, states of the interviewee."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imigue_build.apps.gestures.build import build as build_gestures
from imigue_build.apps.gestures.speech import speech
from imigue_build.core.errors import ReleaseError
from imigue_build.release import Release
from tests.apps.gestures import made
from tests.release.tiny_release import ASKED, TOLD, Content, TinyRelease, build


@pytest.fixture
def tiny(tmp_path: Path) -> TinyRelease:
    return build(tmp_path / "release", Content())


def test_words_turns_roles_and_regions_are_those_of_the_release(tiny: TinyRelease) -> None:
    first, second = map(speech, Release.open(tiny.root).interviews())
    assert (first.video_id, first.duration, second.video_id, second.duration) == ("0001", 6.0, "0002", 2.0)
    assert [(turn.start, turn.end, turn.role) for turn in first.turns] == [
        (0.3, 1.5, "interviewer"),
        (1.7, 4.2, "interviewee"),
        (3.9, 4.6, "interviewer"),
        (4.8, 5.8, "interviewee"),
    ]
    assert [word.text for word in first.words["interviewer"]] == ["How", "did", "it", "feel?", "Yes", "and?"]
    assert [(word.row, word.place) for word in first.words["interviewee"]][:4] == [(1, 0), (1, 1), (1, 2), (1, 3)]
    assert sum(span.duration for span, _ in first.states) == pytest.approx(6.0)


def test_overlap_is_one_region_as_long_as_it_is_the_same_speakers(tmp_path: Path) -> None:
    content = Content()
    content.turns["0001"] = [(0.0, 5.5, TOLD), (3.0, 4.0, ASKED), (4.0, 5.0, ASKED)]
    tiny = build(tmp_path / "release", content)
    found = speech(Release.open(tiny.root).interview("0001"))
    assert [(region.start, region.end, region.speakers) for region in found.overlap] == [(3.0, 5.0, (ASKED, TOLD))]


def test_an_interview_without_words_is_read_and_nobody_in_it_is_the_interviewee(tiny: TinyRelease) -> None:
    lines = tiny.read("manifest.jsonl").splitlines(keepends=True)
    tiny.write("manifest.jsonl", "".join(line for line in lines if json.loads(line)["video_id"] == "0001"))
    silent = speech(Release.open(tiny.root).interview("0002"))
    assert silent.video_id == "0002" and not silent.rows
    assert {state for _, state in silent.states} == {"listening", "silent"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("0001/0001.TextGrid", "nothing", "0001/0001.TextGrid: it does not begin as a TextGrid"),
        ("0001/0001.rttm", "SPEAKER 0001 1 x 1.0 <NA> <NA> SPEAKER_00 <NA> <NA>\n", "0001/0001.rttm, line 1: 'x' is"),
    ],
)
def test_a_broken_interview_keeps_no_other_out(
    tiny: TinyRelease, tmp_path: Path, name: str, text: str, reason: str
) -> None:
    tiny.write(name, text)
    labels = made.long(tmp_path / "labels.csv", [made.line(1, 1.0, 2.0), made.line(2, 0.5, 1.0)])
    built = build_gestures(tiny.root, labels, tmp_path / "out")
    (problem,) = built.problems
    assert problem.video_id == "0001" and f"interview left out: {reason}" in problem.message
    assert str(tiny.root) not in problem.message
    assert (built.paired, built.interviews, built.labelled) == (1, 2, 1)


def test_a_release_that_cannot_be_read_leaves_nothing(tiny: TinyRelease, tmp_path: Path) -> None:
    tiny.write("manifest.jsonl", tiny.read("manifest.jsonl") + "{")
    labels = made.long(tmp_path / "labels.csv", [made.line(1, 1.0, 2.0)])
    with pytest.raises(ReleaseError, match="line 8"):
        build_gestures(tiny.root, labels, tmp_path / "out")
    assert not (tmp_path / "out").exists()
