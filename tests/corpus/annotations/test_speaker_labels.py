"""Speaker labels in a text: which are labels, what they name, and that no other word is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.corpus.annotations.label_forms import spaced
from imigue_build.corpus.annotations.speaker_labels import speakers_of


def said(text: str) -> list[tuple[str | None, str]]:
    """The speaker and words of each part of a text."""
    rows = speakers_of([spaced(line) for line in text.splitlines()])
    return [(piece.speaker, " ".join(piece.words)) for row in rows for piece in row]


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("Speaker 1:", "Speaker 2:", ("Speaker 1", "Speaker 2")),
        ("SPEAKER_00:", "SPEAKER_01:", ("SPEAKER_00", "SPEAKER_01")),
        ("[SPEAKER_00]:", "[SPEAKER_01]:", ("SPEAKER_00", "SPEAKER_01")),
        ("[SPEAKER_00]", "[SPEAKER_01]", ("SPEAKER_00", "SPEAKER_01")),
        ("(SPEAKER_00)", "(SPEAKER_01)", ("SPEAKER_00", "SPEAKER_01")),
        ("INTERVIEWER:", "INTERVIEWEE:", ("INTERVIEWER", "INTERVIEWEE")),
        ("Interviewer 1:", "Unknown Speaker:", ("Interviewer 1", "Unknown Speaker")),
        ("THE MODERATOR:", "RAFAEL NADAL:", ("THE MODERATOR", "RAFAEL NADAL")),
        ("MODERATOR:", "NADAL:", ("MODERATOR", "NADAL")),
        ("Jane Doe:", "Éric van de Velde:", ("Jane Doe", "Éric van de Velde")),
        ("Seán O'Neil-Smith:", "JUAN MARTIN DEL POTRO:", ("Seán O'Neil-Smith", "JUAN MARTIN DEL POTRO")),
        ("Juan Martin del Potro:", "Dr. J. Smith:", ("Juan Martin del Potro", "Dr. J. Smith")),
        ("Doe, Jane:", "Max Muster (ESPN):", ("Doe, Jane", "Max Muster (ESPN)")),
        ("Rafa:", "Éva:", ("Rafa", "Éva")),
        ("Андрей Рублёв:", "Журналист:", ("Андрей Рублёв", "Журналист")),
        ("孙杨\uff1a", "记者\uff1a", ("孙杨", "记者")),
        ("Jane Doe :", "Max Muster :", ("Jane Doe", "Max Muster")),
        (">> JANE DOE:", ">>> TOM:", ("JANE DOE", "TOM")),
        (">>JANE DOE:", ">>MAX MUSTER:", ("JANE DOE", "MAX MUSTER")),
        ("- Jane Doe:", "- Max Muster:", ("Jane Doe", "Max Muster")),
        ("**Jane Doe:**", "**Max Muster**:", ("Jane Doe", "Max Muster")),
        ("Jane Doe  0:05\n", "Speaker 2  1:02:03\n", ("Jane Doe", "Speaker 2")),
        ("Jane Doe  0:05 - 0:07\n", "Max Muster  00:07 - 00:09\n", ("Jane Doe", "Max Muster")),
        ("Speaker 1 (00:00):\n", "Jane Doe (00:07):\n", ("Speaker 1", "Jane Doe")),
        ("Jane Doe: (00:05)", "Max Muster: (00:07)", ("Jane Doe", "Max Muster")),
        ("Jane Doe [00:00:05]", "Max Muster [00:00:07]", ("Jane Doe", "Max Muster")),
        ("[Jane Doe] 10:05:33\n", "[Max Muster] 10:05:40\n", ("Jane Doe", "Max Muster")),
        ("[00:00:05] Jane Doe:", "[00:00:07.250] Max Muster:", ("Jane Doe", "Max Muster")),
        ("00:05 Jane Doe:", "00:07 Max Muster:", ("Jane Doe", "Max Muster")),
        ("JANE DOE:\n", "MAX MUSTER:\n", ("JANE DOE", "MAX MUSTER")),
        ("Speaker 1\n", "Speaker 2\n", ("Speaker 1", "Speaker 2")),
        ("INTERVIEWER\n", "INTERVIEWEE\n", ("INTERVIEWER", "INTERVIEWEE")),
        ("00:05 Jane Doe\n", "00:07 Max Muster\n", ("Jane Doe", "Max Muster")),
        ("0:0:1.43 --> 0:0:3.5\nJane Doe\n", "0:0:3.5 --> 0:0:5.0\nMax Muster\n", ("Jane Doe", "Max Muster")),
        ("Q.", "A.", ("Q", "A")),
        ("Q:", "A:", ("Q", "A")),
        ("QUESTION:", "ANSWER:", ("Q", "A")),
        ("Q -", "A -", ("Q", "A")),
        ("Q", "A", ("Q", "A")),
        ("Q\t", "A\t", ("Q", "A")),
        ("Q)", "A)", ("Q", "A")),
        ("(Q)", "(A)", ("Q", "A")),
        ("(JANE)", "(MAX)", ("JANE", "MAX")),
        ("(Jane Doe)", "(Max Muster)", ("Jane Doe", "Max Muster")),
        ("[Jane]", "[Max]", ("Jane", "Max")),
        ("<Jane>", "<Max>", ("Jane", "Max")),
        ("Jane Doe -", "Max Muster \u2013", ("Jane Doe", "Max Muster")),
        ("Jane >", "Max Muster>", ("Jane", "Max Muster")),
        ("Speaker 1 |", "Speaker 2 |", ("Speaker 1", "Speaker 2")),
        ("Jane Doe\t", "Max Muster\t", ("Jane Doe", "Max Muster")),
        ("0:00:05\tJane\t", "0:00:07\tMax\t", ("Jane", "Max")),
        ("Jane\t0:00:05\t", "Max\t0:00:07\t", ("Jane", "Max")),
        ("Jane:\t", "Max:\t", ("Jane", "Max")),
        ("JANE\n", "MAX\n", ("JANE", "MAX")),
        ("Jane\n\n", "Max\n\n", ("Jane", "Max")),
        ("[00:00:05] Jane\n", "[00:00:07] Max\n", ("Jane", "Max")),
        ("[00:00:05.12] - Speaker 1\n", "[00:00:07.30] - Speaker 2\n", ("Speaker 1", "Speaker 2")),
        ("00:00:05\nJane\n", "00:00:07\nMax\n", ("Jane", "Max")),
        ("Jane\n00:05\n", "Max\n00:07\n", ("Jane", "Max")),
        ("00:00:05:12 - 00:00:06:02\nSpeaker 1\n", "00;00;07;12 - 00;00;08;02\nJane Doe\n", ("Speaker 1", "Jane Doe")),
        ("[Jane Doe 00:00:05]", "[Max Muster 00:00:07]", ("Jane Doe", "Max Muster")),
        ("Jane Doe @ 0:05\n", "Max Muster @ 0:07\n", ("Jane Doe", "Max Muster")),
        ("Jane Doe (5.2s):", "Max Muster (7.0s):", ("Jane Doe", "Max Muster")),
        ("SPEAKER_00 00:00:05 - 00:00:07:", "SPEAKER_01 00:00:07 - 00:00:09:", ("SPEAKER_00", "SPEAKER_01")),
        ("Jane Doe   0 minutes 5 seconds\n", "Max Muster   1 minute 7 seconds\n", ("Jane Doe", "Max Muster")),
        ("**[00:00:05] Jane Doe:**", "**[00:00:07] Max Muster:**", ("Jane Doe", "Max Muster")),
        ("## Jane Doe\n", "## Max Muster\n", ("Jane Doe", "Max Muster")),
        ("* **Jane:**", "* **Max:**", ("Jane", "Max")),
        (
            "[SPEAKER_00] [00:00:00.5 --> 00:00:03.1]:",
            "[SPEAKER_01] [00:00:03.1 --> 00:00:05.5]:",
            ("SPEAKER_00", "SPEAKER_01"),
        ),
        ("00;00;01;12 - 00;00;03;02\n話者 1\n", "00;00;03;54 - 00;00;06;04\n話者 2\n", ("話者 1", "話者 2")),
        ("[01.23.45]\nSPEAKER 2:\n", "[01.23.50]\nSpeaker 1:\n", ("SPEAKER 2", "Speaker 1")),
        ("Спикер №1:", "Спикер №2:", ("Спикер №1", "Спикер №2")),
    ],
)
def test_a_label_names_who_says_the_words(first: str, second: str, names: tuple[str | None, str]) -> None:
    text = f"{first} So how was it?\n{second} Well: it was 6-4.\nAnd long.\n{first} Really?\n{second} Yes.\n"
    assert said(text) == [
        (names[0], "So how was it?"),
        (names[1], "Well: it was 6-4."),
        (names[1], "And long."),
        (names[0], "Really?"),
        (names[1], "Yes."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Look: it was hard.\nRemember: never again.",
        "Look: it was hard.\nLook: it was. I look at it.",
        "10:30 was the start.\nSo we won.",
        "We won 6:30\nand went home",
        "A. Zverev won.\nB. Becker lost.",
        "The score: 6-4.\nThe end",
        "Rafael Nadal\nwon\nagain\nRafael Nadal\nis the one\nwho won\nhere\ntoo\nand there\nas well\nyes",
        ">> THANK YOU",
        "Jane Jane\nJane Jane",
        "NO NO\nTHAT IS IT\nNO NO\nOKAY: YES\nNO",
        "[laughs] So how was it?",
        "[Music] So?\n[Applause] Well.\n[Music] And?\n[Applause] So.",
        "(Laughter) So?\n(Inaudible) Well.\n(Laughter) And?\n(Inaudible) So.",
        "A good one.\nA bad one.\nA third.",
        "Well - yes.\nNo - no.\nWell - no.\nwell, no\nNo - no.",
        "Yes\nit was\nYes\nand then\nYes\nwe won",
        "Yes\nNo\nYes\nNo",
        "The final was here\nand long\nYes\nso it was\nNo\nnot so\nYes\nwell\nNo\nso?",
        "NOTE: this is text",
        "5 > 4 and 3 < 4 at http://example.org: yes",
        "A label: with twelve words is no label\nA label: with words\nno",
    ],
)
def test_what_the_text_does_not_use_as_a_label_is_text(text: str) -> None:
    assert said(text) == [(None, line.removeprefix(">> ")) for line in text.splitlines()]


def test_a_name_that_occurs_once_is_a_label_where_all_lines_have_one() -> None:
    text = "Jane Doe: a\nMax Muster: b\nJane Doe: c\nMax Muster: d\nEve Other: e\nRemember: f"
    assert said(text)[-2:] == [("Eve Other", "e"), ("Eve Other", "Remember: f")]


def test_a_change_without_a_name_ends_a_speakers_turn() -> None:
    assert said(">> TOM: Hello. >> Hi.\nyou\n>> TOM: So.") == [
        ("TOM", "Hello."),
        (None, "Hi."),
        (None, "you"),
        ("TOM", "So."),
    ]


def test_upper_and_lower_case_are_one_speaker() -> None:
    assert {speaker for speaker, _ in said("Jane Doe: a\nJANE DOE: b\nJane Doe: c")} == {"Jane Doe"}


def test_where_roles_are_labelled_a_repeated_word_with_a_colon_is_text() -> None:
    text = "INTERVIEWER: So?\nRight: yes.\nINTERVIEWEE: No.\nRight: no."
    assert [words for _, words in said(text)] == ["So?", "Right: yes.", "No.", "Right: no."]


def test_times_in_the_text_are_no_words_and_a_dash_is_none() -> None:
    text = "I: So? #00:00:05-2#\nB: Well, [00:07] yes. #00:00:09-8#\nI: And?\n- Well.\nB: No."
    assert said(text) == [("I", "So?"), ("B", "Well, [00:07] yes."), ("I", "And?"), ("I", "Well."), ("B", "No.")]


def test_a_mark_between_dashes_stays_one() -> None:
    assert said("- laughs -\n- So?") == [(None, "- laughs -"), (None, "So?")]


tokens = st.sampled_from(
    [
        "Jane",
        "Doe:",
        "(TOM)",
        "<Jane>",
        "\u2409",
        "Q",
        "A)",
        "[Doe",
        "0:07]",
        "|",
        "TOM.",
        "TOM:",
        ">>",
        "so",
        "Q.",
        "A.",
        "[00:05]",
        "0:05",
        "Speaker",
        "1:",
        "(SPEAKER_00)",
        "-",
        "how:",
    ]
)


@given(st.lists(st.lists(tokens, max_size=6).map(" ".join), max_size=8))
def test_every_word_is_said_or_named(lines: list[str]) -> None:
    for line, row in zip(lines, speakers_of(lines), strict=True):
        own = line.split()
        assert all(own[place] == word for piece in row for word, place in zip(piece.words, piece.places, strict=True))
        kept = {place for piece in row for place in piece.places}
        names = " ".join(piece.speaker or "" for other in speakers_of(lines) for piece in other).casefold()
        for place in set(range(len(own))) - kept:
            after = next((at for at in range(place, len(own)) if at + 1 in kept or at + 1 == len(own)), place)
            bare = own[place].strip("[]():.->").casefold()
            in_label = any(
                token.endswith((":", ".", ")", "]", "5", ">", "\u2409", "-", "|", "Q", "A"))
                for token in own[place : after + 1]
            )
            assert in_label or not any(map(str.isalpha, bare)) or bare in names


def test_markup_and_code_are_no_names() -> None:
    text = "a(family=<AF_INET: 2>)\nso\na(family=<AF_INET: 2>)\n.. _`FAQ`: so\n.. _`FAQ`: how\n"
    assert {speaker for speaker, _ in said(text)} == {None}
