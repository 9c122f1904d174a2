"""ELAN's annotation documents: times, speakers, annotations that hang on others, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations import read_turns
from imigue_build.corpus.annotations.sources import GivenText
from imigue_build.corpus.annotations.transcripts import read_transcript

Read = Callable[[str], GivenText]

TYPES = """<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="free" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="parts" CONSTRAINTS="Time_Subdivision" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="tokens" CONSTRAINTS="Symbolic_Subdivision"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="other" CONSTRAINTS="Symbolic_Association"/>"""


def document(times: dict[str, int | None], *tiers: str, head: str = "", units: str = "milliseconds") -> str:
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + ("" if time is None else f' TIME_VALUE="{time}"') + "/>"
        for name, time in times.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="{units}"/>'
        f"<TIME_ORDER>{slots}</TIME_ORDER>{''.join(tiers)}{TYPES}</ANNOTATION_DOCUMENT>"
    )


def tier(name: str, *labels: tuple[str, str, str, str], kind: str = "free", more: str = "") -> str:
    """A tier of annotations: id, two slots, text; with an empty second slot, the first names the parent."""
    rows = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{own}" TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}">'
        f"<ANNOTATION_VALUE>{escape(text)}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
        if last
        else f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{own}" ANNOTATION_REF="{first}">'
        f"<ANNOTATION_VALUE>{escape(text)}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        for own, first, last, text in labels
    )
    return f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="{kind}" {more}>{rows}</TIER>'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "0001.eaf"


@pytest.fixture
def read(path: Path) -> Read:
    def from_text(text: str) -> GivenText:
        path.write_text(text, encoding="utf-8")
        return read_transcript(path, "0001")

    return from_text


def rows(found: GivenText) -> list[tuple[float, float, str | None, str]]:
    return [
        (span.start, span.end, span.speaker, span.text)
        for segment, words in found.segments
        for span in words or [segment]
    ]


TIMES: dict[str, int | None] = {"t1": 500, "t2": 3100, "t3": 3600, "t4": 5500}
ASKED = tier("ref@K", ("a1", "t1", "t2", "so how\n was <it> & so"), more='PARTICIPANT="Jane Doe"')
TOLD = tier("W-Spch", ("a2", "t3", "t4", "it was fine"))


def test_tiers_are_of_their_participants_or_of_their_names(read: Read, path: Path) -> None:
    found = read(document(TIMES, ASKED, TOLD, tier("empty")))
    assert rows(found) == [(0.5, 3.1, "Jane Doe", "so how was <it> & so"), (3.6, 5.5, "W-Spch", "it was fine")]
    turns = read_turns(path, "0001", 10.0).turns
    assert [(turn.start, turn.end, turn.speaker) for turn in turns] == [
        (0.5, 3.1, "SPEAKER_00"),
        (3.6, 5.5, "SPEAKER_01"),
    ]


def test_what_says_a_text_in_other_words_is_left_out_with_a_warning(read: Read) -> None:
    more = 'PARENT_REF="W-Spch"'
    other = tier("W-English", ("a3", "a2", "", "C'était bien"), kind="other", more=more)
    tokens = tier("W-tokens", ("a4", "a2", "", "it"), ("a5", "a2", "", "was"), kind="tokens", more=more)
    found = read(document(TIMES, TOLD, other, tokens))
    assert rows(found) == [(3.6, 5.5, "W-Spch", "it was fine")]
    assert ["W-English" in warning for warning in found.warnings] == [True, False]


def test_texts_that_hang_on_numbers_have_their_times(read: Read) -> None:
    numbers = tier("ref", ("a1", "t1", "t2", "1"), ("a2", "t3", "t4", "2"))
    text = tier("tx@Anna", ("a3", "a1", "", "so"), ("a4", "a2", "", "fine"), kind="other", more='PARENT_REF="ref"')
    assert [row[:2] + row[3:] for row in rows(read(document(TIMES, text, numbers))) if row[3].isalpha()] == [
        (0.5, 3.1, "so"),
        (3.6, 5.5, "fine"),
    ]


def test_slots_without_times_share_the_time_between_their_neighbours(read: Read) -> None:
    labels = [("a1", "t1", "u1", "so"), ("a2", "u1", "u2", "how"), ("a3", "u2", "t2", "now")]
    times: dict[str, int | None] = {"t1": 1000, "u1": None, "u2": None, "t2": 4000}
    assert [row[:2] for row in rows(read(document(times, tier("Anna", *labels))))] == [(1, 2), (2, 3), (3, 4)]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no element found"),
        ("<html><body/></html>", "it begins with html"),
        (document(TIMES, ASKED)[:-30], "not a valid ELAN file"),
        (document(TIMES, ASKED, head=BOMB), "it has a document type"),
        (document(TIMES, ASKED, head='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "it has a document type"),
        (document(TIMES), "it has no tier"),
        (document(TIMES, ASKED, units="PAL-frames"), "its times are PAL-frames"),
        (document({**TIMES, "t1": None}, ASKED), "'a1' has no time"),
        (document({**TIMES, "t1": -5}, ASKED), "'-5' is not a time in milliseconds"),
        (document({**TIMES, "t1": 5000}, ASKED), "ends before it begins"),
        (document(TIMES, tier("x", ("a1", "a9", "", "so"))), "hangs on 'a9', which is not there"),
        (document(TIMES, tier("x", more='PARENT_REF="y"'), tier("y", more='PARENT_REF="x"')), "hangs on itself"),
        ("<ANNOTATION_DOCUMENT>" + "<x>" * 50, "too deep"),
        ('<?xml version="1.0" encoding="nonsense"?><x/>', "not a valid ELAN file"),
    ],
)
def test_what_is_wrong_is_said(read: Read, text: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        read(text)


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Co", "Cn")), min_size=1, max_size=10)


@given(st.lists(texts, min_size=1, max_size=6))
def test_every_letter_is_in_the_transcript(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> None:
    times: dict[str, int | None] = {f"t{at}": 1000 * at for at in range(len(said) + 1)}
    labels = [(f"a{at}", f"t{at}", f"t{at + 1}", f"so we {text} x") for at, text in enumerate(said)]
    path = tmp_path_factory.mktemp("elan") / "0001.eaf"
    path.write_text(document(times, tier("Anna", *labels)), encoding="utf-8")
    taken = "".join(row[3] for row in rows(read_transcript(path, "0001")))
    due = "".join(label[3] for label in labels)
    assert [char for char in taken if char.isalpha()] == [char for char in due if char.isalpha()]
