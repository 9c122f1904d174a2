"""Phones across sets: TIMIT's and ARPAbet's."""

from __future__ import annotations

import pytest

from imigue_build.apps.scoring.labels import Word, with_phones
from imigue_build.apps.scoring.phones import boundary_errors, matched, to_arpabet
from imigue_build.core.records import Phone


def phones(text: str, start: float = 0.0, step: float = 0.1) -> tuple[Phone, ...]:
    """Phones in a row, each `step` seconds long."""
    return tuple(Phone(start + at * step, start + (at + 1) * step, name) for at, name in enumerate(text.split()))


def names(text: str) -> list[str]:
    return [phone.phone for phone in to_arpabet(phones(text))]


@pytest.mark.parametrize(
    ("timit", "arpabet"),
    [
        ("h# s ix dx iy pau", "S IH T IY"),
        ("bcl b ax kcl k axr", "B AH K ER"),
        ("dcl jh ao", "JH AO"),
        ("tcl ch ux", "CH UW"),
        ("ae kcl t", "AE K T"),  # an unreleased stop before another
        ("kcl k eh tcl", "K EH T"),
        ("q aa hv", "AA HH"),
        ("el", "EL"),
    ],
)
def test_timit_in_arpabet(timit: str, arpabet: str) -> None:
    assert names(timit) == arpabet.split()


def test_stress_marks_go_and_other_sets_stay() -> None:
    assert names("AH0 T IY1 sil spn") == ["AH", "T", "IY"]
    assert names("\u0259 t\u0361\u0283") == ["\u018f", "T\u0361\u01a9"]


def test_a_stop_lasts_from_its_closure_to_its_release() -> None:
    (stop,) = to_arpabet(phones("bcl b", 1.0))
    assert stop.start == 1.0 and stop.end == pytest.approx(1.2)


def test_a_closure_apart_from_a_release_is_a_stop_of_its_own() -> None:
    assert len(to_arpabet([Phone(0.0, 0.1, "tcl"), Phone(0.3, 0.4, "t")])) == 2


def test_phones_match_themselves_or_their_class_in_order() -> None:
    pairs = [(item.phone, other.phone) for item, other in matched(phones("S IH T IY"), phones("S AH D IY"))]
    assert pairs[::-1] == [("S", "S"), ("IH", "AH"), ("T", "D"), ("IY", "IY")]
    pairs = [(item.phone, other.phone) for item, other in matched(phones("S T R"), phones("S AH R"))]
    assert pairs[::-1] == [("S", "S"), ("R", "R")]
    assert list(matched(phones("EL"), phones("AH L"))) == []
    assert list(matched(phones("S T"), ())) == []


def test_errors_of_a_word_by_hand() -> None:
    truth = Word("city", 0.0, 0.4, phones=phones("s ih dx iy"))
    found = Word("city", 0.0, 0.4, phones=phones("S IH1 T IY0", 0.015))
    assert boundary_errors([(truth, found)]) == pytest.approx([15.0] * 8)
    assert boundary_errors([(truth, found._replace(phones=()))]) is None


def test_words_take_the_phones_of_their_own_speaker() -> None:
    tiers: dict[str | None, tuple[Phone, ...]] = {"A": phones("S IY T"), "B": phones("N OW W")}
    words = [Word("see", 0.0, 0.2, "A"), Word("no", 0.0, 0.2, "B"), Word("tea", 0.2, 0.4, "A"), Word("x", 0, 1, "C")]
    found = [[phone.phone for phone in word.phones] for word in with_phones(words, tiers)]
    assert found == [["S", "IY"], ["N", "OW"], ["T"], []]


def test_a_phone_that_two_words_share_is_in_both() -> None:
    words = [Word("and", 0.0, 0.3, "A"), Word("no", 0.2, 0.5, "A")]
    found = with_phones(words, {"A": phones("AE D N OW")})
    assert [len(word.phones) for word in found] == [3, 2]
