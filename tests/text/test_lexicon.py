"""The user's lexicon, and the pronunciations of tokens from it, from a dictionary and from the spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.core.errors import ConfigError
from imigue_build.text.lexicon import (
    MAX_PRONUNCIATIONS,
    NO_LEXICON,
    Lexicon,
    Phones,
    pronunciations,
    read_lexicon,
    unstressed,
    word_pronunciations,
)

DICTIONARY = {
    "six": ["S IH K S"],
    "four": ["F AO R"],
    "to": ["T UW", "T AH"],
    "us": ["AH S"],
    "zero": ["Z IH R OW"],
    "love": ["L AH V"],
}


def lookup(word: str) -> list[Phones]:
    return [tuple(phones.split()) for phones in DICTIONARY.get(word, [])]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def sounds(found: list[Phones] | tuple[Phones, ...]) -> list[str]:
    return [" ".join(phones) for phones in found]


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    text = """word,phones
Świątek,SH V Y OW1 N T EH0 K
świątek,S V IY AA T EH K
6-4,S IH K S F AO R
 Kyrgios , k ih r iy ow s

O\u2019Connell,OW K AA N AH L
six,S EH K S
"""
    return read_lexicon(written(tmp_path / "mine.csv", text))


# --- reading a file


def test_rows_of_a_word_are_its_pronunciations(lexicon: Lexicon) -> None:
    assert sounds(lexicon.find("Świątek")) == ["SH V Y OW1 N T EH0 K", "S V IY AA T EH K"]
    assert sounds(lexicon.find("kyrgios")) == ["K IH R IY OW S"]
    assert unstressed(lexicon.find("Świątek")[0]) == ("SH", "V", "Y", "OW", "N", "T", "EH", "K")


@pytest.mark.parametrize("token", ["Świątek", "ŚWIĄTEK,", "S\u0301wia\u0328tek!", "\u201cświątek\u201d"])
def test_case_form_and_punctuation_do_not_matter(lexicon: Lexicon, token: str) -> None:
    assert lexicon.find(token)


def test_possessives_and_apostrophes(lexicon: Lexicon) -> None:
    assert sounds(lexicon.find("Świątek\u2019s"))[0] == "SH V Y OW1 N T EH0 K S"
    assert sounds(lexicon.find("Kyrgios'")) == ["K IH R IY OW S"]
    assert lexicon.find("O'Connell") == lexicon.find("o\u2019connell") != ()
    assert lexicon.find("nobody's") == lexicon.find("") == NO_LEXICON.find("Świątek") == ()


def test_a_spreadsheet_export_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes('\ufeffWord,Phones\r\n"ab","AE B"\r\n'.encode())
    assert sounds(read_lexicon(path).find("AB")) == ["AE B"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("term,phones\na,AA\n", "line 1: no column word in 'term,phones'"),
        ("word,phones\nab,AE B\ncd,K D X\n", "line 3: 'cd' has the unknown phone 'X': use AA AE"),
        ("word,phones\ncd,K1 D\n", "line 2: 'cd' has the unknown phone 'K1'"),
        ("word,phones\ncd,AA3\n", "line 2: 'cd' has the unknown phone 'AA3'"),
        ("word,phones\ncd,\n", "line 2: 'cd' has no phones"),
        ("word,phones\n,AA\n", "line 2: '' is not one word"),
        ("word,phones\nde la,D EH\n", "line 2: 'de la' is not one word"),
        ("word,phones\na,AA,B\nb\n", "line 2: 3 fields where the header has 2"),
        ("word,phones\n" + "a,Q\n" * 9, "line 6: 'a' has the unknown phone 'Q'; and 4 more"),
        ('word,phones\n"a\n\n' + "x" * 200_000, "not CSV"),
    ],
)
def test_errors_name_their_lines(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path / "broken.csv", text)
    with pytest.raises(ConfigError) as caught:
        read_lexicon(path)
    assert message in str(caught.value) and str(path) in str(caught.value)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.csv cannot be read .*: check align.lexicon"):
        read_lexicon(tmp_path / "nowhere.csv")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_lexicon(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"word,phones\nn\0,N\n")
    with pytest.raises(ConfigError, match="is a binary file, not text"):
        read_lexicon(tmp_path / "binary.csv")


# --- pronunciations of tokens


def test_a_token_has_pronunciations_for_all_its_readings() -> None:
    assert sounds(pronunciations("6-4,", lookup)) == ["S IH K S F AO R", "S IH K S T UW F AO R", "S IH K S T AH F AO R"]
    assert sounds(pronunciations("6-0", lookup))[:2] == ["S IH K S Z IH R OW", "S IH K S L AH V"]
    assert pronunciations("[laughter]", lookup) == pronunciations("\u2014", lookup) == []


def test_readings_in_context_replace_the_token_s_own() -> None:
    assert sounds(pronunciations("No.", lookup, in_context=[("six",), ("to",)])) == ["S IH K S", "T UW", "T AH"]


def test_an_acronym_may_be_a_word() -> None:
    assert sounds(pronunciations("US", lookup)) == ["AH S", "Y UW EH S"]
    assert sounds(pronunciations("us", lookup)) == ["AH S"]


def test_the_user_s_lexicon_has_priority(lexicon: Lexicon) -> None:
    assert sounds(pronunciations("6-4,", lookup, lexicon)) == ["S IH K S F AO R"]
    assert sounds(pronunciations("6-0", lookup, lexicon))[0] == "S EH K S Z IH R OW"
    assert sounds(word_pronunciations("six", "six", lookup, lexicon)) == ["S EH K S"]
    assert sounds(word_pronunciations("six", "six", lookup)) == ["S IH K S"]


def test_words_that_no_dictionary_has_are_guessed() -> None:
    assert sounds(word_pronunciations("cake", "Cake", lookup))[0] == "K EY K"


@given(st.text(alphabet="0123456789-,:.()'$USabé ", max_size=12))
def test_any_token_has_few_pronunciations(token: str) -> None:
    found = pronunciations(token, lookup)
    assert len(found) == len(set(found)) <= MAX_PRONUNCIATIONS
    assert all(found)
    assert bool(found) >= any(letter.isalnum() for letter in token)
