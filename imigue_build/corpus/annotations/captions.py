"""Speech from cues: without markup and repetitions, with speakers and the word times inside the text.

Rolling captions show each line twice or three times: it is read once, where it first appears. Text with times
inside (`so<00:00:01.240><c> how</c>`) gives words with times; other text has the times of its cue.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import abridged
from imigue_build.corpus.annotations.cues import Cue, clock, has_times, read_cues
from imigue_build.corpus.annotations.label_forms import spaced
from imigue_build.corpus.annotations.labelled import divided
from imigue_build.corpus.annotations.sources import GivenText, LabelledSpan, TimedSegment, lines
from imigue_build.corpus.annotations.speaker_labels import Said, speakers_of

_TAG: Final = re.compile(
    r"<v(?:\.[^\s<>]*)?\s(?P<voice>[^<>]+)>|(?P<end></v>)|<(?P<time>[\d:.,]+)>|(?P<blank><br ?/?>|\\[Nnh])"
    r"|\{\\[^{}]*\}"
    r"|</?(?:i|b|u|s|em|strong|font|c|v|lang|ruby|rt|span|p)(?:[.\s][^<>]*)?>",
    re.IGNORECASE,
)
_HIGHLIGHT: Final = re.compile(r"</?(?:u|b|font)(?: [^<>]*)?>", re.IGNORECASE)
"""Markup of the word that is spoken, where captions show a text anew for each of its words, as Whisper can."""
_TIME: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
_CHANGE: Final = re.compile(r">{2,}")
_TOKEN: Final = re.compile(r">{2,}|(?:(?!>>)\S)+")
_NEAR: Final = 0.5
"""Seconds between two cues of which the second can repeat the first."""
_ROLLING: Final = 1 / 3
"""Share of the cues that repeat lines from which captions roll."""
_MIN_REPEATED: Final = 3
_MAX_REPEATED: Final = 50
"""Words that a cue repeats from the end of the one before, where they are not a whole line or cue."""
_MAX_LINES: Final = 10
"""Lines that a cue repeats."""
_MAX_SHOWN: Final = 2000
"""Characters of the lines that are left out."""
_SECONDS_PER_LETTER: Final = 0.15
_SHORTEST: Final = 0.2


class _Line(NamedTuple):
    """The tokens of a line by one voice, each with the time before it, if any."""

    voice: str | None
    tokens: tuple[str, ...]
    times: tuple[float | None, ...]


_Word = tuple[str | None, str, float | None]
"""The speaker, the word, and its time in the text."""
_Shown = tuple[Cue, list[_Line]]
SUFFIXES: Final = (".srt", ".vtt")


def in_cues(path: Path) -> bool:
    """Whether the lines of a text file have times, as in SRT or on Whisper's console: `[00:00.000 --> 00:03.100] So`.

    Raises:
        AnnotationError: If the file cannot be read.
    """
    return has_times(line for _, line in lines(path))


def read(path: Path) -> GivenText:
    """The segments of an SRT or WebVTT file, with warnings of what was left out of it.

    Raises:
        AnnotationError: If the file cannot be read, or a line looks like a pair of times and is none.
    """
    found = read_cues(path, [line for _, line in lines(path)])
    cues = [_joined(group) for group in _highlighted(found.cues)]
    shown, repeated = _without_repetitions([(cue, list(_cue_lines(cue))) for cue in cues])
    said = iter(speakers_of(["" if line.voice else " ".join(line.tokens) for _, own in shown for line in own]))
    segments = [segment for cue, own in shown for segment in _segments(cue, [(line, next(said)) for line in own])]
    warnings = [f"the captions repeat {repeated} lines; each was read once"] if repeated else []
    if found.left_out:
        text = abridged(" / ".join(dict.fromkeys(found.left_out)), _MAX_SHOWN)
        warnings.append(f"{len(found.left_out)} lines of {path.name} belong to no cue and were left out: {text}")
    return GivenText(segments, found.language, tuple(warnings))


def _highlighted(cues: Iterable[Cue]) -> Iterator[list[Cue]]:
    """The cues in groups that show the same text, and highlight different words of it; other cues are alone."""
    for _, group in groupby(cues, key=lambda cue: _HIGHLIGHT.sub("", "\n".join(cue.lines))):
        same = list(group)
        marks = [match.start() for cue in same if (match := _HIGHLIGHT.search("\n".join(cue.lines)))]
        if len(set(marks)) > 1 or (len(marks) == 1 and _HIGHLIGHT.match("".join(same[0].lines)) and len(same) == 2):
            yield same
        else:
            yield from ([cue] for cue in same)


def _joined(group: Sequence[Cue]) -> Cue:
    """One cue of those that show the same text, with the times of the highlighted words inside."""
    if len(group) == 1:
        return group[0]
    texts = ["\n".join(cue.lines) for cue in group]
    times: dict[int, float] = {}
    for cue, text in zip(group, texts, strict=True):
        if match := _HIGHLIGHT.search(text):
            times.setdefault(match.start(), cue.start)
    joined = _HIGHLIGHT.sub("", texts[0])
    for position in sorted(times, reverse=True):
        hours, rest = divmod(times[position], 3600)
        stamp = f"<{hours:.0f}:{rest // 60:02.0f}:{rest % 60:06.3f}>"
        joined = f"{joined[:position]}{stamp}{joined[position:]}"
    return Cue(group[0].start, group[-1].end, tuple(joined.split("\n")))


def _cue_lines(cue: Cue) -> Iterator[_Line]:
    """The lines of a cue without markup; a line by several voices gives several."""
    voice: str | None = None
    for line in cue.lines:
        text, position = "", 0
        stamps: list[tuple[int, float]] = []
        for match in _TAG.finditer(line):
            text += _unescaped(line[position : match.start()])
            position = match.end()
            if match["voice"] or match["end"]:
                yield from _line(voice, text, stamps)
                text, stamps = "", []
                voice = _unescaped(match["voice"]).strip() if match["voice"] else None
            elif match["time"] and (time := _TIME.fullmatch(match["time"])):
                stamps.append((len(text), clock(time.groups())))
            elif match["blank"]:
                text += " "
        yield from _line(voice, text + _unescaped(line[position:]), stamps)


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _line(voice: str | None, text: str, stamps: Sequence[tuple[int, float]]) -> Iterator[_Line]:
    """The line of a text, with times at the positions of its characters; none if it is blank."""
    matches = list(_TOKEN.finditer(text))
    tokens = [match[0] for match in matches] if stamps else spaced(text).split()
    times: list[float | None] = [None] * len(tokens)
    starts = [match.start() for match in matches]
    for position, time in stamps:
        if (place := bisect_left(starts, position)) < len(times):
            times[place] = time
    if tokens:
        yield _Line(voice, tuple(tokens), tuple(times))


def _without_repetitions(shown: Sequence[_Shown]) -> tuple[list[_Shown], int]:
    """The cues with the lines that appear in them first, and the number of lines left out, if captions roll."""
    timed = any(time is not None for _, lines in shown for line in lines for time in line.times)
    spoken = [item for item in shown if item[1]]
    near = [(a, b) for a, b in pairwise(spoken) if b[0].start - a[0].end <= _NEAR]
    repeated = [(_repeated(a[1], b), sum(len(line.tokens) for line in b[1])) for a, b in near]
    rolls = sum(0 < tokens < total for tokens, total in repeated)
    again = sum(tokens > 0 for tokens, _ in repeated)
    if not rolls or again < _ROLLING * len(near) or (again < 2 and not timed):
        return list(spoken), 0
    kept: list[_Shown] = []
    left_out = 0
    for before, item in zip([None, *spoken], spoken, strict=False):
        close = before is not None and item[0].start - before[0].end <= _NEAR
        count = _repeated(before[1], item) if before is not None and close else 0
        left_out += count > 0
        kept.append((item[0], list(_from(item[1], count))))
    return kept, left_out


def _repeated(before: Sequence[_Line], item: _Shown) -> int:
    """The number of tokens at the beginning of a cue that the cue before it has shown."""
    cue, lines = item
    old = [(line.voice, *line.tokens) for line in before]
    new: list[tuple[str | None, ...]] = []
    for line in lines:
        if any(time is not None and time > cue.start for time in line.times):
            break
        new.append((line.voice, *line.tokens))
    for count in range(min(len(old), len(new), _MAX_LINES), 0, -1):
        if old[-count:] == new[:count]:
            return sum(len(line.tokens) for line in lines[:count])
    if any(line.voice for line in (*before, *lines)):
        return 0
    old_tokens, new_tokens = ([token for _, *tokens in side for token in tokens] for side in (old, new))
    if old_tokens == new_tokens[: len(old_tokens)]:
        return len(old_tokens)
    for count in range(min(len(old_tokens), len(new_tokens), _MAX_REPEATED), _MIN_REPEATED - 1, -1):
        if old_tokens[-count:] == new_tokens[:count]:
            return count
    return 0


def _from(lines: Iterable[_Line], count: int) -> Iterator[_Line]:
    """The lines without their first tokens."""
    for line in lines:
        if count < len(line.tokens):
            yield line._replace(tokens=line.tokens[count:], times=line.times[count:])
        count = max(count - len(line.tokens), 0)


def _segments(cue: Cue, lines: Sequence[tuple[_Line, list[Said]]]) -> Iterator[TimedSegment]:
    """The segments of a cue: one for each change of speaker."""
    words = [word for line, row in lines for word in (_voiced(line) if line.voice else _said(line, row))]
    runs = [(speaker, list(run)) for speaker, run in groupby(words, key=lambda word: word[0])]
    timed = any(time is not None for _, _, time in words)
    if timed:
        yield from _timed(cue, runs)
        return
    texts = ((speaker, " ".join(word for _, word, _ in run)) for speaker, run in runs)
    yield from ((span, []) for span in divided(LabelledSpan(cue.start, cue.end, ""), texts))


def _said(line: _Line, row: Iterable[Said]) -> Iterator[_Word]:
    return (
        (said.speaker, word, line.times[place])
        for said in row
        for word, place in zip(said.words, said.places, strict=True)
    )


def _voiced(line: _Line) -> Iterator[_Word]:
    """The words of a line whose voice the markup names: what looks like a label is text."""
    named = ((line.voice, word, time) for word, time in zip(line.tokens, line.times, strict=True))
    return (word for word in named if not _CHANGE.fullmatch(word[1]))


def _timed(
    cue: Cue, runs: Sequence[tuple[str | None, list[tuple[str | None, str, float | None]]]]
) -> Iterator[TimedSegment]:
    """Segments whose words have the times in the text; words without one share the time with the word before."""
    groups: list[tuple[str | None, float, list[str]]] = []
    time = cue.start
    for speaker, run in runs:
        for index, (_, word, given) in enumerate(run):
            time = max(time, given) if given is not None else time
            if index and given is None:
                groups[-1][2].append(word)
            else:
                groups.append((speaker, time, [word]))
    ends = [*(start for _, start, _ in groups[1:]), max(cue.end, groups[-1][1])]
    spans = [
        LabelledSpan(start, min(end, start + _longest(words)), " ".join(words), speaker)
        for (speaker, start, words), end in zip(groups, ends, strict=True)
    ]
    for speaker, group in groupby(spans, key=lambda span: span.speaker):
        own = list(group)
        yield LabelledSpan(own[0].start, own[-1].end, "", speaker), own


def _longest(words: Iterable[str]) -> float:
    """The seconds that words last at most; what is left until the next word is a pause."""
    return sum(_SHORTEST + _SECONDS_PER_LETTER * len(word) for word in words)
