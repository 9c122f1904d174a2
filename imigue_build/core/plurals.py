"""Counts with their nouns."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun, in the plural unless it is 1; the plural has an s where none is given.

    >>> counted(1, "interview"), counted(1200, "interview"), counted(2, "entry", "entries")
    ('1 interview', '1,200 interviews', '2 entries')
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def clause(count: int, noun: str, verb: str, verbs: str) -> str:
    """A number with its noun and verb.

    >>> clause(1, "clip", "is", "are"), clause(2, "clip", "is", "are")
    ('1 clip is', '2 clips are')
    """
    return f"{counted(count, noun)} {verb if count == 1 else verbs}"
