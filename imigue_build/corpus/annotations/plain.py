"""Reader of plain-text transcripts without times, as agencies write them for press conferences."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.label_forms import spaced
from imigue_build.corpus.annotations.sources import LabelledSpan, bounded, lines
from imigue_build.corpus.annotations.speaker_labels import speakers_of
from imigue_build.corpus.annotations.tight_labels import separated, without_numbers

SUFFIX: Final = ".txt"


class Token(NamedTuple):
    """A written token, its speaker if the text names one (questions name none), and its line number."""

    word: str
    speaker: str | None
    line: int


def read_tokens(path: Path) -> list[Token]:
    """The spoken tokens of a text, without speaker labels, timestamps and the numbers of its lines.

    Raises:
        AnnotationError: If the file cannot be read.
    """
    given = list(lines(path))
    texts = separated(without_numbers([line for _, line in given]))
    numbered = [(number, spaced(line)) for (number, _), line in zip(given, texts, strict=True)]
    bounded(path, (LabelledSpan(0.0, 0.0, line) for _, line in numbered))
    said = speakers_of([line for _, line in numbered])
    return [
        Token(word, piece.speaker, number)
        for (number, _), row in zip(numbered, said, strict=True)
        for piece in row
        for word in piece.words
    ]
