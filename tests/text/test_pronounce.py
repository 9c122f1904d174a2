"""Pronunciations by spelling rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.text.names import guess_language
from imigue_build.text.pronounce import guesses, pronounce

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
    "Đoković": "JH OW K OW V IH CH",
    "øster": "ER S T ER",
    "straße": "SH T R AA S AH",
    "ﬁnal": "F IH N AH L",
    "шарапова": "SH AA R AA P OW V AH",
    "θάλασσα": "TH AE L AE S AH",
    "さくら": "S AA K UW R AH",
    "나달": "N AE D AH L",
}
NAMES = {  # as an English-speaking reporter says them
    "Djokovic": "JH OW K OW V IH CH",
    "Świątek": "SH V Y AO N T EH K",
    "Hurkacz": "HH UW R K AA CH",
    "Radwańska": "R AA D V AA N Y S K AH",
    "Tsitsipas": "T S IH T S IY P AA S",
    "Nadal": "N AA D AA L",
    "Federer": "F EH D ER ER",
    "Medvedev": "M EH D V EH D EH V",
    "Sabalenka": "S AA B AA L EH NG K AH",
    "Alcaraz": "AA L K AA R AA S",
    "Zverev": "Z V EH R EH V",
    "Kyrgios": "K IY R Y OW S",
    "Wawrinka": "V AA V R IH NG K AH",
    "Osaka": "OW S AA K AH",
    "Halep": "HH AA L EH P",
    "Kvitová": "K V IH T OW V AA",
    "Kvitova's": "K V IH T OW V AH Z",
    "Muguruza": "M UW G UW R UW S AH",
    "Garbiñe": "G AA R B IY N Y EY",
    "Raonic": "R AW N IH CH",
    "Čilić": "CH IH L IH CH",
    "Cilic": "CH IH L IH CH",
    "Nishikori": "N IH SH IH K AO R IY",
    "Ostapenko": "OW S T AA P EH NG K OW",
    "Khachanov": "HH AA CH AA N AO V",
    "Berrettini": "B EH R EH T IY N IY",
    "Fognini": "F OW N Y IY N IY",
    "Schiavone": "S K Y AA V OW N EY",
    "Gasquet": "G AA S K EY",
    "Kohlschreiber": "K OW L SH R AY B ER",
    "Söderling": "S ER D ER L IH NG",
    "Zheng": "JH EH NG",
    "Plíšková": "P L IY SH K OW V AA",
    "Carreño": "K AA R EH N Y OW",
}
DISFLUENCIES = {
    "um": "AH M",
    "uhm": "AH M",
    "uhhh": "AH",
    "er": "ER",
    "erm": "ER M",
    "mm": "M",
    "hmmm": "HH M",
    "mhm": "AH M HH AH M",
    "ah": "AA",
    "oh": "OW",
    "huh": "HH AH",
    "hahaha": "HH AA HH AA",
    "nah": "N AA",
    "yeahhh": "Y AE",
    "gonna": "G AA N AH",
    "kinda": "K AY N D AH",
    "y'all": "Y AO L",
    "sooo": "S UW",
    "nooo": "N UW",
}
SPELLED = {
    "bbc": "B IY B IY S IY",
    "WTA": "D AH B AH L Y UW T IY EY",
    "ATP": "EY T IY P IY",
    "tv's": "T IY V IY Z",
    "U.S.": "Y UW EH S",
}


@pytest.mark.parametrize(("word", "phones"), (DICTIONARY | FOREIGN | SPELLED | DISFLUENCIES).items())
def test_word(word: str, phones: str) -> None:
    assert " ".join(pronounce(word)) == phones


@pytest.mark.parametrize(("name", "phones"), NAMES.items())
def test_a_name_is_among_the_guesses(name: str, phones: str) -> None:
    assert phones in [" ".join(guess) for guess in guesses(name)]


def test_names_have_an_english_pronunciation_too() -> None:
    assert [" ".join(guess) for guess in guesses("Zverev")] == ["Z V EH R EH V", "Z V ER EH V"]
    assert [" ".join(guess) for guess in guesses("Halep")] == ["HH AE L EH P", "HH AA L EH P"]
    assert guesses("halep") == (pronounce("halep"),)


@pytest.mark.parametrize(
    "word",
    ["smartphone", "tiebreaker", "nation", "forehands", "replaying", "unforced", "resigning", "sawing"],
)
def test_english_words_are_not_taken_for_names(word: str) -> None:
    assert guess_language(word) is None


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("nadal's", "N AE D AH L Z"),
        ("kvitova's", "K V IH T OW V AH Z"),
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
def test_unreadable_words_have_a_phone(word: str) -> None:
    assert pronounce(word) == ("AH",)


@given(st.text(st.characters(codec=None)))
def test_any_text_has_phones(word: str) -> None:
    assert pronounce(word)
    assert all(guess and set(guess) <= PHONES for guess in guesses(word))


@given(st.text("abcdefghijklmnopqrstuvwxyz'"))
def test_any_spelling_has_phones(word: str) -> None:
    assert pronounce(word)
    assert all(guess and set(guess) <= PHONES for guess in guesses(word))
