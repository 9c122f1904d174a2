"""The figures that the card of a release and its report share."""

from __future__ import annotations

from pathlib import Path

from imigue_build.core.record_json import decode
from imigue_build.core.records import ROLES, Turn
from imigue_build.release.build.assemble import assemble
from imigue_build.release.build.interview import FACTS
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.reader import Release
from imigue_build.release.reader.composition import RoleFigures, SegmentFigures, overlap_seconds, role_figures, summed
from imigue_build.store.workspace import Workspace
from tests.release import made

A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"


def test_the_card_and_a_reader_of_the_release_get_the_same_figures(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    made.publish(work, "0440")
    assemble(work, ["0440"], {}, tmp_path / "release")
    facts = decode((work.artifact("0440", "export") / FACTS).read_bytes(), InterviewFacts)
    interview = Release.open(tmp_path / "release").interview("0440")
    assert {role: interview.figures(role) for role in ROLES} == facts.roles
    assert interview.asr_confidence == facts.asr_confidence
    assert overlap_seconds(interview.overlap) == facts.overlap == 0.4


def test_a_speaker_without_words_is_an_interviewer_and_nobody_speaks_twice_at_once() -> None:
    turns = [Turn(0, 4, A), Turn(3, 6, A), Turn(5, 7, B), Turn(8, 9, C)]
    figures = {role: role_figures(role, (), turns, {A: "interviewee", B: "interviewer"}) for role in ROLES}
    assert figures["interviewee"] == RoleFigures(1, 6, 0, 0, 0, 0, 0)
    assert figures["interviewer"] == RoleFigures(2, 3, 0, 0, 0, 0, 0)
    assert summed(figures.values()) == RoleFigures(3, 9, 0, 0, 0, 0, 0)


def test_only_segments_with_a_clip_are_measured(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    made.publish(work, "0440")
    assemble(work, ["0440"], {}, tmp_path / "release")
    interview = Release.open(tmp_path / "release").interview("0440")
    figures = SegmentFigures()
    for segment in interview.segments:
        figures.add(segment)
    assert len(interview.clips) < len(interview.segments)
    assert sum(map(len, figures.seconds.values())) == len(figures.measures["words_per_second"]) == len(interview.clips)
