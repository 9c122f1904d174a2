"""RTTM files by their fields, as tools and people write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations.rttm import rttm
from imigue_build.corpus.annotations.sources import LabelledSpan
from imigue_build.corpus.annotations.turns import read_turns

Read = Callable[..., tuple[list[LabelledSpan], list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The turns in lines, and the warnings."""

    def found(*lines: str, video_id: str = "0001") -> tuple[list[LabelledSpan], list[str]]:
        path = tmp_path / "0001.rttm"
        path.write_text("\n".join(lines), encoding="utf-8")
        warnings: list[str] = []
        return rttm(path, video_id, warnings.append), warnings

    return found


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna <NA> <NA>", "anna"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna <NA>", "anna"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna", "anna"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna 0.93 <NA>", "anna"),
        ("SPEAKER\t0001\t1\t1.5\t2.0\t<NA>\t<NA>\tanna\t<NA>\t<NA>", "anna"),
        ("SPEAKER 0001 A 1.5E0 2 <NA> adult anna <NA> <NA>", "anna"),
        ("SPEAKER 0001 0 1.5 2.0 <NA> <NA> 0 <NA> <NA>", "0"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> Speaker 1 <NA> <NA>", "Speaker 1"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> Anna Maria Jones <NA> <NA>", "Anna Maria Jones"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> Anna Maria 0.93 <NA>", "Anna Maria"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> Anna Maria", "Anna Maria"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna <NA> <NA> <NA>", "anna"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna 0.93 <NA> more of it", "anna"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> Anna Maria <NA> <NA> extra 7", "Anna Maria"),
        ("SPEAKER 0001 1 1.5 2.0 <NA> <NA> anna 0.93 0.1", "anna"),
        ("speaker 0001 1   1.500   2.000 <NA> <NA> speaker_0 <NA> <NA>", "speaker_0"),
    ],
)
def test_the_fields_of_a_line(read: Read, line: str, speaker: str) -> None:
    turns, warnings = read(line)
    assert turns == [LabelledSpan(1.5, 3.5, "", speaker)]
    assert warnings == []


def test_an_id_with_blanks(read: Read) -> None:
    turns, warnings = read("SPEAKER mono 1 vocals 1 1.5 2.0 <NA> <NA> Speaker 1 <NA> <NA>")
    assert turns == [LabelledSpan(1.5, 3.5, "", "Speaker 1")]
    assert warnings == ["0001.rttm is about the recording 'mono 1 vocals': it is taken for 0001"]


def test_numbers_that_may_be_confidences_or_names_are_refused(read: Read) -> None:
    lines = [f"SPEAKER 0001 1 {n} 1 <NA> <NA> Speaker {n}" for n in (1, 2)]
    with pytest.raises(AnnotationError, match="whole numbers follow the names, as in 'Speaker 1'"):
        read(*lines)


def test_nobody_is_no_speaker(read: Read) -> None:
    turns, warnings = read("SPEAKER 0001 1 0 1 <NA> <NA> <NA> <NA> <NA>", "SPEAKER 0001 1 1 1 <NA> <NA> anna <NA> <NA>")
    assert [turn.speaker for turn in turns] == ["anna"]
    assert warnings == ["0001.rttm: 1 of 2 turns name no speaker (<NA>) and are left out"]


def test_turns_without_a_duration_are_named(read: Read) -> None:
    turns, warnings = read(*(f"SPEAKER 0001 1 {at} {lasts} <NA> <NA> anna <NA> <NA>" for at, lasts in ((0, 0), (1, 2))))
    assert [(turn.start, turn.end) for turn in turns] == [(1.0, 3.0)]
    assert warnings == ["0001.rttm: 1 of 2 turns have no duration and are left out"]


@pytest.mark.parametrize(
    ("start", "duration", "message"),
    [
        ("1,5", "2", "'1,5' is not a time in seconds: write a point for the comma"),
        ("-1.5", "2", "'-1.5' is not a time in seconds"),
        ("1.5", "-2", "'-2' is not a time in seconds"),
        ("nan", "2", "'nan' is not a time in seconds"),
        ("[1]", "2", r"'\[1\]' is not a time in seconds"),
    ],
)
def test_what_is_no_time_is_named(read: Read, start: str, duration: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=f"line 1: {message}"):
        read(f"SPEAKER 0001 1 {start} {duration} <NA> <NA> anna <NA> <NA>")


def test_times_of_a_program_that_rounds(read: Read) -> None:
    turns, _ = read("SPEAKER 0001 1 -1.4e-17 2e0 <NA> <NA> anna <NA> <NA>")
    assert [(turn.start, turn.end) for turn in turns] == [(0.0, 2.0)]


def test_turns_that_end_after_the_recording_are_cut_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "0001.rttm"
    path.write_text("SPEAKER 0001 1 1 99 <NA> <NA> anna <NA> <NA>\n")
    warnings: list[str] = []
    found = read_turns(path, "0001", 10.0, warnings.append)
    assert [(turn.start, turn.end) for turn in found.turns] == [(1.0, 10.0)]
    assert warnings == ["0001.rttm: 1 of 1 turns end after the recording, up to 100.0 s: they are cut at 10.0 s"]


def test_one_interview_under_two_names_is_refused(read: Read) -> None:
    with pytest.raises(AnnotationError, match=r"lists 0001 under several names: '0001', '0001\.wav'"):
        read(*(f"SPEAKER {name} 1 1 1 <NA> <NA> anna <NA> <NA>" for name in ("0001", "0001.wav")))


def test_lines_of_other_types_are_named(read: Read) -> None:
    turns, warnings = read(
        ";; comment",
        "SPKR-INFO 0001 1 <NA> <NA> <NA> adult_male anna <NA>",
        "SPEAKER 0001 1 1 1 <NA> <NA> anna <NA> <NA>",
        "LEXEME 0001 1 1 0.5 hello lex anna 0.9",
    )
    assert len(turns) == 1
    assert warnings == ["0001.rttm: lines that are no turns are left out: 1 of 'LEXEME'"]


@pytest.mark.parametrize("name", ["0001", "1", "0001.wav", "/data/press/0001.mp4", "C:\\press\\0001.wav"])
def test_the_interviews_own_lines_among_others(read: Read, name: str) -> None:
    turns, warnings = read(
        "SPEAKER 0001_b 1 0 1 <NA> <NA> ben <NA> <NA>",
        "SPEAKER 0002 1 0 1 <NA> <NA> cem <NA> <NA>",
        f"SPEAKER {name} 1 1 1 <NA> <NA> anna <NA> <NA>",
    )
    assert [turn.speaker for turn in turns] == ["anna"]
    assert warnings == []


def test_turns_of_another_interview_are_refused(read: Read) -> None:
    with pytest.raises(AnnotationError, match="is about the recording 0002, not 0001"):
        read("SPEAKER 0002 1 0 1 <NA> <NA> anna <NA> <NA>")


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=5), min_size=1, max_size=3
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(NAMES, NAMES, st.sampled_from(["", " <NA>", " <NA> <NA>", " 0.5 <NA>", " 0.25"]))
def test_any_names_of_letters_are_read_whole(
    tmp_path_factory: pytest.TempPathFactory, file: list[str], speaker: list[str], rest: str
) -> None:
    path = tmp_path_factory.mktemp("rttm") / "0001.rttm"
    path.write_text(f"SPEAKER {' '.join(file)} 1 0.5 2 <NA> <NA> {' '.join(speaker)}{rest}\n", encoding="utf-8")
    warnings: list[str] = []
    assert rttm(path, "0001", warnings.append) == [LabelledSpan(0.5, 2.5, "", " ".join(speaker))]
    assert " ".join(file) in warnings[0]
