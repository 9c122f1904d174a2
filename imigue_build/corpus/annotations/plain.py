"""Plain text of an interview, without times, as agencies transcribe press conferences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.sources import MOST_WORDS, Labelled, bounded, lines

SUFFIX: Final = ".txt"
_QUESTION: Final = re.compile(r"^\s*Q(?:UESTION)?\s*[.:]\s+", re.IGNORECASE)
_ANSWER: Final = re.compile(r"^\s*A\s*[.:]\s+")
_NAME: Final = re.compile(r"^\s*((?:[A-Z][\w.'\u2019-]*)(?:\s+[A-Z][\w.'\u2019-]*){0,4})\s*:\s+")
_TIMES: Final = re.compile(r"^\s*\[?\(?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\)?\]?\s*")


class Token(NamedTuple):
    """A written token, who says it, where the text names somebody (of a question nobody is named), and its line."""

    word: str
    speaker: str | None
    line: int


def read_tokens(path: Path) -> list[Token]:
    """The spoken tokens of a text: without the labels of questions and answers, names and clock times
    that stand at the beginnings of its lines.

    Raises:
        AnnotationError: If it cannot be read.
    """
    found: list[Token] = []
    speaker: str | None = None
    for number, line in lines(path):
        text = _TIMES.sub("", line)
        if label := _QUESTION.match(text):
            speaker = None
        elif label := _ANSWER.match(text):
            speaker = "A"
        elif label := _NAME.match(text):
            speaker = label[1]
        if label:
            text = text[label.end() :]
        found += [Token(word, speaker, number) for word in text.split()]
        if len(found) > MOST_WORDS:
            break
    bounded(path, (Labelled(0.0, 0.0, token.word) for token in found))
    return found
