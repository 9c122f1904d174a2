"""Written text into spoken words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.text.marks import without_marks
from imigue_build.text.normalise import normalise, spoken_words

SPOKEN = {
    # words
    "Hello,": "hello",
    "“Yes,”": "yes",
    "don\u2019t": "don't",
    "rock'n'roll": "rock'n'roll",
    "players'": "players",
    "'em": "em",
    "O\u2019Connor": "o'connor",
    "well-being": "well being",
    "and/or": "and or",
    "U.S.": "u s",
    "ATP": "atp",
    "AT&T": "at and t",
    "Mr.": "mister",
    "etc.": "et cetera",
    "Đoković": "đoković",
    "中国": "中国",
    "हिन्दी": "हिन्दी",
    "ﬁnal": "final",
    # nothing to say
    "—": "",
    "-": "",
    "...": "",
    "😀": "",
    "'": "",
    "$": "",
    "\ud800": "",
    # scores
    "6-4,": "six four",
    "7-6(5)": "seven six five",
    "(7-6)": "seven six",
    "6\u20130.": "six zero",
    "40-15": "forty fifteen",
    "15-love": "fifteen love",
    "6:4": "six four",
    "6-4,7-5": "six four seven five",
    # numbers
    "0": "zero",
    "21": "twenty one",
    "105": "one hundred five",
    "1,000": "one thousand",
    "10,500": "ten thousand five hundred",
    "12345": "twelve thousand three hundred forty five",
    "1,2,3": "one two three",
    "3.5": "three point five",
    "6.25.": "six point two five",
    ".5": "point five",
    "-5": "minus five",
    "007": "zero zero seven",
    "½": "one half",
    "3/4": "three quarters",
    "24/7": "twenty four seven",
    "٣": "three",
    "፩": "one",
    "②": "two",
    "3D": "three d",
    "mp3": "mp three",
    "No.1": "number one",
    "No.": "no",
    "#1": "number one",
    "№1": "number one",
    # ordinals
    "1st": "first",
    "2nd.": "second",
    "21st": "twenty first",
    "103rd": "one hundred third",
    "5th-ranked": "fifth ranked",
    # years
    "1984": "nineteen eighty four",
    "1905": "nineteen oh five",
    "2000": "two thousand",
    "2005": "two thousand five",
    "2016.": "twenty sixteen",
    "2010-2015": "twenty ten twenty fifteen",
    "1990s": "nineteen nineties",
    "'90s": "nineties",
    "1066": "one thousand sixty six",
    # percent, money, clock
    "50%": "fifty percent",
    "3.5%": "three point five percent",
    "$1": "one dollar",
    "$100": "one hundred dollars",
    "$2.50": "two dollars fifty",
    "$1.5": "one point five dollars",
    "$10m": "ten million dollars",
    "£1,000,000": "one million pounds",
    "5€": "five euros",
    "7:30": "seven thirty",
    "10:05": "ten oh five",
    "3:00": "three o'clock",
}


@pytest.mark.parametrize(("token", "spoken"), SPOKEN.items(), ids=[ascii(token) for token in SPOKEN])
def test_a_written_token_in_spoken_words(token: str, spoken: str) -> None:
    assert spoken_words(token) == spoken.split()


def test_text_is_the_spoken_words_of_its_tokens() -> None:
    raw = "  I won 6-4, 7-6(5) — that's my 1st\tfinal;\n 50% luck! "
    assert normalise(raw) == "i won six four seven six five that's my first final fifty percent luck"
    assert normalise(" ; ".join(SPOKEN)) == " ".join(spoken for spoken in SPOKEN.values() if spoken)


def test_text_of_punctuation_alone_is_empty() -> None:
    assert normalise(" — ... ?! ") == ""
    assert normalise("") == ""


def test_a_number_of_any_length_is_read() -> None:
    assert spoken_words("7" * 5000) == ["seven"] * 5000
    assert len(spoken_words("7" * 5000 + "th")) == 5000
    assert spoken_words("$" + "1" * 400)[-1] == "dollars"


@given(st.text(alphabet="0123456789.,:-/%$£#&'\u2019()nostrdhkm½²①٣éßǅΣς\u0301 一"))
def test_numbers_among_anything_are_letters_in_the_end(raw: str) -> None:
    assert_spoken(raw)


@given(st.text(st.characters(codec=None)))
def test_any_text_becomes_lower_case_words(raw: str) -> None:
    assert_spoken(raw)


def assert_spoken(raw: str) -> None:
    text = normalise(raw)
    assert text == text.lower() == " ".join(text.split())
    for word in text.split():
        assert word.strip("'") == word
        assert all(letter == "'" or unicodedata.category(letter)[0] in "LM" for letter in word)
    for token in raw.split():
        assert (
            not any(map(str.isalnum, *without_marks([token])))
            or spoken_words(token)
            or not any(letter.isalnum() for letter in token)
        )
