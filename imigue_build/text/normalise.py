"""Written text into spoken words: lower case, no punctuation but word-internal apostrophes, numbers in words."""

from __future__ import annotations

from imigue_build.text.readings import readings, readings_in_row


def normalise(raw: str) -> str:
    """The spoken words of a text with single spaces between them; empty where nothing is spoken.

    >>> normalise("I won 6-4, 7-6(5) - that's my 1st final!")
    "i won six four seven six five that's my first final"
    >>> normalise("He is No. 1 and earned $3.5 million [laughter]")
    'he is number one and earned three point five million dollars'
    """
    return " ".join(word for default, *_ in readings_in_row(raw.split()) for word in default)


def spoken_words(token: str) -> list[str]:
    """The spoken, lower-case words of one written token: its default reading.

    There are none for punctuation alone and for a transcriber's mark such as "[laughter]"; any other
    token that holds a letter or a digit of any script gives at least one word.
    """
    return list(readings(token)[0])
