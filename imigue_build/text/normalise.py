"""Text normalisation: written text into lower-case spoken words, without punctuation, with numbers in words."""

from __future__ import annotations

from collections.abc import Sequence

from imigue_build.text.readings import readings, readings_in_context


def normalise(raw: str) -> str:
    """The spoken words of a text, separated by single spaces; empty if nothing is spoken.

    >>> normalise("I won 6-4, 7-6(5) - that's my 1st final!")
    "i won six four seven six five that's my first final"
    >>> normalise("He is No. 1 and earned $3.5 million [laughter]")
    'he is number one and earned three point five million dollars'
    """
    return " ".join(word for words in spoken_words_of(raw.split()) for word in words)


def spoken_words_of(tokens: Sequence[str]) -> list[list[str]]:
    """The lower-case spoken words of each written token of a text, in its default reading given its neighbours.

    Punctuation alone and marks that are no speech, such as "[laughter]", have none (`text.marks`).
    """
    return [list(default) for default, *_ in readings_in_context(tokens)]


def spoken_words(token: str) -> list[str]:
    """The lower-case spoken words of one written token on its own, in its default reading.

    Punctuation alone and marks such as "[laughter]" have none; any other token with a letter or a digit of any
    script has at least one word.
    """
    return list(readings(token)[0])
