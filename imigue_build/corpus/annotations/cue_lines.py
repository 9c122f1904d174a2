"""The lines of cues without markup: tags, entities and dashes, with the voices and times that the markup gives."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.cues import Cue, clock
from imigue_build.corpus.annotations.label_forms import spaced

_TAG: Final = re.compile(
    r"<v(?:\.[^\s<>]*)?\s(?P<voice>[^<>]+)>|(?P<end></v>)|<(?P<time>[\d:.,]+)>|(?P<blank><br ?/?>|\\[Nnh])"
    r"|\{\\[^{}]*\}"
    r"|</?(?:i|b|u|s|em|strong|font|c|v|lang|ruby|rt|span|p)(?:[.\s][^<>]*)?>",
    re.IGNORECASE,
)
_TIME: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};|[A-Za-z]\w{1,30};)")
_DASH: Final = re.compile(
    r"((?:<[^<>]*>|\{\\[^{}]*\})*)\s*[-\u2010-\u2015](?![\w ]{1,32}[-\u2010-\u2015]+\s*$)"
    r"(?:(\s+)(?=\S)|(?=[^\W\d_]|[<\[(\"'\u2026\u00a1\u00bf]))"
)
"""A dash before what somebody says, after markup; `- laughs -` is a mark."""
_DASH_ALONE: Final = re.compile(r"\s*[-\u2010-\u2015]\s*")
_SENTENCE: Final = re.compile(r"[.?!\u2026\"\u201d)\]\u266a](?:</?[^<>]*>)*\s*$")
_INNER_DASH: Final = re.compile(r"(?<=[.?!\u2026\"])\s+[-\u2010-\u2015]\s*(?=[^\W\d_])")
_TOKEN: Final = re.compile(r">{2,}|(?:(?!>>)\S)+")


class Line(NamedTuple):
    """The tokens of a line by one voice, each with the time before it, if any."""

    voice: str | None
    tokens: tuple[str, ...]
    times: tuple[float | None, ...]


def cue_lines(cue: Cue) -> Iterator[Line]:
    """The lines of a cue without markup; a line by several voices gives several."""
    voice = cue.voice
    for line in _without_dashes(cue.lines):
        text, position = "", 0
        stamps: list[tuple[int, float]] = []
        for match in _TAG.finditer(line):
            text += _unescaped(line[position : match.start()])
            position = match.end()
            if match["voice"] or match["end"]:
                yield from _line(voice, text, stamps)
                text, stamps = "", []
                voice = _voice(match["voice"]) if match["voice"] else cue.voice
            elif match["time"] and (time := _TIME.fullmatch(match["time"])):
                stamps.append((len(text), clock(time.groups())))
            elif match["blank"]:
                text += " "
        yield from _line(voice, text + _unescaped(line[position:]), stamps)


def _without_dashes(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a cue; where dashes begin several, each is another speaker's, and begins with `>>` instead.

    So is a line with a dash after one that ends a sentence. A dash and a blank at the beginning of one line alone go
    as well, and lines of a dash alone.
    """
    lines = [line for line in lines if not _DASH_ALONE.fullmatch(line)] if len(lines) > 1 else lines
    dashed = [_DASH.match(line) for line in lines]
    several = sum(map(bool, dashed)) > 1
    for before, line, match in zip(["", *lines], lines, dashed, strict=False):
        if match and (several or _SENTENCE.search(before) or _INNER_DASH.search(line)):
            yield f"{match[1]}>> {_INNER_DASH.sub(' >> ', line[match.end() :])}"
        elif match and match[2]:
            yield match[1] + line[match.end() :]
        else:
            yield line


def _voice(name: str) -> str | None:
    """The name in a voice tag; None for `<v ->`, which says that somebody else speaks."""
    plain = _unescaped(name).strip()
    return plain if any(map(str.isalnum, plain)) else None


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _line(voice: str | None, text: str, stamps: Sequence[tuple[int, float]]) -> Iterator[Line]:
    """The line of a text, with times at the positions of its characters; none if it is blank."""
    matches = list(_TOKEN.finditer(text))
    tokens = [match[0] for match in matches] if stamps else spaced(text).split()
    times: list[float | None] = [None] * len(tokens)
    starts = [match.start() for match in matches]
    for position, time in stamps:
        if (place := bisect_left(starts, position)) < len(times):
            times[place] = time
    if tokens:
        yield Line(voice, tuple(tokens), tuple(times))
