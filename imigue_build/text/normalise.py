"""Text normalisation: written text into lower-case spoken words, without punctuation, with numbers in words."""

from __future__ import annotations

from imigue_build.text.readings import readings, readings_in_context


def normalise(raw: str) -> str:
    """The spoken words of a text, separated by single spaces; empty if nothing is spoken.

    >>> normalise("I won 6-4, 7-6(5) - that's my 1st final!")
    "i won six four seven six five that's my first final"
    >>> normalise("He is No. 1 and earned $3.5 million [laughter]")
    'he is number one and earned three point five million dollars'
    """
    return " ".join(word for default, *_ in readings_in_context(raw.split()) for word in default)


def spoken_words(token: str) -> list[str]:
    """The lower-case spoken words of one written token, in its default reading.

    Punctuation alone and annotations such as "[laughter]" have none; any other
    token with a letter or a digit of any script has at least one word.
    """
    return list(readings(token)[0])
