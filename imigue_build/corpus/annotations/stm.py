"""Readers of NIST's STM and CTM: texts of segments and of words, as corpora and scoring tools have them.

STM: `recording channel speaker start end [<labels>] text`. CTM: `recording channel start duration word [confidence
[type [speaker]]]`. Of alternatives, `{ a / b }` and `<ALT_BEGIN>`, the first counts.
https://github.com/usnistgov/SCTK/blob/master/doc/infmts.htm
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.plurals import counted
from imigue_build.corpus.annotations.marks import is_silence, spelled
from imigue_build.corpus.annotations.sources import (
    LabelledSpan,
    Warn,
    columns_of_lines,
    line_error,
    log_warning,
    seconds,
    select_recording,
)

_NOBODY: Final = frozenset({"inter_segment_gap", "intersegment_gap", "excluded_region", "<na>"})
_NOT_SCORED: Final = "ignore_time_segment_in_scoring"
_LABEL: Final = re.compile(r"<(?:[^<>\s]*,[^<>]*|NA|[oO]|[Ff]\d\w*|)>\s*")
_LABEL_BEGINS: Final = re.compile(r"<(?:[^<>\s]*,|(?:NA|[oO]|[Ff]\d\w*|)>)")
_BRACES: Final = re.compile(r"\{([^{}]*+)\}")
_NUMBER: Final = re.compile(r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?", re.ASCII)
_NOT_WORDS: Final = frozenset({"noise", "non-speech"})
"""Types of CTM words that are no speech."""


def stm(path: Path, video_id: str, warn: Warn = log_warning) -> list[LabelledSpan]:
    """The segments of an interview in an STM file.

    Gaps between segments are left out, and, with a warning, what is not to be scored: it has no text.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    rows = [(number, line.split()) for number, (line,) in columns_of_lines(path, 1, max_splits=0)]
    if len(rows) > 1 and all(_is_ambiguous(columns) for _, columns in rows):
        what = f"{path}: three numbers follow the speaker on every line: the first may be a part of the name"
        raise AnnotationError(what, "write the names without blanks")
    found = [(columns[0], _segment(path, number, columns)) for number, columns in rows]
    if not found:
        return []
    name = select_recording(path, video_id, [name for name, _ in found], warn)
    own = [segment for recording, segment in found if recording == name]
    spoken = [segment for segment in own if (segment.speaker or "").casefold() not in _NOBODY]
    kept = [segment for segment in spoken if segment.text.casefold() != _NOT_SCORED]
    if len(kept) < len(spoken):
        count = len(spoken) - len(kept)
        warn(f"{path.name}: {count} of {len(spoken)} segments have no text and no turn ({_NOT_SCORED})")
    if texts := [segment.text for segment in own if segment not in spoken and _has_text(segment)]:
        warn(f"{path.name}: text of no speaker is left out: {abridged(' '.join(texts))}")
    return [_plain(path, segment, warn) for segment in kept]


def _has_text(segment: LabelledSpan) -> bool:
    return segment.text.casefold() not in ("", _NOT_SCORED)


def _times_follow(columns: Sequence[str], at: int) -> bool:
    return len(columns) > at + 1 and all(_NUMBER.fullmatch(column) for column in columns[at : at + 2])


def _label(columns: Sequence[str]) -> int | None:
    """The index of the labels, which come after two times."""
    places = (at for at in range(5, len(columns)) if _LABEL_BEGINS.match(columns[at]))
    return next((at for at in places if _times_follow(columns, at - 2)), None)


def _is_ambiguous(columns: Sequence[str]) -> bool:
    """Whether the times can as well be one column later, after a name such as `Speaker 1`."""
    either = _times_follow(columns, 3) and _times_follow(columns, 4) and columns[3].isdecimal()
    return either and _label(columns) is None and float(columns[4]) <= float(columns[5])


def _segment(path: Path, number: int, columns: Sequence[str]) -> LabelledSpan:
    if len(columns) < 5:
        raise line_error(path, number, f"{counted(len(columns), 'column')}, expected at least 5")
    label = _label(columns)
    at = (
        label - 2 if label is not None else next((at for at in range(3, len(columns)) if _times_follow(columns, at)), 3)
    )
    start, end = (seconds(path, number, time) for time in columns[at : at + 2])
    if end < start:
        problem = f"{abridged(columns[at])} to {abridged(columns[at + 1])} ends before it begins"
        raise line_error(path, number, problem)
    text = " ".join(columns[at + 2 :])
    labels = _LABEL.match(text)
    return LabelledSpan(start, end, text[labels.end() :] if labels else text, " ".join(columns[2:at]))


def _plain(path: Path, segment: LabelledSpan, warn: Warn) -> LabelledSpan:
    """The segment with the first of alternatives, and its marks as they are written elsewhere."""

    def first(match: re.Match[str]) -> str:
        chosen, *others = re.split(r"(?<!\S)/(?!\S)", match[1])
        if not others:
            return match[0]
        warn(f"{path.name}: of '{abridged(match[1].strip(), 80)}' the first is taken")
        return "" if chosen.strip() == "@" else chosen.strip()

    return segment._replace(text=spelled(_BRACES.sub(first, segment.text)))


def ctm(path: Path, video_id: str, warn: Warn = log_warning) -> list[LabelledSpan]:
    """The words of an interview in a CTM file, without silences; noises are left out with a warning.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    words: list[tuple[str, LabelledSpan]] = []
    dropped: list[str] = []
    alternative = 0
    for number, columns in columns_of_lines(path, 5):
        if columns[4].upper() in ("<ALT_BEGIN>", "<ALT>", "<ALT_END>"):
            alternative = {"<ALT_BEGIN>": 1, "<ALT_END>": 0}.get(columns[4].upper(), alternative + 1)
            continue
        start, duration = seconds(path, number, columns[2]), seconds(path, number, columns[3])
        confidence = float(columns[5]) if len(columns) > 5 and _NUMBER.fullmatch(columns[5]) else None
        kind = columns[6].casefold() if len(columns) > 6 else ""
        if alternative > 1 or kind in _NOT_WORDS or columns[4] == "@":
            dropped.append(columns[4])
        elif not is_silence(columns[4]):
            speaker = columns[7] if len(columns) > 7 and columns[7].casefold() not in ("na", "<na>", "null") else None
            text = spelled(columns[4])
            words.append((columns[0], LabelledSpan(start, start + duration, text, speaker, confidence)))
    if dropped:
        listed = abridged(", ".join(dropped))
        warn(f"{path.name}: left out: {counted(len(dropped), 'word')} (noise, or a second alternative): {listed}")
    if not words:
        return []
    name = select_recording(path, video_id, [name for name, _ in words], warn)
    return [word for recording, word in words if recording == name]
