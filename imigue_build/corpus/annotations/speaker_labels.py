"""Speaker labels written in a text: `Jane Doe:`, `[SPEAKER_00]:`, `Q.`, `>> NAME:`, `Jane Doe  0:05`.

What looks like a label is one only if the whole text uses labels so: a word with a colon that occurs once is text.
Where somebody is labelled as interviewee, everybody is labelled by role or number.
A speaker talks until the next label. Labels and the timestamps beside them are not spoken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.label_forms import (
    ANSWER,
    BARE_STAMP,
    CHANGE,
    COLUMN_STAMP,
    PLAIN_ANSWER,
    PLAIN_QUESTION,
    QUESTION,
    STAMP,
    TAB,
    Form,
    Kind,
    dash_tokens,
    heads_of,
)
from imigue_build.corpus.annotations.label_use import Part, accepted

_USUAL: Final = 0.2
"""Share of the lines that begin with times, or with Q and A without a point, from which these are no words."""
ASKING: Final = "Q"
"""The name of all who ask, where questions and answers are labelled."""
ANSWERING: Final = "A"


class Said(NamedTuple):
    """Consecutive words of a line by one speaker (None: not named), with their places among the line's tokens.

    `changed` where the text says that another person speaks, and not who.
    """

    speaker: str | None
    words: tuple[str, ...]
    places: tuple[int, ...]
    changed: bool = False


def speakers_of(lines: Sequence[str]) -> list[list[Said]]:
    """Who says what in each line of a text: the words without labels, `>>` and timestamps.

    A speaker is carried on to the lines after the label; `>>` without a name ends that.

    >>> speakers_of(["Speaker 1: So?", "Well.", "Speaker 2: Yes: yes."])[1:]
    [[Said(speaker='Speaker 1', words=('Well.',), places=(0,))], [Said(speaker='Speaker 2', words=('Yes:', 'yes.'), \
places=(2, 3))]]
    """
    return _Labels(lines).read(lines)


class _Label(NamedTuple):
    """A label: whom it names, its number of tokens with timestamps, and whether it is a name on a line of its own."""

    speaker: str | None
    tokens: int
    alone: bool = False


class _Labels:
    """The labels that a text uses."""

    def __init__(self, lines: Iterable[str]) -> None:
        parts = [part for line in lines for part in _parts(line.split())]
        texts = [" ".join(part) for _, part in parts]
        stamped = sum(BARE_STAMP.match(text) is not None for text in texts)
        self._bare = stamped >= 2 and stamped >= _USUAL * len(texts)
        unstamped = [self._unstamped(text) for text in texts]
        counts = [sum(map(bool, map(pattern.match, unstamped))) for pattern in (PLAIN_QUESTION, PLAIN_ANSWER)]
        self._plain = min(counts) >= max(2, max(counts) / 4) and sum(counts) >= _USUAL * len(texts)
        self._answers = self._plain or any(map(QUESTION.match, unstamped))
        self._accepted = accepted(
            [Part(text, tuple(heads_of(text)), place < 0) for (place, _), text in zip(parts, unstamped, strict=True)],
        )

    def read(self, lines: Iterable[str]) -> list[list[Said]]:
        """Who says what in each line; a name on a line of its own after which nobody speaks is text."""
        speaker: str | None = None
        found: list[list[Said]] = []
        unheard: tuple[list[Said], Said] | None = None
        for line in lines:
            row: list[Said] = []
            found.append(row)
            for first, part in _parts(line.split()):
                label = self._label(" ".join(part))
                places = range(abs(first) - 1, abs(first) - 1 + len(part))
                if unheard and (label or first < 0):
                    unheard[0].append(unheard[1])
                    speaker, unheard = unheard[1].speaker, None
                if label and label.alone:
                    unheard = row, Said(speaker, tuple(part), tuple(places))
                if label or first < 0:
                    speaker = label.speaker if label else None
                skipped = label.tokens if label else self._before(part)
                spoken = [(word, place) for word, place in zip(part, places, strict=True) if word != TAB]
                spoken = [(word, place) for word, place in spoken if place >= places[0] + skipped]
                if spoken:
                    unheard = None
                    changed = first < 0 and not (label and label.speaker)
                    words, own = (tuple(word for word, _ in spoken), tuple(place for _, place in spoken))
                    row.append(Said(speaker, words, own, changed))
        if unheard:
            unheard[0].append(unheard[1])
        return found

    def _label(self, text: str) -> _Label | None:
        """The label at the beginning of a part of a line."""
        rest = self._unstamped(text)
        stamps = len(text.split()) - len(rest.split())
        for pattern, plain, speaker in ((QUESTION, PLAIN_QUESTION, ASKING), (ANSWER, PLAIN_ANSWER, ANSWERING)):
            match = pattern.match(rest) or (plain.match(rest) if self._plain else None)
            if match and (self._answers or speaker == ASKING):
                return _Label(speaker, stamps + _after(rest, len(match[0].split())))
        head = next((head for head in heads_of(rest) if head.key in self._accepted), None)
        if head is None:
            return None
        alone = head.form is Form.ALONE and head.kind is not Kind.GENERIC
        return _Label(self._accepted[head.key], stamps + _after(rest, head.tokens), alone)

    def _before(self, part: Sequence[str]) -> int:
        """The number of tokens of the timestamps and the dash at the beginning of a part."""
        rest = self._unstamped(" ".join(part))
        return len(part) - len(rest.split()) + dash_tokens(rest)

    def _unstamped(self, text: str) -> str:
        """A part without the timestamps at its beginning."""
        begun = 0
        while match := STAMP.match(text, begun) or (BARE_STAMP.match(text, begun) if self._bare else None):
            begun = match.end() + 1
        return text[begun:].removeprefix(f"{TAB} ")


def _parts(tokens: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The parts of a line between `>>`, each with the place of its first token plus 1; negative after a `>>`."""
    parts: list[tuple[int, list[str]]] = []
    sign, begun = 1, 0
    for place, token in enumerate([*tokens, ">>"]):
        if CHANGE.fullmatch(token):
            if begun < place:
                parts.append((sign * (begun + 1), list(tokens[begun:place])))
            sign, begun = -1, place + 1
    return parts


def _after(text: str, count: int) -> int:
    """The tokens up to the speech: a label's and those of a timestamp right after it."""
    rest = " ".join(text.split()[count:])
    stamp = STAMP.match(rest) or COLUMN_STAMP.match(rest)
    return count + (len(stamp[0].split()) if stamp else 0)
