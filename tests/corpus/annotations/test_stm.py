"""STM and CTM as corpora and recognisers write them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations.sources import LabelledSpan
from imigue_build.corpus.annotations.transcripts import read_transcript
from imigue_build.corpus.annotations.turns import read_turns


def segments(path: Path, content: str) -> tuple[list[LabelledSpan], list[str]]:
    path.write_text(content, encoding="utf-8")
    found = read_transcript(path, "0001")
    return [segment for segment, _ in found.segments], list(found.warnings)


@pytest.mark.parametrize(
    ("line", "segment"),
    [
        ("0001 1 anna 1.5 3 <o,f0,male> hello there", LabelledSpan(1.5, 3, "hello there", "anna")),
        ("0001 1 anna 1.5 3 <o, f0, male> hello there", LabelledSpan(1.5, 3, "hello there", "anna")),
        ("0001 1 anna 1.5 3 <NA> hello there", LabelledSpan(1.5, 3, "hello there", "anna")),
        ("0001 1 anna 1.5 3 <F0_M> hello there", LabelledSpan(1.5, 3, "hello there", "anna")),
        ("0001 1 anna 1.5 3 <unk> hello there", LabelledSpan(1.5, 3, "<unk> hello there", "anna")),
        ("0001 1 anna 1.5 3 6 4 in the first", LabelledSpan(1.5, 3, "6 4 in the first", "anna")),
        ("0001 1 anna 1.5e0 3E+0 hello", LabelledSpan(1.5, 3, "hello", "anna")),
        ("0001 1 Anna Maria 1.5 3 hello there", LabelledSpan(1.5, 3, "hello there", "Anna Maria")),
        ("0001 1 Speaker 1 1.5 3 <o,f0,male> hello there", LabelledSpan(1.5, 3, "hello there", "Speaker 1")),
    ],
)
def test_the_fields_of_a_line(tmp_path: Path, line: str, segment: LabelledSpan) -> None:
    assert segments(tmp_path / "0001.stm", line) == ([segment], [])


def test_what_corpora_write_that_is_no_word(tmp_path: Path) -> None:
    text = "hello(2) %hesitation 7-6(5) <unk> [laughter] (%uh) ++breath++ [laughter-yes]"
    found, warnings = segments(tmp_path / "0001.stm", f"0001 1 anna 1 3 <o,f0,male> {text}")
    assert found[0].text == "hello [hesitation] 7-6(5) <unk> [laughter] uh [breath] [laughter] yes"
    assert warnings == []


def test_what_is_not_to_be_scored_is_no_text_and_no_turn(tmp_path: Path) -> None:
    content = (
        "0001 1 inter_segment_gap 0 1 <o,,> ignore_time_segment_in_scoring\n"
        "0001 1 anna 1 3 <o,f0,female> hello\n"
        "0001 1 ben 3 5 <o,f0,male> ignore_time_segment_in_scoring\n"
        "0001 1 inter_segment_gap 5 6 <o,,>\n"
    )
    found, warnings = segments(tmp_path / "0001.stm", content)
    assert [segment.text for segment in found] == ["hello"]
    assert warnings == [
        "0001.stm: 1 of 2 segments have no text and no turn (ignore_time_segment_in_scoring)",
    ]
    assert [(turn.start, turn.end) for turn in read_turns(tmp_path / "0001.stm", "0001", 10.0).turns] == [(1.0, 3.0)]


def test_the_first_of_alternatives_counts(tmp_path: Path) -> None:
    found, warnings = segments(tmp_path / "0001.stm", "0001 1 anna 1 3 { gonna / going to } win { uh / @ }")
    assert found[0].text == "gonna win uh"
    assert warnings == [
        "0001.stm: of 'gonna / going to' the first is taken",
        "0001.stm: of 'uh / @' the first is taken",
    ]


def test_names_that_may_end_in_numbers_are_refused(tmp_path: Path) -> None:
    content = "0001 1 Speaker 1 1.5 3 hello\n0001 1 Speaker 2 3.5 4 there\n"
    with pytest.raises(AnnotationError, match="three numbers follow the speaker"):
        segments(tmp_path / "0001.stm", content)


def test_a_segment_that_ends_before_it_begins_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="line 1: 3 to 1 ends before it begins"):
        segments(tmp_path / "0001.stm", "0001 1 anna 3 1 hello\n")


def test_a_ctm_with_types_speakers_and_alternatives(tmp_path: Path) -> None:
    content = """;; comment
0001 1 0.5 0.2 hello(2) 0.9 lex anna
0001 1 * * <ALT_BEGIN>
0001 1 1.0 0.2 gonna
0001 1 * * <ALT>
0001 1 1.0 0.1 going
0001 1 1.1 0.1 to
0001 1 * * <ALT_END>
0001 1 2.0 0.2 <eps> 1.0
0001 1 2.5 0.2 sil NA
0001 1 3.0 0.2 %hesitation NA lex ben
0001 1 3.5 0.2 cough 0.9 noise ben
"""
    found, warnings = segments(tmp_path / "0001.ctm", content)
    assert [(word.speaker, word.text, word.confidence) for word in found] == [
        ("anna", "hello", 0.9),
        (None, "gonna", None),
        ("ben", "[hesitation]", None),
    ]
    assert warnings == [
        "0001.ctm: left out: 3 words (noise, or a second alternative): going, to, cough",
    ]


@pytest.mark.parametrize(
    ("written", "confidence"), [("0.5", 0.5), ("1", 1.0), ("NA", None), ("-", None), ("nan", None)]
)
def test_the_confidences_of_a_ctm(tmp_path: Path, written: str, confidence: float | None) -> None:
    found, _ = segments(tmp_path / "0001.ctm", f"0001\tA\t0.5\t2e-1\thello\t{written}\n")
    assert [(word.start, word.end, word.confidence) for word in found] == [(0.5, 0.7, confidence)]


TOKENS = st.sampled_from(
    [
        "hello",
        "hello(2)",
        "6",
        "4",
        "%hesitation",
        "%uh",
        "<unk>",
        "[laughter]",
        "{LG}",
        "sil",
        "++um++",
        "/",
        "{",
        "}",
        "@",
    ]
)
SPEAKERS = st.sampled_from(["anna", "Anna Maria", "Speaker 1", "inter_segment_gap", "<NA>"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(SPEAKERS, st.lists(TOKENS, min_size=1, max_size=6)), min_size=1, max_size=4))
def test_every_letter_of_an_stm_is_in_the_transcript_or_in_a_warning(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str]]]
) -> None:
    lines = [f"0001 1 {who} {n} {n + 1} <o,f0,male> {' '.join(text)}" for n, (who, text) in enumerate(rows)]
    found, warnings = segments(tmp_path_factory.mktemp("stm") / "0001.stm", "\n".join(lines))
    read = letters(" ".join((*(segment.text for segment in found), *warnings)))
    assert not letters(" ".join(word for _, text in rows for word in text)) - read


def letters(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]", text))


ctm_words = st.sampled_from(
    ["so", "(%hesitation)", "[laughter]", "@", "a(2)", "++um++", "<sil>", "Jane:", "x'y", "é", "it;"]
)
ctm_ends = st.sampled_from(["", " 0.5", " NA lex A", " 0.5 noise B", " NA non-speech <NA>"])


@given(st.lists(st.tuples(ctm_words, ctm_ends, st.booleans()), max_size=8))
def test_every_word_of_a_ctm_is_in_the_transcript_or_in_a_warning(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, bool]]
) -> None:
    lines: list[str] = []
    due: Counter[str] = Counter()
    for at, (word, end, two) in enumerate(rows):
        marked = f"{word}q{at}q" if word not in ("@", "<sil>") else word
        spoken = [marked, f"other{at}q"] if two else [marked]
        due.update(re.findall(r"\w+q\d+q|\w+\d+q", " ".join(spoken)))
        own = [f"0001 1 {at} 0.5 {text}{end}" for text in spoken]
        mark = f"0001 1 {at} 0.5 "
        lines += [f"{mark}<ALT_BEGIN>", own[0], f"{mark}<ALT>", own[1], f"{mark}<ALT_END>"] if two else own
    found, warnings = segments(tmp_path_factory.mktemp("ctm") / "0001.ctm", "\n".join(lines))
    taken = " ".join(segment.text for segment in found) + " ".join(warnings)
    assert [word for word in due if word not in taken] == []
