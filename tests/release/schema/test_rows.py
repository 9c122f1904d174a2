"""Rows of the manifest: what is written is read, and what cannot be a row is refused in a few words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.rows import (
    DroppedSegment,
    Segment,
    Word,
    dropped_line,
    parse_dropped,
    parse_segment,
    segment_line,
)
from imigue_build.release.schema.rows import parse_id as id_of
from tests.release.tiny_release import ROWS

TOKENS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=5)
SPANS = st.tuples(st.integers(0, 9_999_000), st.integers(10, 900)).map(lambda span: (span[0], sum(span)))
WORDS = st.builds(
    lambda word, span, aligned, confidence: Word(word, span[0] / 1000, span[1] / 1000, aligned, confidence),
    *(TOKENS, SPANS, st.booleans(), st.none() | st.floats(0, 1)),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(words=st.lists(WORDS, max_size=4), span=SPANS, overlap=st.none() | st.integers(0, 30_000))
def test_what_is_written_is_read(words: list[Word], span: tuple[int, int], overlap: int | None) -> None:
    segment = Segment(
        *("0440", "interviewee", "segment_001", "SPEAKER_00", span[0] / 1000, span[1] / 1000),
        *("0440/interviewee/segment_001.wav", " ".join(word.word for word in words), "asr", tuple(words)),
        overlap_s=None if overlap is None else overlap / 1000,
        alignment={"fit": -0.25},
        flags=("poor_fit",),
    )
    line = segment_line(segment)
    assert line.count(b"\n") == 1 and parse_segment(line) == segment


def test_times_have_three_decimals() -> None:
    word = Word("a", 6.0, 6.25, True)
    segment = Segment("1", "interviewer", None, "SPEAKER_00", 6.0, 7.5, None, "a", "a", (word,), overlap_s=0.0)
    line = segment_line(segment).decode()
    assert '"start":6.000,"end":7.500,"clip":null' in line and '"overlap_s":0.000' in line
    assert '{"word":"a","start":6.000,"end":6.250,"aligned":true,"confidence":null}' in line


def test_keys_of_a_later_version_are_passed_over() -> None:
    later = ROWS[1] | {"emotion": {"valence": 1}}
    later["words"] = [word | {"phones": []} for word in later["words"]]
    assert parse_segment(json.dumps(later).encode()) == parse_segment(json.dumps(ROWS[1]).encode())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"video_id": "../etc"}, "no id of an interview"),
        ({"video_id": "0001\n"}, "no id of an interview"),
        ({"speaker": "Anna; rm -rf"}, "no id of a speaker"),
        ({"segment_id": "segment_1"}, "no id of a segment"),
        ({"clip": "0002/interviewee/segment_001.wav"}, "its clip is"),
        ({"clip": "/etc/passwd"}, "its clip is"),
        ({"clip": None}, "its clip is"),
        ({"role": "judge"}, "role"),
        ({"start": 4.0}, "no stretch of time"),
        ({"start": -1.0}, "start"),
        ({"end": 1e300}, "end"),
        ({"words": [{"word": "a b", "start": 2.0, "end": 3.0, "aligned": True}]}, "no word"),
        ({"words": [{"word": "a\u2028b", "start": 2.0, "end": 3.0, "aligned": True}]}, "no word"),
        ({"words": [{"word": "", "start": 2.0, "end": 3.0, "aligned": True}]}, "no word"),
        ({"words": [{"word": "a", "start": 3.0, "end": 3.0, "aligned": True}]}, "no stretch of time"),
        ({"words": [{"word": "a", "start": 2.0, "end": 3.0, "aligned": True, "confidence": 2}]}, "confidence"),
        ({"raw": None}, "raw"),
        ({"raw": "a\nb"}, "no.* text on one line"),
        ({"asr": "a\x1b[2Jb"}, "no.* text on one line"),
        ({"language": "e\rn"}, "no.* text on one line"),
        ({"flags": ["\x9b"]}, "no.* text on one line"),
    ],
)
def test_what_is_no_row(change: dict[str, Any], why: str) -> None:
    with pytest.raises(FormatError, match=why) as caught:
        parse_segment(json.dumps(ROWS[1] | change).encode())
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("line", [b"", b"\n", b"{", b"[]", b"[" * 200_000, b"\xff", b"\0", b'{"video_id": 1}', b"{}"])
def test_what_is_no_json_of_a_row(line: bytes) -> None:
    for parse in (parse_segment, parse_dropped, id_of):
        with pytest.raises(FormatError):
            parse(line)


def test_dropped_rows_are_read_as_written() -> None:
    dropped = DroppedSegment("0440", "interviewee", "SPEAKER_00", 1.5, 2.0, "Well", "snr_db 3 < 10; flag poor_fit")
    assert parse_dropped(dropped_line(dropped)) == dropped
    with pytest.raises(FormatError, match="no id"):
        parse_dropped(dropped_line(DroppedSegment("../1", "interviewee", "SPEAKER_00", 1.5, 2.0, "Well", "x")))
