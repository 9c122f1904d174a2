"""Words from timed pieces: joined as the text of their segment spells them.

Tools time pieces (`today`, `'s`; `6`, `-4`), words without punctuation, or single characters. Text and pieces are
compared by their letters and digits; a word ends where both a piece ends and the text has a blank.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.json_forms.matching import blocks
from imigue_build.corpus.annotations.json_forms.rows import Part, Piece
from imigue_build.corpus.annotations.json_forms.times import untimed

_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts that write no blanks between words: their pieces stay apart."""


_CLITIC: Final = re.compile(r"['\u2019](?:s|t|m|d|ll|re|ve)|n['\u2019]t", re.IGNORECASE)
_CLOSING: Final = re.compile("[.,?!:;%)\\]\u2026\u3001\u3002\uff01\uff0c\uff1f]+")
"""What ends a word, where a tool times it apart from the word."""


class Spelled(NamedTuple):
    """A word as its text spells it, with the pieces that time it (none if the tool timed none); `part` is the index
    of its segment."""

    text: str
    pieces: tuple[Piece, ...]
    part: int


class Spelling(NamedTuple):
    """The words of a run of segments, and the words of the list that the text spells otherwise."""

    words: list[Spelled]
    replaced: list[str]


def spell(parts: Sequence[Part], pieces: Sequence[Piece]) -> Spelling:
    """The words of segments, timed by their pieces.

    A word that the text lacks is kept as the pieces give it; where text and pieces differ, the text counts.
    """
    texts = [part.text for part in parts]
    offsets = list(accumulate((len(text) + 1 for text in texts), initial=0))
    text = "\n".join(texts)

    def part_at(position: int) -> int:
        return max(0, min(bisect_right(offsets, position) - 1, len(parts) - 1))

    if not text.strip():
        return Spelling([Spelled(word, own, 0) for word, own in _joined(pieces)], [])
    whole = _by_letters(text, pieces)
    if whole is not None:
        return Spelling([Spelled(word, own, part_at(position)) for word, own, position in whole], [])
    words: list[Spelled] = []
    replaced: list[str] = []
    position = 0
    for block, own, at in _by_words(text, _joined(pieces)):
        position = position if at is None else at
        if at is not None and own and _letters(block) != _letters(" ".join(piece.text for piece in own)):
            replaced.append("".join(piece.text for piece in own).strip())
        words.append(Spelled(block, own, part_at(position)))
    return Spelling(words, replaced)


def _joined(pieces: Sequence[Piece]) -> list[tuple[str, tuple[Piece, ...]]]:
    """Words by the blanks in front of their pieces.

    Where neither the first nor half of the pieces have one, each piece is a word, but for contracted words and
    punctuation (`don`, `'t`, `.`).
    """
    written = [piece for piece in pieces if piece.text.strip()]
    blanks = [piece.text[0].isspace() for piece in written if not _CLOSING.fullmatch(piece.text)]
    marked = any(blanks[:1]) or 2 * sum(blanks) >= len(blanks)
    groups: list[list[Piece]] = []
    for piece in written:
        last = groups[-1][-1].text if groups else " "
        follows = marked or _CLITIC.fullmatch(piece.text) or _CLOSING.fullmatch(piece.text)
        starts = not groups or not follows or piece.text[:1].isspace() or last[-1:].isspace()
        if starts or _unspaced(last.strip()[-1:], piece.text.strip()[:1]):
            groups.append([piece])
        else:
            groups[-1].append(piece)
    return [(" ".join("".join(piece.text for piece in group).split()), tuple(group)) for group in groups]


def _unspaced(before: str, after: str) -> bool:
    return all(char and any(first <= ord(char) <= last for first, last in _UNSPACED) for char in (before, after))


def _letters(text: str) -> list[str]:
    return [letter for letter, _ in _positions(text)]


def _positions(text: str) -> Iterator[tuple[str, int]]:
    """The letters and digits of a text without case and diacritics, each with its position."""
    for position, char in enumerate(text):
        if char.isascii():
            if char.isalnum():
                yield char.lower(), position
        else:
            for letter in unicodedata.normalize("NFKD", char.casefold()):
                if letter.isalnum():
                    yield letter, position


def _by_letters(text: str, pieces: Sequence[Piece]) -> list[tuple[str, tuple[Piece, ...], int]] | None:
    """The words of a text whose letters are those of its pieces: text, pieces, position; None if they differ."""
    written = list(_positions(text))
    spoken = [(letter, index) for index, piece in enumerate(pieces) for letter in _letters(piece.text)]
    if not spoken or [letter for letter, _ in written] != [letter for letter, _ in spoken]:
        return None
    cuts: list[tuple[int, int]] = [(0, 0)]  # index of the first letter of a word, position in the text
    for index in range(1, len(written)):
        if spoken[index][1] == spoken[index - 1][1]:
            continue
        before, at = written[index - 1][1], written[index][1]
        blank = next((place for place in range(at - 1, before, -1) if text[place].isspace()), None)
        if blank is not None:
            cuts.append((index, blank + 1))
        elif _unspaced(text[before], text[at]):
            cuts.append((index, at))
    ends = [*cuts[1:], (len(written), len(text))]
    words = []
    for (first, start), (last, end) in zip(cuts, ends, strict=True):
        own = sorted({piece for _, piece in spoken[first:last]})
        words.append((" ".join(text[start:end].split()), tuple(pieces[piece] for piece in own), written[first][1]))
    return words


def _by_words(
    text: str, words: Sequence[tuple[str, tuple[Piece, ...]]]
) -> Iterator[tuple[str, tuple[Piece, ...], int | None]]:
    """Text, pieces, and position in the text (None for words that it lacks), where text and words differ."""
    tokens: list[tuple[str, int]] = []
    position = 0
    for token in text.split():
        position = text.index(token, position)
        tokens.append((token, position))
        position += len(token)
    written = ["".join(_letters(token)) for token, _ in tokens]
    spoken = ["".join(_letters(word)) for word, _ in words]
    for first, last, begin, end, same in blocks(written, spoken):
        own = [piece for _, group in words[begin:end] for piece in group]
        if same:
            for (token, at), (_, group) in zip(tokens[first:last], words[begin:end], strict=True):
                yield token, group, at
        elif first == last:
            for word, group in words[begin:end]:
                yield word, group, None
        elif not own:
            yield from ((token, (), at) for token, at in tokens[first:last])
        else:
            start, stop = tokens[first][1], tokens[last - 1][1] + len(tokens[last - 1][0])
            spelled = _by_letters(text[start:stop], own) or [(" ".join(text[start:stop].split()), tuple(own), 0)]
            yield from ((word, group, start + at) for word, group, at in spelled)


def times(pieces: Sequence[Piece]) -> tuple[float | None, float | None]:
    """Start and end of a word: of its timed pieces."""
    timed = [(piece.start, piece.end) for piece in pieces if not untimed(piece.start, piece.end)]
    starts = [start for start, _ in timed if start is not None]
    ends = [end for _, end in timed if end is not None]
    return (min(starts), max(ends)) if timed else (None, None)
