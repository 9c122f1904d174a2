"""Pronunciations by spelling rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.text.pronounce import pronounce

ARPABET = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
PHONES = set(ARPABET.split())
DICTIONARY = {  # as the CMU pronouncing dictionary has them
    "thing": "TH IH NG",
    "cake": "K EY K",
    "match": "M AE CH",
    "night": "N AY T",
    "quick": "K W IH K",
    "phone": "F OW N",
    "played": "P L EY D",
    "wanted": "W AA N T IH D",
    "watched": "W AA CH T",
    "cities": "S IH T IY Z",
    "nation": "N EY SH AH N",
    "happy": "HH AE P IY",
    "little": "L IH T AH L",
    "knee": "N IY",
    "writer": "R AY T ER",
    "because": "B IH K AO Z",
    "germs": "JH ER M Z",
    "boxes": "B AA K S IH Z",
}
FOREIGN = {  # letters with marks, ligatures, other alphabets
    "Đoković": "D OW K AH V IH K",
    "øster": "AA S T ER",
    "straße": "S T R EY Z",
    "ﬁnal": "F IH N AH L",
    "шарапова": "SH EH R AE P AH V AH",
    "θάλασσα": "TH AE L AE S AH",
    "さくら": "S AE K UH R AH",
    "나달": "N AE D AH L",
}
SPELLED = {
    "bbc": "B IY B IY S IY",
    "WTA": "D AH B AH L Y UW T IY EY",
    "ATP": "EY T IY P IY",
    "tv's": "T IY V IY Z",
    "U.S.": "Y UW EH S",
}


@pytest.mark.parametrize(("word", "phones"), (DICTIONARY | FOREIGN | SPELLED).items())
def test_word(word: str, phones: str) -> None:
    assert " ".join(pronounce(word)) == phones


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("nadal's", "N AE D AH L Z"),
        ("kvitova's", "K V IH T AH V AH Z"),
        ("halep's", "HH AE L EH P S"),
        ("fitch's", "F IH CH IH Z"),
        ("players'", "P L EY ER Z"),
        ("o'connor", "AA K AA N ER"),
    ],
)
def test_apostrophes(word: str, phones: str) -> None:
    assert " ".join(pronounce(word)) == phones


def test_long_capitals_are_read() -> None:
    assert pronounce("TENNIS") == pronounce("tennis")


@pytest.mark.parametrize("word", ["", "'", "'s", "—", "😀", "中国", "\ud800", "123"])
def test_what_cannot_be_read_has_a_phone(word: str) -> None:
    assert pronounce(word) == ("AH",)


@given(st.text(st.characters(codec=None)))
def test_any_text_has_phones(word: str) -> None:
    assert pronounce(word)
    assert set(pronounce(word)) <= PHONES


@given(st.text("abcdefghijklmnopqrstuvwxyz'"))
def test_any_spelling_has_phones(word: str) -> None:
    assert pronounce(word)
    assert set(pronounce(word)) <= PHONES
