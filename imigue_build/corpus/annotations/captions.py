"""Speech from cues: without markup and repetitions, with speakers and the word times inside the text.

Rolling captions show each line twice or three times: it is read once, where it first appears. Text with times
inside (`so<00:00:01.240><c> how</c>`) gives words with times; other text has the times of its cue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import abridged
from imigue_build.core.plurals import counted
from imigue_build.corpus.annotations.cue_lines import Line, cue_lines
from imigue_build.corpus.annotations.cues import Cue, has_times, read_cues
from imigue_build.corpus.annotations.label_forms import TAB
from imigue_build.corpus.annotations.labelled import divided
from imigue_build.corpus.annotations.rolling import with_whole_marks, without_repetitions
from imigue_build.corpus.annotations.sources import GivenText, LabelledSpan, TimedSegment, lines
from imigue_build.corpus.annotations.speaker_labels import Said, speakers_of
from imigue_build.corpus.annotations.tight_labels import separated

SUFFIXES: Final = (".srt", ".vtt", ".sbv")
_HIGHLIGHT: Final = re.compile(r"</?(?:u|b|i|c|font)(?:[ .][^<>]*)?>", re.IGNORECASE)
"""Markup of the word that is spoken, where captions show a text anew for each of its words, as Whisper can."""
_CHANGE: Final = re.compile(r">{2,}")
_MAX_SHOWN: Final = 2000
"""Characters of the lines that are left out."""
_SECONDS_PER_LETTER: Final = 0.15
_SHORTEST: Final = 0.2


class _Word(NamedTuple):
    """A word with its speaker, its time in the text, and the number of changes of speaker before it in its line."""

    speaker: str | None
    text: str
    time: float | None = None
    changes: int = 0


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
    cues = [_joined(group) for group in _highlighted(_separated(found.cues))]
    shown, repeated = without_repetitions([(cue, list(cue_lines(cue))) for cue in cues])
    shown = with_whole_marks(shown)
    said = iter(speakers_of(["" if line.voice else " ".join(line.tokens) for _, own in shown for line in own]))
    segments = [segment for cue, own in shown for segment in _segments(cue, [(line, next(said)) for line in own])]
    warnings = [f"the captions repeat {counted(repeated, 'line')}, read once each"] if repeated else []
    if found.frames:
        warnings.append(f"the times of {path.name} count frames: {found.frames} a second are assumed")
    if found.left_out:
        text = abridged(" / ".join(dict.fromkeys(found.left_out)), _MAX_SHOWN)
        warnings.append(f"{len(found.left_out)} lines of {path.name} belong to no cue and were left out: {text}")
    return GivenText(segments, found.language, tuple(warnings))


def _separated(cues: Sequence[Cue]) -> list[Cue]:
    """The cues with blanks between labels and the text after them."""
    texts = iter(separated([line for cue in cues for line in cue.lines]))
    return [cue._replace(lines=tuple(next(texts) for _ in cue.lines)) for cue in cues]


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


def _segments(cue: Cue, lines: Sequence[tuple[Line, list[Said]]]) -> Iterator[TimedSegment]:
    """The segments of a cue: one for each change of speaker."""
    words: list[_Word] = []
    for line, row in lines:
        before = words[-1].changes if words else 0
        own = _voiced(line) if line.voice else _said(line, row)
        words.extend(word._replace(changes=before + word.changes) for word in own)
    runs = [(key[0], list(run)) for key, run in groupby(words, key=lambda word: (word.speaker, word.changes))]
    if any(word.time is not None for word in words):
        yield from _timed(cue, runs)
        return
    texts = ((speaker, " ".join(word.text for word in run)) for speaker, run in runs)
    yield from ((span, []) for span in divided(LabelledSpan(cue.start, cue.end, ""), texts))


def _said(line: Line, row: Iterable[Said]) -> Iterator[_Word]:
    changes = 0
    for said in row:
        changes += said.changed
        for word, place in zip(said.words, said.places, strict=True):
            yield _Word(said.speaker, word, line.times[place], changes)


def _voiced(line: Line) -> Iterator[_Word]:
    """The words of a line whose voice the markup names: what looks like a label is text."""
    named = (_Word(line.voice, word, time) for word, time in zip(line.tokens, line.times, strict=True))
    return (word for word in named if word.text != TAB and not _CHANGE.fullmatch(word.text))


def _timed(cue: Cue, runs: Sequence[tuple[str | None, list[_Word]]]) -> Iterator[TimedSegment]:
    """Segments whose words have the times in the text; words without one share the time with the word before."""
    groups: list[tuple[int, str | None, float, list[str]]] = []
    time = cue.start
    for number, (speaker, run) in enumerate(runs):
        for index, word in enumerate(run):
            time = max(time, word.time) if word.time is not None else time
            if index and word.time is None:
                groups[-1][3].append(word.text)
            else:
                groups.append((number, speaker, time, [word.text]))
    ends = [*(start for _, _, start, _ in groups[1:]), max(cue.end, groups[-1][2])]
    spans = [
        (number, LabelledSpan(start, min(end, start + _longest(words)), " ".join(words), speaker))
        for (number, speaker, start, words), end in zip(groups, ends, strict=True)
    ]
    for _, group in groupby(spans, key=lambda span: span[0]):
        own = [span for _, span in group]
        yield LabelledSpan(own[0].start, own[-1].end, "", own[0].speaker), own


def _longest(words: Iterable[str]) -> float:
    """The seconds that words last at most; what is left until the next word is a pause."""
    return sum(_SHORTEST + _SECONDS_PER_LETTER * len(word) for word in words)
