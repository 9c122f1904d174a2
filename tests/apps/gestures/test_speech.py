"""A release read interview by interview: roles, states, silent interviews, and releases that are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imigue_build.apps.gestures.speech import Broken, Release, Speech
from imigue_build.core.errors import ReleaseError, UsageError
from tests.release.tiny_release import Content, TinyRelease, build


@pytest.fixture
def tiny(tmp_path: Path) -> TinyRelease:
    return build(tmp_path / "release", Content())


def read(tiny: TinyRelease) -> list[Speech | Broken]:
    return list(Release(tiny.root).interviews())


def test_words_turns_roles_and_regions_are_those_of_the_release(tiny: TinyRelease) -> None:
    first, second = read(tiny)
    assert isinstance(first, Speech) and isinstance(second, Speech)
    assert (first.video_id, first.duration, second.video_id, second.duration) == ("0001", 6.0, "0002", 2.0)
    assert [(turn.start, turn.end, turn.role) for turn in first.turns] == [
        (0.3, 1.5, "interviewer"),
        (1.7, 4.2, "interviewee"),
        (3.9, 4.6, "interviewer"),
        (4.8, 5.8, "interviewee"),
    ]
    assert [word.text for word in first.words["interviewer"]] == ["How", "did", "it", "feel?", "Yes", "and?"]
    assert [(word.row, word.place) for word in first.words["interviewee"]][:4] == [(1, 0), (1, 1), (1, 2), (1, 3)]
    assert [(one.start, one.end, one.speakers) for one in first.overlap] == [(3.9, 4.2, ("SPEAKER_00", "SPEAKER_01"))]
    assert [tuple(one) for one in first.vad] == [(0.25, 4.7), (4.75, 5.9)]
    assert sum(span.duration for span, _ in first.states) == pytest.approx(6.0)
    assert Release(tiny.root).outcomes() == {"0001": "Win"}


def test_an_interview_without_words_is_read_and_nobody_in_it_is_the_interviewee(tiny: TinyRelease) -> None:
    lines = tiny.read("manifest.jsonl").splitlines(keepends=True)
    tiny.write("manifest.jsonl", "".join(line for line in lines if json.loads(line)["video_id"] == "0001"))
    _, silent = read(tiny)
    assert isinstance(silent, Speech) and silent.video_id == "0002" and not silent.rows
    assert {state for _, state in silent.states} == {"listening", "silent"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("0001/0001.TextGrid", "nothing", "no TextGrid of a release"),
        ("0001/0001.rttm", "SPEAKER 0001 1 x 1.0 <NA> <NA> SPEAKER_00 <NA> <NA>\n", "0001.rttm, line 1"),
    ],
)
def test_a_broken_interview_keeps_no_other_out(tiny: TinyRelease, name: str, text: str, reason: str) -> None:
    tiny.write(name, text)
    first, second = read(tiny)
    assert isinstance(first, Broken) and reason in first.reason and str(tiny.root) not in first.reason
    assert isinstance(second, Speech)


def test_a_manifest_that_cannot_be_told_apart_is_an_error(tiny: TinyRelease) -> None:
    whole = tiny.read("manifest.jsonl")
    lines = whole.splitlines(keepends=True)
    tiny.write("manifest.jsonl", whole + lines[0])
    with pytest.raises(ReleaseError, match="its rows are not together"):
        read(tiny)
    tiny.write("manifest.jsonl", whole.replace('"0002"', '"0003"'))
    with pytest.raises(ReleaseError, match="0003 has no folder"):
        read(tiny)
    tiny.write("manifest.jsonl", whole.replace('"0002"', '"../2"'))
    with pytest.raises(ReleaseError, match="line 7: its video_id is no id"):
        read(tiny)
    tiny.write("manifest.jsonl", lines[0] + "{")
    with pytest.raises(ReleaseError, match="line 2: "):
        read(tiny)


def test_what_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no manifest"):
        Release(tmp_path)
    (tmp_path / "manifest.jsonl").write_text("")
    with pytest.raises(ReleaseError, match="holds no interview"):
        Release(tmp_path)
