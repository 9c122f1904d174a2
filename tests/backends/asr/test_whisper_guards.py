"""What is flagged in Whisper's text, and what is ordinary speech and is not."""

from __future__ import annotations

import pytest

from imigue_build.backends.asr.whisper.guards import compression_ratio, outside_speech, repeated, text_flags
from imigue_build.backends.asr.whisper.settings import Guards
from imigue_build.core.records import Span

ORDINARY = "It was a hard match, and I had to fight for every point, but the people here helped me a lot."


@pytest.mark.parametrize(
    ("text", "repeats", "expected"),
    [
        ("so thank you thank you thank you bye", 1, range(1, 7)),
        ("so thank you thank you thank you bye", 2, []),
        ("Thank you. thank you, THANK YOU! (thank you) Thank you", 3, range(10)),
        ("no no no no", 3, []),
        ("no no no no no", 3, range(5)),
        ("a b a b a b a c", 1, range(7)),  # the unfinished repetition belongs to it
        ("I think I think that I think", 1, []),
        ("", 1, []),
        ("well", 1, []),
        (ORDINARY, 1, []),
        ("x " + "one two three four five six " * 5 + "y", 3, range(1, 31)),
    ],
)
def test_repeated_groups_of_words(text: str, repeats: int, expected: list[int]) -> None:
    assert repeated(text.split(), repeats) == set(expected)


def test_text_that_compresses_too_well_or_is_improbable() -> None:
    guards = Guards()
    assert text_flags(ORDINARY, -0.3, guards) == ()
    assert text_flags("thank you " * 30, -0.3, guards) == ("compression",)
    assert text_flags(ORDINARY, -1.2, guards) == ("low_log_probability",)
    assert text_flags("thank you " * 30, -1.2, guards) == ("compression", "low_log_probability")
    assert text_flags(ORDINARY, None, guards) == ()
    assert text_flags(ORDINARY, -0.3, Guards(compression_ratio=1.0)) == ("compression",)


def test_the_compression_ratio_is_whispers() -> None:
    assert compression_ratio("") == 0
    assert compression_ratio(ORDINARY) < 1.5
    assert compression_ratio("la " * 100) > 15


def test_words_outside_speech() -> None:
    speech = [Span(1.0, 2.0), Span(5.0, 6.0)]
    words = [Span(0.0, 0.5), Span(0.5, 1.1), Span(1.5, 1.5), Span(2.1, 2.4), Span(3.0, 4.0), Span(1.9, 5.5), Span(7, 8)]
    assert outside_speech(words, speech) == [True, False, False, False, True, False, True]
    assert outside_speech(words[:1], []) == [True]
    assert outside_speech([], speech) == []
