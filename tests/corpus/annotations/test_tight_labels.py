"""Labels, times and numbers of lines without a blank after them: only where the whole text has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.corpus.annotations.captions import read
from imigue_build.corpus.annotations.plain import read_tokens
from imigue_build.corpus.annotations.tight_labels import separated, without_numbers

DUE = [("Jane", "So?"), ("Max", "Well: yes."), ("Jane", "And?"), ("Max", "No.")]


def said(tmp_path: Path, text: str) -> list[tuple[str | None, str]]:
    path = tmp_path / "0001.txt"
    path.write_text(text, encoding="utf-8")
    return [(token.speaker, token.word) for token in read_tokens(path)]


@pytest.mark.parametrize(
    "line",
    [
        "{}:{}",
        "{}\uff1a{}",
        "{}\u2014{}",
        ">> {}:{}",
        "- {}:{}",
        "{}: {}",
        "{{{}}} {}",
        "{}(0:05): {}",
        "{}[00:00:05] {}",
        "@{}: {}",
        "*{}:\t{}",
        "{} -- {}",
        "[9:05 AM] {}: {}",
        "[0:05] **{}:** {}",
    ],
)
def test_labels_without_a_blank_are_labels(tmp_path: Path, line: str) -> None:
    found = said(tmp_path, "\n".join(line.format(*row) for row in DUE))
    assert found == [(name, word) for name, text in DUE for word in text.split()]


def test_labels_in_cues_are_found_too(tmp_path: Path) -> None:
    cue = "00:00:0{}.000 --> 00:00:0{}.000\n{}:{}\n\n"
    path = tmp_path / "0001.srt"
    path.write_text("".join(cue.format(at, at + 1, *row) for at, row in enumerate(DUE)))
    assert [(segment.speaker, segment.text) for segment, _ in read(path).segments] == DUE


def test_names_in_capitals_before_a_point_are_labels(tmp_path: Path) -> None:
    lines = ["Mr. JONES. So?", "JANE DOE. Well.", "Mr. JONES. And?", "JANE DOE. No. So."]
    names = ["Mr. JONES", "JANE DOE", "Mr. JONES", "JANE DOE", "JANE DOE"]
    assert [name for name, _ in said(tmp_path, "\n".join(lines))] == names


def test_numbers_of_lines_are_no_words(tmp_path: Path) -> None:
    text = "1   Q. So how\n2   was it?\n3   A. Well:\n4\n1   yes, 2 hours.\n"
    assert " ".join(word for _, word in said(tmp_path, text)) == "So how was it? Well: yes, 2 hours."


@pytest.mark.parametrize(
    "lines",
    [
        ["1", "2", "3", "4"],
        ["10 times", "we won", "2 more", "3 more"],
        ["Note:this", "is it", "Jane:so", "and", "re:that", "so"],
        ["http://example.org", "Http://example.org", "10:30", "NO\u2014NO", "so", "and"],
        ["6:4 we won", "so", "7:5 and", "no"],
    ],
)
def test_other_lines_stay_as_they_are(lines: list[str]) -> None:
    assert separated(without_numbers(lines)) == lines


parts = st.sampled_from(["Jane:", "Max:", "so", "0:05", "1 ", "2. ", "\u2014", " ", "\uff1a", "No", "-", ">>", "\t"])


@given(st.lists(st.lists(parts, max_size=5).map("".join), max_size=8))
def test_no_letter_is_lost(lines: list[str]) -> None:
    letters = [[char for char in line if char.isalpha()] for line in lines]
    assert [[char for char in line if char.isalpha()] for line in separated(without_numbers(lines))] == letters
