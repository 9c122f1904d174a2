"""TextGrids: what praatio and Praat read back is what was written."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from praatio import textgrid as praatio

from imigue_build.config import Export
from imigue_build.core.records import Alignment, Diarization, Overlap, Span, Turn, Utterance
from imigue_build.release.build.segments import Row, rows
from imigue_build.release.build.textgrid import write_segments, write_words
from imigue_build.release.schema.layout import SEGMENT_TIERS, WORD_TIERS
from imigue_build.stages.roles import assign_roles
from tests.release import made

LENGTH = 10_012
Interval = tuple[float, float, str]
ODD = ((1.0, "SPEAKER_00", 'so"called"'), (3.0, "SPEAKER_01", "naïve\u2026"))


def cut(alignment: Alignment = made.ALIGNMENT) -> tuple[list[Row], Diarization]:
    found = made.diarization(made.TURNS)
    return rows(alignment, found, assign_roles(found), Export(), LENGTH / 1000), found


def read(path: Path) -> dict[str, list[Interval]]:
    """Every interval of every tier, the empty ones too."""
    grid = praatio.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, LENGTH / 1000)
    return {name: [tuple(entry) for entry in grid.getTier(name).entries] for name in grid.tierNames}


def labelled(tier: list[Interval]) -> list[Interval]:
    return [interval for interval in tier if interval[2]]


def assert_whole(tier: list[Interval]) -> None:
    assert tier[0][0] == 0
    assert tier[-1][1] == LENGTH / 1000
    for before, after in pairwise(tier):
        assert before[1] == after[0]
        assert before[0] < before[1]


def test_segment_tiers(tmp_path: Path) -> None:
    found, diarization = cut()
    write_segments(tmp_path / "a.TextGrid", found, diarization, LENGTH)
    tiers = read(tmp_path / "a.TextGrid")
    assert tuple(tiers) == SEGMENT_TIERS
    for tier in tiers.values():
        assert_whole(tier)
    assert labelled(tiers["interviewer"]) == [
        (0.4, 2.1, "How was it?"),
        (5.7, 5.9, "and"),
        (6.1, 6.9, "now?"),
    ]
    assert '6-4, naïve "great"' in [label for _, _, label in tiers["interviewee"]]
    assert labelled(tiers["overlap"]) == [(5.6, 6.0, "SPEAKER_00+SPEAKER_01")]
    assert labelled(tiers["vad"]) == [(0.4, 2.1, "speech"), (2.3, 6.9, "speech"), (7.2, 9.4, "speech")]
    assert labelled(tiers["diarization"])[1] == (2.3, 5.6, "SPEAKER_01")


def test_word_tiers(tmp_path: Path) -> None:
    found, _ = cut()
    write_words(tmp_path / "a.TextGrid", found, LENGTH)
    tiers = read(tmp_path / "a.TextGrid")
    assert tuple(tiers) == WORD_TIERS
    for tier in tiers.values():
        assert_whole(tier)
    expected = [(word.start / 1000, word.end / 1000, word.word) for row in found for word in row.words]
    assert sorted(labelled(tiers["interviewee - words"]) + labelled(tiers["interviewer - words"])) == sorted(expected)
    assert len(labelled(tiers["interviewer - phones"])) == 10


def test_all_four_tiers_without_a_word(tmp_path: Path) -> None:
    write_words(tmp_path / "a.TextGrid", [], LENGTH)
    assert read(tmp_path / "a.TextGrid") == {name: [(0, LENGTH / 1000, "")] for name in WORD_TIERS}


def test_long_format_and_quotes_are_escaped(tmp_path: Path) -> None:
    found, _ = cut()
    write_words(tmp_path / "a.TextGrid", found, LENGTH)
    text = (tmp_path / "a.TextGrid").read_bytes().decode("utf-8")
    assert text.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0 \nxmax = 10.012 \n')
    assert 'text = """great"""' in text
    assert "\r" not in text


def test_regions_that_leave_the_recording_or_touch(tmp_path: Path) -> None:
    regions = (Overlap(-1.0, 0.5, ("SPEAKER_00", "SPEAKER_01")), Overlap(0.5, 11.0, ("SPEAKER_01", "SPEAKER_02")))
    turns = (Turn(0.0, 1.0, "SPEAKER_00"), Turn(0.9996, 2.0, "SPEAKER_01"), Turn(2.0, 2.0001, "SPEAKER_00"))
    diarization = Diarization((), turns, regions, (Span(9.0, 10.0126),), ())
    write_segments(tmp_path / "a.TextGrid", [], diarization, LENGTH)
    tiers = read(tmp_path / "a.TextGrid")
    assert [interval[:2] for interval in tiers["overlap"]] == [(0, 0.5), (0.5, 10.012)]
    assert labelled(tiers["diarization"]) == [(0, 1, "SPEAKER_00"), (1, 2, "SPEAKER_01")]
    assert labelled(tiers["vad"]) == [(9, 10.012, "speech")]


PRAAT = """form Read
  sentence name x
endform
Read from file: name$
tiers = Get number of tiers
for tier to tiers
  label$ = Get tier name: tier
  intervals = Get number of intervals: tier
  text$ = Get label of interval: tier, 2
  appendInfoLine: label$, "|", intervals, "|", text$
endfor
"""


@pytest.mark.skipif(shutil.which("praat") is None, reason="Praat is not installed")
def test_praat_opens_them(tmp_path: Path) -> None:
    utterances = tuple(Utterance(at, at + 0.3, name, (made.word(at, at + 0.3, text),)) for at, name, text in ODD)
    found, diarization = cut(Alignment("en", utterances))
    write_segments(tmp_path / "s.TextGrid", found, diarization, LENGTH)
    write_words(tmp_path / "w.TextGrid", found, LENGTH)
    (tmp_path / "read.praat").write_text(PRAAT)
    for name in ("s.TextGrid", "w.TextGrid"):
        done = subprocess.run(
            ["praat", "--run", str(tmp_path / "read.praat"), str(tmp_path / name)],
            capture_output=True,
            check=True,
            timeout=60,
        )
        written = read(tmp_path / name)
        lines = [f"{tier}|{len(intervals)}|{intervals[1][2]}" for tier, intervals in written.items()]
        assert done.stdout.decode("utf-8").splitlines() == lines
