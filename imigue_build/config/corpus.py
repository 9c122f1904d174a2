"""What a recipe says of its corpus: text for the card, for other formats and for provenance. No stage reads it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from imigue_build.config.base import Section, is_path

LONGEST: Final = 2000
"""Characters of a text."""


def _one_line(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    if not text.isprintable():
        raise ValueError("it has characters that do not print")
    if is_path(text):
        raise ValueError("it takes a text, not the path of a file")
    return text


Text = Annotated[str, Field(max_length=LONGEST), BeforeValidator(_one_line)]


class CorpusSection(Section):
    """What the recordings are; each is plain text, its white space taken as single spaces, and
    empty where the recipe does not say it.

    `name` is short and names files, `title` is a line for headings, `origin` says where the recordings come from,
    `contact` whom to ask, `language` which languages are spoken, `homepage` an address.
    """

    name: Text = ""
    title: Text = ""
    origin: Text = ""
    licence: Text = ""
    citation: Text = ""
    contact: Text = ""
    language: Text = ""
    homepage: Text = ""
