"""Speaker labels written in a text: `Jane Doe:`, `[SPEAKER_00]:`, `Q.`, `>> NAME:`, `Jane Doe  0:05`.

What looks like a label is one only if the whole text uses labels so: a word with a colon that occurs once is text.
Where somebody is labelled as interviewee, everybody is labelled by role or number.
A speaker talks until the next label. Labels and the timestamps beside them are not spoken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.label_forms import (
    ANSWER,
    BARE_STAMP,
    CHANGE,
    QUESTION,
    STAMP,
    Form,
    Head,
    Key,
    Kind,
    head_of,
)

_USUAL: Final = 0.4
"""Share of the lines that begin with labels from which a name that occurs once is a label as well."""
_ALL_CAPITALS: Final = 0.6
"""Share of capital letters from which capitals say nothing."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
ANSWERING: Final = "A"


class Said(NamedTuple):
    """Consecutive words of a line by one speaker (None: not named), with their places among the line's tokens."""

    speaker: str | None
    words: tuple[str, ...]
    places: tuple[int, ...]


def speakers_of(lines: Sequence[str]) -> list[list[Said]]:
    """Who says what in each line of a text: the words without labels, `>>` and timestamps.

    A speaker is carried on to the lines after the label; `>>` without a name, and a question, end that.

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
        self._bare = stamped >= 2 and stamped >= _USUAL / 2 * len(texts)
        self._answers = any(map(QUESTION.match, map(self._unstamped, texts)))
        heads = [(place, head_of(self._unstamped(" ".join(part)))) for place, part in parts]
        known = [(place, head) for place, head in heads if head is not None]
        announced = {head.key for place, head in known if place < 0 and head.form is Form.BEFORE}
        self._accepted = _accepted([head for _, head in known], announced, texts)

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
                skipped = label.tokens if label else self._stamps(part)
                if words := part[skipped:]:
                    unheard = None
                    row.append(Said(speaker, tuple(words), tuple(places[skipped:])))
        if unheard:
            unheard[0].append(unheard[1])
        return found

    def _label(self, text: str) -> _Label | None:
        """The label at the beginning of a part of a line."""
        rest = self._unstamped(text)
        stamps = len(text.split()) - len(rest.split())
        if match := QUESTION.match(rest):
            return _Label(None, stamps + _after(rest, len(match[0].split())))
        if self._answers and (match := ANSWER.match(rest)):
            return _Label(ANSWERING, stamps + _after(rest, len(match[0].split())))
        head = head_of(rest)
        if head is None or (name := self._accepted.get(head.key)) is None:
            return None
        alone = head.form is Form.ALONE and head.kind is not Kind.GENERIC
        return _Label(name, stamps + _after(rest, head.tokens), alone)

    def _stamps(self, part: Sequence[str]) -> int:
        """The number of tokens of the timestamps at the beginning of a part."""
        return len(part) - len(self._unstamped(" ".join(part)).split())

    def _unstamped(self, text: str) -> str:
        """A part without the timestamps at its beginning."""
        begun = 0
        while match := STAMP.match(text, begun) or (BARE_STAMP.match(text, begun) if self._bare else None):
            begun = match.end() + 1
        return text[begun:]


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
    stamp = STAMP.match(rest)
    return count + (len(stamp[0].split()) if stamp else 0)


def _accepted(heads: Sequence[Head], announced: set[Key], texts: Sequence[str]) -> dict[Key, str]:
    """The names of the labels that a text uses, by their keys.

    Args:
        heads: What the parts of the text seem to begin with.
        announced: Those that stand after `>>`.
        texts: All parts of the text.
    """
    counts = Counter(head.key for head in heads)
    first = {head.key: head for head in reversed(heads)}
    in_capitals = _share_of_capitals(texts) > _ALL_CAPITALS
    if in_capitals:
        unsure = {Kind.CAPITALS: Kind.NAME}
        first = {key: head._replace(kind=unsure.get(head.kind, head.kind)) for key, head in first.items()}
    timed = sum(head.form is Form.TIMED for head in heads)
    sure = {key for key, head in first.items() if _is_sure(head, counts[key], timed)}
    if "interviewee" in {key[0] for key in sure}:
        return {key: first[key].label for key in sure if first[key].kind is Kind.GENERIC}
    sure |= {key for key in announced if first[key].kind in (Kind.CAPITALS, Kind.NAME)}
    sure |= _names_of_one_word(first, counts, sure, texts)

    def share(keys: Iterable[Key]) -> float:
        return sum(counts[key] for key in keys) / max(len(texts), 1)

    alone = {key for key in first if key[1] is Form.ALONE}
    names = {key for key in alone if " " in key[0] and not key[0].endswith((".", ",")) and not in_capitals}
    if share({key for key in names if counts[key] >= 2} | alone & sure) >= _USUAL / 2:
        sure |= names
    before = {key: head for key, head in first.items() if key[1] is Form.BEFORE}
    free = {key for key, head in before.items() if head.kind is Kind.FREE and counts[key] >= 2}
    if share(before.keys() & (sure | free)) >= 2 * _USUAL:
        sure |= free
    if share({key for key in before.keys() & sure if before[key].kind is not Kind.GENERIC}) >= _USUAL:
        sure |= {key for key, head in before.items() if head.kind in (Kind.CAPITALS, Kind.NAME) and " " in head.label}
    written = {key[0]: head.label for key, head in first.items()}
    return {key: written[key[0]] for key in sure}


def _is_sure(head: Head, count: int, timed: int) -> bool:
    """Whether a label is one, whatever other labels the text has.

    Args:
        count: How often it occurs.
        timed: The number of labels with times in the text.
    """
    if head.form is Form.ALONE:
        numbered = any(map(str.isdigit, head.label))
        return head.kind is Kind.GENERIC and (numbered or count >= 2)
    if head.kind is Kind.GENERIC:
        return True
    if head.form is Form.TIMED:
        return timed >= 2 and (count >= 2 or head.kind is not Kind.FREE)
    if head.kind is Kind.CAPITALS:
        return count >= 2 or " " in head.label
    return head.kind is Kind.NAME and count >= 2


def _names_of_one_word(
    first: Mapping[Key, Head], counts: Counter[Key], sure: set[Key], texts: Sequence[str]
) -> set[Key]:
    """Names of one word (`Rafa:`) that occur repeatedly, beside other labels, and not as a word of the text."""
    lower = {word for text in texts for word in _WORD.findall(text) if word.islower()}
    found = {
        key
        for key, head in first.items()
        if head.kind is Kind.WORD and key[1] is Form.BEFORE and counts[key] >= 2 and key[0] not in lower
    }
    usual = sum(counts[key] for key in found) >= _USUAL * len(texts)
    return found if sure or len(found) > 1 or usual else set()


def _share_of_capitals(texts: Iterable[str]) -> float:
    letters = [character for text in texts for character in text if character.isupper() or character.islower()]
    return sum(map(str.isupper, letters)) / max(len(letters), 1)
