"""Reader of plain-text transcripts without times, as agencies write them for press conferences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.sources import MAX_WORDS, LabelledSpan, bounded, lines

SUFFIX: Final = ".txt"
_QUESTION: Final = re.compile(r"^\s*Q(?:UESTION)?\s*[.:]\s+", re.IGNORECASE)
_ANSWER: Final = re.compile(r"^\s*A\s*[.:]\s+")
_NAME: Final = re.compile(r"^\s*((?:[A-Z][\w.'\u2019-]*)(?:\s+[A-Z][\w.'\u2019-]*){0,4})\s*:\s+")
_TIMESTAMP: Final = re.compile(r"^\s*\[?\(?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\)?\]?\s*")


class Token(NamedTuple):
    """A written token, its speaker if the text names one (questions name none), and its line number."""

    word: str
    speaker: str | None
    line: int


def read_tokens(path: Path) -> list[Token]:
    """The spoken tokens of a text, without the question and answer labels, names and timestamps
    at the beginnings of lines.

    Raises:
        AnnotationError: If the file cannot be read.
    """
    tokens: list[Token] = []
    speaker: str | None = None
    for number, line in lines(path):
        text = _TIMESTAMP.sub("", line)
        if label := _QUESTION.match(text):
            speaker = None
        elif label := _ANSWER.match(text):
            speaker = "A"
        elif label := _NAME.match(text):
            speaker = label[1]
        if label:
            text = text[label.end() :]
        tokens += [Token(word, speaker, number) for word in text.split()]
        if len(tokens) > MAX_WORDS:
            break
    bounded(path, (LabelledSpan(0.0, 0.0, token.word) for token in tokens))
    return tokens
