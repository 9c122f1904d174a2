"""Colours: the contrast of each text with its background, light and dark."""

from __future__ import annotations

import re

import pytest

from imigue_build.core.pages import BASE

STYLE = BASE.read_text(encoding="utf-8")
THEMES = [
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
]
TEXTS = [
    *(
        (text, ground)
        for text in ("ink", "soft", "accent", "interviewee", "interviewer")
        for ground in ("paper", "card")
    ),
    *(("ink", ground) for ground in ("current", "mark", "hit", "fixed", "gone", "came")),
    ("on-accent", "accent"),
    *(("card", ground) for ground in ("overlap", "gesture")),
]
SIGNS = [*((sign, ground) for sign in ("doubt", "overlap", "gesture", "wave") for ground in ("paper", "card"))]


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
def test_texts_have_a_contrast_of_4_5_and_signs_of_3(theme: dict[str, str]) -> None:
    assert {f"{a} on {b}" for a, b in TEXTS if contrast(theme[a], theme[b]) < 4.5} == set()
    assert {f"{a} on {b}" for a, b in SIGNS if contrast(theme[a], theme[b]) < 3} == set()


def test_both_themes_name_the_same_colours() -> None:
    assert len(THEMES) == 2 and THEMES[0].keys() == THEMES[1].keys()
