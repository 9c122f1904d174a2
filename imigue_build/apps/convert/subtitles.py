"""SRT and WebVTT: one file an interview, every word in a cue, also those in overlap.

A cue begins with its first word and ends with its last one, so cues overlap only where speakers do. It has at most two
lines of 42 characters and lasts seven seconds at most; it ends with a sentence, at a pause, or where it is full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from textwrap import wrap
from typing import Final, NamedTuple

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, text_file
from imigue_build.core.records import Role
from imigue_build.core.times import milliseconds
from imigue_build.release.reader import Segment, Word
from imigue_build.text.sentences import ends_sentence

LINE: Final = 42
LINES: Final = 2
LONGEST: Final = 7.0
"""Seconds of a cue, unless it is a single word."""
_PAUSE: Final = 1.0


class Cue(NamedTuple):
    """Text that is shown at once; `new` where another role spoke before."""

    role: Role
    words: tuple[Word, ...]
    new: bool = True

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return max(word.end for word in self.words)


def cues(segments: Iterable[Segment]) -> list[Cue]:
    """The cues of an interview's segments, in time order."""
    found = [Cue(segment.role, words) for segment in segments for words in _runs(segment.role, segment.words)]
    found.sort(key=lambda cue: (cue.start, cue.end, cue.role))
    return [cue._replace(new=not at or found[at - 1].role != cue.role) for at, cue in enumerate(found)]


def _runs(role: Role, words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """The words of a segment, cut where a cue ends."""
    run: list[Word] = []
    for word in words:
        if run and (_ends(run[-1], word) or word.end - run[0].start > LONGEST or not _fits(role, [*run, word])):
            yield tuple(run)
            run = []
        run.append(word)
    if run:
        yield tuple(run)


def _ends(word: Word, following: Word) -> bool:
    return ends_sentence(word.word) or round(following.start - word.end, 3) > _PAUSE


def _fits(role: Role, words: Iterable[Word]) -> bool:
    """Whether the words fit into a cue, with the role that SRT writes before them."""
    text = f"{role.upper()}: " + " ".join(word.word for word in words)
    return len(text) <= LINE or (len(text) <= LINES * (LINE + 1) and len(_wrapped(text)) <= LINES)


def _wrapped(text: str) -> list[str]:
    return wrap(text, LINE, break_long_words=False, break_on_hyphens=False)


def srt_cue(number: int, cue: Cue) -> str:
    """An SRT cue; the role stands before the text where it changes."""
    text = " ".join(word.word for word in cue.words).replace("-->", "->")
    lines = "\n".join(_wrapped(f"{cue.role.upper()}: {text}" if cue.new else text))
    return f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n{lines}\n\n"


def vtt_cue(number: int, cue: Cue) -> str:
    """A WebVTT cue with the role as its voice."""
    lines = "\n".join(_wrapped(" ".join(word.word for word in cue.words)))
    voiced = f"<v {cue.role.title()}>{escape(lines, quote=False)}</v>"
    return f"{number}\n{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n{voiced}\n\n"


def _time(seconds: float, point: str) -> str:
    ms = milliseconds(seconds)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{point}{ms % 1000:03d}"


def _format(about: str, suffix: str, header: str, written: Callable[[int, Cue], str]) -> Format:
    @contextmanager
    def writer(destination: Destination) -> Iterator[Write]:
        def write(entry: Entry) -> None:
            with text_file(destination.folder / f"{entry.interview.video_id}.{suffix}") as file:
                file.write(header)
                file.writelines(written(number, cue) for number, cue in enumerate(cues(entry.interview.segments), 1))

        yield write

    return Format(about, writer)


SRT = _format("subtitles, one file an interview", "srt", "", srt_cue)
VTT = _format("subtitles for web pages, one file an interview", "vtt", "WEBVTT\n\n", vtt_cue)
