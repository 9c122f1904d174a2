"""YouTube's captions as json3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from imigue_build.corpus.annotations.json_forms.rows import Document, Part, Piece, Row, Source, until_next
from imigue_build.corpus.annotations.json_forms.times import seconds

_SECONDS_PER_LETTER: Final = 0.12
_SHORTEST: Final = 0.3
"""A word lasts until the next one begins, but no longer than its letters need: captions do not time pauses."""
_ROLLS: Final = 0.1
"""Seconds after the end of an event within which the next one may repeat its lines."""


def json3(source: Source) -> Document | None:
    """`{"events": [{"tStartMs", "dDurationMs", "segs": [{"utf8", "tOffsetMs"}]}]}`.

    Automatic captions time words; their `aAppend` events break lines. Captions that roll repeat the last line of the
    previous event, which is read once.
    """
    if not isinstance(source.content, dict) or "events" not in source.content:
        return None
    events = [
        (event, source.rows(event.get("segs"), "segs")) for event in source.rows(source.content["events"], "events")
    ]
    spoken = [(event, segs) for event, segs in events if any(source.text(seg, "utf8").strip() for seg in segs)]
    starts = [seconds(event.get("tStartMs"), 1000) for event, _ in spoken]
    parts: list[Part] = []
    shown: tuple[float, list[str]] = (0.0, [])
    for (event, segs), start, following in zip(spoken, starts, until_next(starts, None), strict=True):
        text = "".join(source.text(seg, "utf8") for seg in segs)
        duration = seconds(event.get("dDurationMs"), 1000)
        end = None if start is None or duration is None else start + duration
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if any("tOffsetMs" in seg for seg in segs):
            parts.append(Part(text, pieces=_words(source, segs, start, end if following is None else following)))
        else:
            repeated = _repeated(shown[1], lines) if start is not None and start <= shown[0] + _ROLLS else 0
            if fresh := lines[repeated:]:
                parts.append(Part(" ".join(fresh), start, end))
            elif end is not None and parts[-1].end is not None:
                parts[-1] = parts[-1]._replace(end=max(end, parts[-1].end))
        shown = (end or 0.0, lines)
    return Document(tuple(parts))


def _repeated(before: list[str], lines: list[str]) -> int:
    """How many of the first lines are the last ones of the previous event."""
    return next((count for count in range(len(lines), 0, -1) if before[-count:] == lines[:count]), 0)


def _words(source: Source, segs: Sequence[Row], start: float | None, end: float | None) -> tuple[Piece, ...]:
    """The words of an event; the first has no offset of its own."""
    offsets = [seconds(seg.get("tOffsetMs", 0), 1000) for seg in segs]
    starts = [None if start is None or offset is None else start + offset for offset in offsets]
    pieces = []
    for seg, begins, following in zip(segs, starts, until_next(starts, end), strict=True):
        text = source.text(seg, "utf8")
        longest = max(_SHORTEST, _SECONDS_PER_LETTER * len(text.strip()))
        ends = None if begins is None else min(begins + longest, begins + longest if following is None else following)
        pieces.append(Piece(text, begins, ends))
    return tuple(pieces)
