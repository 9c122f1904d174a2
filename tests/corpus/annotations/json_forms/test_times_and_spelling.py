"""Words without usable times, pieces of words, and text that differs from its timed words: nothing is lost."""

from __future__ import annotations

import json
import math
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations.marks import is_silence
from imigue_build.corpus.annotations.sources import GivenText
from imigue_build.corpus.annotations.transcripts import read_transcript


def read(folder: Path, content: object) -> GivenText:
    path = folder / "0001.json"
    path.write_text(json.dumps(content))
    return read_transcript(path, "0001")


def words(found: GivenText) -> list[tuple[float, float, str]]:
    spans = [span for segment, own in found.segments for span in (own or [segment])]
    return [(round(span.start, 3), round(span.end, 3), span.text.strip()) for span in spans]


def texts(found: GivenText) -> list[str]:
    return [text for _, _, text in words(found)]


def speakers(found: GivenText) -> list[str]:
    return [span.speaker or "" for segment, own in found.segments for span in (own or [segment])]


def word(text: str, start: Any = 0.0, end: Any = 0.5, **more: object) -> dict[str, object]:
    return {"word": text, "start": start, "end": end, **more}


BEFORE, AFTER = word("we", 1.0, 1.5), word("won", 2.5, 3.0)


def test_contracted_words_and_punctuation_apart_join_the_word_before(tmp_path: Path) -> None:
    pieces = ["don", "'t", "you", "?", "today", "\u2019s", "sun", "'cause", "(", "no", ")", "."]
    found = read(tmp_path, {"words": [word(text, at, at + (text not in "?.)")) for at, text in enumerate(pieces)]})
    assert texts(found) == ["don't", "you?", "today\u2019s", "sun", "'cause", "(", "no)."]
    assert not found.warnings


def test_tokens_with_blanks_between_words(tmp_path: Path) -> None:
    tokens = [
        {"text": text, "start_ms": 100 * at, "end_ms": 100 * at + 90}
        for at, text in enumerate(("So", " pub", "lic", " talk", "."))
    ]
    assert texts(read(tmp_path, {"tokens": tokens})) == ["So", "public", "talk."]


def test_a_placeholder_is_no_speaker(tmp_path: Path) -> None:
    rows = [
        {"start": at, "end": at + 1, "text": "so it was", "speaker": name} for at, name in enumerate(("A", "UNKNOWN"))
    ]
    assert speakers(read(tmp_path, {"segments": rows})) == ["A", ""]


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"start": None, "end": None},
        {"start": math.nan, "end": math.nan},
        {"start": 2.0},
        {"start": -1.0, "end": 2.0},
        {"start": 2.0, "end": math.inf},
        {"start": 2.02, "end": 2.0},
        {"start": 2.0, "end": 2.0},
        {"start": True, "end": 2},
        {"start": "soon", "end": "later"},
        {"start": [], "end": {}},
    ],
)
def test_a_word_without_usable_times_is_between_its_neighbours(times: dict[str, object], tmp_path: Path) -> None:
    for content in (
        {"words": [BEFORE, {"word": "both", **times}, AFTER]},
        {"segments": [{"start": 1.0, "end": 3.0, "words": [BEFORE, {"word": "both", **times}, AFTER]}]},
        {"segments": [{"text": "we both won", "words": [BEFORE, {"word": "both", **times}, AFTER]}]},
    ):
        found = read(tmp_path, content)
        assert words(found) == [(1.0, 1.5, "we"), (1.5, 2.5, "both"), (2.5, 3.0, "won")]
        assert found.warnings == ("1 of 3 words has no usable times: placed between the neighbours",)


def test_words_without_times_at_the_edges_stay_in_their_segment(tmp_path: Path) -> None:
    rows = [
        {"start": 1.0, "end": 4.0, "words": [{"word": "7"}, {"word": "6"}, word("won", 2.0, 3.0), {"word": "2."}]},
        {"start": 8.0, "end": 9.0, "words": [word("Yes", 8.0, 9.0)]},
    ]
    found = read(tmp_path, {"segments": rows})
    assert words(found) == [(1.0, 2.0, "7 6"), (2.0, 3.0, "won"), (3.0, 4.0, "2."), (8.0, 9.0, "Yes")]
    assert [[span.timed for span in own] for _, own in found.segments] == [[False, True, False], [True]]
    assert [(segment.start, segment.end) for segment, _ in found.segments] == [(1.0, 4.0), (8.0, 9.0)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([word("we", 1, 2), word("both", 2, 2), word("won", 2, 3)], (1.5, 2, "both")),
        ([word("we", 1, 2), word("won", 2, 3), word("both", 3, 3)], (2.5, 3, "both")),
        ([word("both", 1, 1), word("we", 1, 2), word("won", 2, 3)], (1, 1.5, "both")),
    ],
)
def test_a_word_that_has_no_gap_shares_the_time_of_a_neighbour(
    rows: list[dict[str, object]], expected: tuple[float, float, str], tmp_path: Path
) -> None:
    after = {"start": 3, "end": 4, "words": [word("Yes", 3, 4)]}
    assert expected in words(read(tmp_path, {"segments": [{"start": 1, "end": 3, "words": rows}, after]}))


def test_a_word_of_an_interrupted_segment_stays_in_it(tmp_path: Path) -> None:
    rows = [
        {"start": 0, "end": 9, "speaker": "A", "words": [word("well", 0, 9)]},
        {"start": 3, "end": 4, "speaker": "B", "words": [{"word": "7"}, word("yes", 3.5, 4)]},
    ]
    assert words(read(tmp_path, {"segments": rows})) == [(0, 9, "well"), (3, 3.5, "7"), (3.5, 4, "yes")]


def test_a_word_without_times_and_speaker_has_that_of_both_neighbours(tmp_path: Path) -> None:
    rows = [word("Unit", 1, 2, speaker="A"), {"word": "1."}, word("Page", 3, 4, speaker="A"), {"word": "58."}]
    found = read(tmp_path, {"words": [*rows, word("Yes?", 5, 6, speaker="B")]})
    assert speakers(found) == ["A", "A", "A", "", "B"]


def test_a_segment_without_times_is_between_its_neighbours(tmp_path: Path) -> None:
    rows = [
        {"start": 1, "end": 2, "text": "Yes."},
        {"start": None, "end": None, "text": "We won.", "words": None},
        {"start": 4, "end": 5, "text": "Thanks."},
    ]
    found = read(tmp_path, {"segments": rows})
    assert words(found) == [(1, 2, "Yes."), (2, 4, "We won."), (4, 5, "Thanks.")]
    assert found.warnings == ("1 of 3 segments has no usable times: placed between the neighbours",)


def test_a_file_without_any_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"none of its 2 words.*without times as \.txt"):
        read(tmp_path, {"segments": [{"text": "We won."}, {"text": "Yes.", "words": [{"word": "Yes."}]}]})


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("It's today's 6-4 set.", ["It", "'s", "today", "'s", "6", "-4", "set."], ["It's", "today's", "6-4", "set."]),
        ("", [" It", "'s", " 6", "-4", "."], ["It's", "6-4."]),
        ("", ["It's", "a", "set"], ["It's", "a", "set"]),
        ("", ["Hello", " there", "again"], ["Hello", "there", "again"]),
        ("$20, “please”!", ["20", "please"], ["$20,", "“please”!"]),
        ("Well - yes.", ["Well", "yes"], ["Well -", "yes."]),
        ("in New York now", ["in", "New York", "now"], ["in", "New York", "now"]),
        ("我是你", ["我", "是", "你"], ["我", "是", "你"]),
        ("สวัสดีครับ", ["สวัสดี", "ครับ"], ["สวัสดี", "ครับ"]),
        ("ÉTÉ, İpek", ["été", "ipek"], ["ÉTÉ,", "İpek"]),
    ],
)
def test_pieces_join_as_the_text_spells_them(text: str, pieces: list[str], expected: list[str], tmp_path: Path) -> None:
    rows = [word(piece, index, index + 1) for index, piece in enumerate(pieces)]
    found = read(tmp_path, {"segments": [{"start": 0, "end": 99, "text": text, "words": rows}]})
    assert texts(found) == expected
    assert found.warnings == ()
    apart = read(tmp_path, {"words": rows, **({"segments": [{"start": 0, "end": 99, "text": text}]} if text else {})})
    assert words(apart) == words(found)


def test_text_that_its_timed_words_lack_is_placed_and_words_that_it_lacks_are_kept(tmp_path: Path) -> None:
    rows = [word("we", 1, 2), word("had", 2, 3), word("twenty", 3, 4), word("wins", 4, 5), word("really", 5, 6)]
    found = read(tmp_path, {"words": rows, "segments": [{"start": 0, "end": 9, "text": "So, we had 20 wins."}]})
    assert words(found) == [(0, 1, "So,"), (1, 2, "we"), (2, 3, "had"), (3, 4, "20"), (4, 5, "wins."), (5, 6, "really")]
    assert found.warnings == (
        "the text of its segments counts where its timed words differ: 'twenty' left out",
        "1 of 6 words has no usable times: placed between the neighbours",
    )


# --- nothing is lost

LETTERS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z", "M", "S")), max_size=8)
MOMENT = st.one_of(
    st.none(), st.floats(0, 60), st.floats(), st.integers(-5, 60), st.booleans(), st.sampled_from(["1.5", "x", ""])
)
ROW = st.fixed_dictionaries({"start": MOMENT, "end": MOMENT})
PIECE = st.builds(lambda row, text: {**row, "word": text}, ROW, LETTERS)
SEGMENT = st.builds(
    lambda row, text, pieces: {**row, "text": text, "words": pieces},
    ROW,
    st.lists(LETTERS, max_size=5).map(" ".join),
    st.one_of(st.none(), st.lists(PIECE, max_size=6)),
)
SPELLED = st.builds(
    lambda row, pieces, blanks: {
        **row,
        "text": "".join(
            piece["word"] + blank for piece, blank in zip(pieces, blanks + [" "] * len(pieces), strict=False)
        ),
        "words": pieces,
    },
    ROW,
    st.lists(PIECE, max_size=6),
    st.lists(st.sampled_from(["", " "]), max_size=6),
)


def letters(*shown: str) -> Counter[str]:
    normal = (unicodedata.normalize("NFKD", text.casefold()) for text in shown)
    return Counter(letter for text in normal for letter in text if letter.isalnum())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segments=st.lists(st.one_of(SEGMENT, SPELLED), min_size=1, max_size=5))
def test_every_letter_of_every_segment_is_in_the_transcript(tmp_path: Path, segments: list[dict[str, Any]]) -> None:
    segments.append({"start": 70, "end": 71, "text": "end"})  # a file without any time is refused
    found = read(tmp_path, {"segments": segments})
    due = letters(*(segment["text"] for segment in segments))
    assert not due - letters(*texts(found), *speakers(found))
    assert all(start <= end for start, end, _ in words(found))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segments=st.lists(st.one_of(SEGMENT, SPELLED), max_size=4), pieces=st.lists(PIECE, max_size=8))
def test_every_letter_is_in_the_transcript_where_words_are_apart(
    tmp_path: Path, segments: list[dict[str, Any]], pieces: list[dict[str, Any]]
) -> None:
    rows = [{**segment, "words": None} for segment in segments]
    found = read(tmp_path, {"segments": rows, "words": [*pieces, word("end", 70, 71)]})
    due = (
        letters(*(row["text"] for row in rows))
        if rows
        else letters(*(piece["word"] for piece in pieces if not is_silence(piece["word"])))
    )
    assert not due - letters(*texts(found), *speakers(found))
