"""MFA's dictionary: reading it, cutting it to a corpus, and adding what it lacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends.alignment.mfa import dictionary
from imigue_build.backends.alignment.mfa.corpus import corpus_words
from imigue_build.backends.alignment.mfa.dictionary import Entry, entries
from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, Utterance
from imigue_build.text.lexicon import Lexicon
from tests.backends.alignment.mfa_fake import DICTIONARY

CMU = "hello HH AH L OW\nmeasure M EH ZH ER\nkit K IH T V AH B D G S\nus AH S\n"
IPA = "hello h ə l oʊ\nfoo f u\n"


@pytest.fixture
def english(tmp_path: Path) -> Path:
    path = tmp_path / "english.dict"
    path.write_text(DICTIONARY, encoding="utf-8")
    return path


def cut(path: Path, *wanted: Entry, guessed: dict[str, str] | None = None) -> dict[str, list[str]]:
    """The pronunciations in the dictionary of a corpus, by their keys."""
    out = path.with_name("cut.dict")
    dictionary.write(out, dictionary.read(path, wanted), wanted, guessed or {})
    rows: dict[str, list[str]] = {}
    for line in out.read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition("\t")
        rows.setdefault(key, []).append(rest)
    return rows


# --- names


@given(st.text(min_size=1, max_size=8), st.text(max_size=5))
def test_a_key_is_of_consonants_alone_whatever_the_word(word: str, acronym: str) -> None:
    assert re.fullmatch("[bcdfghjklmnpqrtv]{14}", Entry(word, acronym).key)


def test_words_have_different_keys() -> None:
    alike = [Entry("cant"), Entry("can't"), Entry("us"), Entry("us", "US"), Entry("usus"), Entry("", "usus")]
    assert len({entry.key for entry in alike}) == len(alike)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("7-6(5),", [Entry("7-6(5", readings=(("seven", "six", "five"), ("seven", "to", "six", "five")))]),
        ("42", [Entry("forty"), Entry("two")]),
        ("Don't!", [Entry("don't")]),
        ("(WTA)", [Entry("wta", "WTA")]),
        ("US's", [Entry("us's", "US's")]),
        ("I", [Entry("i")]),
        ("<unk>", []),
        ("\u2014", []),
    ],
)
def test_entries_of_a_token(token: str, expected: list[Entry]) -> None:
    assert list(entries(token)) == expected


def test_marks_of_several_words_have_no_entries() -> None:
    words = tuple(AlignedWord(0.0, 1.0, word) for word in ["Yes,", "(clears", "throat)", "No.", "1"])
    found = corpus_words(0, Utterance(0.0, 1.0, "A", words))
    assert [(item.word, item.entry.readings or item.entry.word) for item in found] == [
        (0, "yes"),
        (3, (("number",), ("no",))),
        (4, "one"),
    ]


def test_the_users_lexicon_wins_and_readings_are_offered_together(english: Path) -> None:
    lexicon = Lexicon({"hello": (("HH", "AH"),), "6-3": (("S", "IH2", "K"),)})
    (token,), (score,) = (list(entries(item, lexicon)) for item in ("Hello!", "6-3"))
    (ways,) = entries("6-4")
    assert cut(english, token, score, ways) == {
        token.key: ["HH AH1"],
        score.key: ["S IH1 K"],
        ways.key: ["S IH1 K S F AO1 R", "S IH1 K S T OW1 F AO1 R"],
    }


# --- reading


def test_lines_keep_their_probabilities(english: Path) -> None:
    assert cut(english, Entry("hello"), Entry("six"), Entry("that's")) == {
        Entry("hello").key: ["0.99\t0.2\t1.0\t1.1\tHH AH0 L OW1", "0.5\t0.2\t1.0\t1.1\tHH EH0 L OW1"],
        Entry("six").key: ["0.9\tS IH1 K S"],
        Entry("that's").key: ["DH AE1 T S"],
    }


def test_phones_are_those_of_the_whole_file(english: Path) -> None:
    found = dictionary.read(english, [])
    assert found.lines == {}
    assert {"ZH", "OY1", "AH0", "AH1"} <= found.phones
    assert not any(phone[0].isdigit() for phone in found.phones)


def test_variants_of_the_cmu_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "cmu.dict"
    path.write_text("The DH AH\nthe(2) DH IY\n\n(2) T UW\nalone\n", encoding="utf-8")
    found = dictionary.read(path, [Entry("the"), Entry("alone")])
    assert found.lines == {"the": ("DH AH", "DH IY")}


@pytest.mark.parametrize(
    "content", [b"", b"alone\n", b"\xff\xfe\x00word W ER D\n"], ids=["empty", "no phones", "bytes"]
)
def test_what_is_no_dictionary(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.dict"
    path.write_bytes(content)
    with pytest.raises(BackendError, match=r"check align\.dictionary"):
        dictionary.read(path, [])


# --- what it lacks


def test_unknown_words_get_a_pronunciation_by_rule(english: Path) -> None:
    wanted = [Entry("thisters"), Entry("hello")]
    assert dictionary.unknown(dictionary.read(english, wanted), wanted) == ["thisters"]
    assert cut(english, *wanted)[Entry("thisters").key] == ["TH IH1 S T ER0 Z"]


def test_without_stress_it_writes_none(tmp_path: Path) -> None:
    path = tmp_path / "cmu.dict"
    path.write_text(CMU, encoding="utf-8")
    assert cut(path, Entry("kva"), Entry("us", "US")) == {
        Entry("kva").key: ["K V AH"],
        Entry("us", "US").key: ["AH S"],  # U has no phones here: it stays as it is
    }


def test_acronyms_may_be_spelled(english: Path) -> None:
    assert cut(english, Entry("us", "US"), Entry("us")) == {
        Entry("us", "US").key: ["AH1 S", "Y UW1 EH0 S"],
        Entry("us").key: ["AH1 S"],
    }


def test_a_model_goes_before_the_rules(english: Path) -> None:
    guessed = {"kvitova": "K V IH1 T", "hello": "B AE1 D"}
    rows = cut(english, Entry("kvitova"), Entry("hello"), Entry("shi"), guessed=guessed)
    assert rows[Entry("kvitova").key] == ["K V IH1 T"]
    assert rows[Entry("shi").key] == ["SH IY1"]
    assert len(rows[Entry("hello").key]) == 2


def test_other_phones_than_english_ones_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "ipa.dict"
    path.write_text(IPA, encoding="utf-8")
    assert not dictionary.read(path, []).is_arpabet
    assert cut(path, Entry("hello"), Entry("kva")) == {Entry("hello").key: ["h ə l oʊ"]}
    assert cut(path, Entry("kva")) == {"xfiller": ["f"]}


def test_what_is_added_has_as_many_columns_as_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "english.dict"
    path.write_text("us 0.9 0.1 1.2 0.8 AH1 S\nyes 0.9 0.2 1.0 1.0 Y EH1 S\nuse 1 0.1 1.0 1.0 Y UW1 Z\n")
    assert cut(path, Entry("us", "US"), Entry("sess"), Entry("zu"), guessed={"zu": "Z UW1"}) == {
        Entry("us", "US").key: ["0.9\t0.1\t1.2\t0.8\tAH1 S", "1.0\t0.5\t1.0\t1.0\tY UW1 EH1 S"],
        Entry("sess").key: ["1.0\t0.5\t1.0\t1.0\tS EH1 S"],
        Entry("zu").key: ["1.0\t0.5\t1.0\t1.0\tZ UW1"],
    }


def test_guesses_of_a_model(tmp_path: Path) -> None:
    path = tmp_path / "guessed.dict"
    assert dictionary.read_guesses(path) == {}
    path.write_text("kva\tK V AA1\nkva\tK V AH0\nkvb\t\n\n", encoding="utf-8")
    assert dictionary.read_guesses(path) == {"kva": "K V AA1"}
