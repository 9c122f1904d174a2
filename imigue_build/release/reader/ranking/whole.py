"""What may be wrong in an interview as a whole: its roles, its voices, corrections that no longer fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final

from imigue_build.core.intervals import distance
from imigue_build.release.reader.doubts import Doubt
from imigue_build.release.reader.interview import Interview
from imigue_build.release.reader.ranking.item import Item, drop_option, joined, moment, word_option
from imigue_build.release.reader.ranking.voices import Voices
from imigue_build.release.schema.rows import Word

_NEAR: Final = 1.0
"""Seconds that a word may be away from the time at which a correction names it."""
_BRIEF: Final = 2.0
"""Seconds in all of a voice that is perhaps nobody's own."""
_BRIEF_SHARE: Final = 0.04
_BRIEF_CONFIDENCE: Final = 0.5
_LISTEN: Final = 10.0
"""The most seconds to listen to, to know a voice."""
_WORD: Final = re.compile(r"word (?P<was>'.*'|\".*\") at (?P<at>\d+(\.\d+)?) s is (?P<now>'.*'|\".*\")")
_ROLE: Final = re.compile(r"voice at (?P<at>\d+(\.\d+)?) s is (?P<role>interviewee|interviewer)")
_TIME: Final = re.compile(r"\d+(?:\.\d+)?")


def interview_items(interview: Interview) -> Iterator[Item]:
    """The interview's doubts, each with a place to listen to and a correction.

    Raises:
        InterviewError: If one of its files cannot be read.
    """
    voices = Voices(interview)
    for doubt in interview.doubted:
        if doubt.kind == "roles":
            yield _roles(interview, doubt, voices)
        elif doubt.kind == "correction":
            yield _lost(interview, doubt, voices)
        elif doubt.kind == "times":
            span = _longest_unaligned(_words(interview))
            yield _item(interview, doubt, *span, (drop_option(*span),))
        else:
            yield _item(interview, doubt, 0.0, interview.duration, ())
    yield from _brief_voices(interview, voices)


def _item(
    interview: Interview, doubt: Doubt, start: float, end: float, correction: tuple[str, ...], speaker: str = ""
) -> Item:
    said = (word for word in _words(interview) if start <= (word.start + word.end) / 2 < end)
    text = joined(said)
    return Item(
        interview.video_id, doubt.kind, start, end, text, speaker, doubt.reason, round(doubt.confidence, 3), correction
    )


def _words(interview: Interview) -> list[Word]:
    found = [word for segment in interview.segments for word in segment.words]
    return sorted(found, key=lambda word: (word.start, word.end))


def _roles(interview: Interview, doubt: Doubt, voices: Voices) -> Item:
    """A place to hear the interviewee, and the other one who may be it."""
    by_time = sorted(voices.seconds, key=lambda name: (-voices.seconds[name], name))
    interviewees = [name for name in by_time if interview.role(name) == "interviewee"]
    others = [name for name in by_time if name not in interviewees]
    own = [turn for turn in interview.exclusive if turn.speaker in interviewees[:1]] or list(interview.exclusive)
    longest = max(own, key=lambda turn: turn.end - turn.start, default=None)
    start, end = (longest.start, min(longest.end, longest.start + _LISTEN)) if longest else (0.0, interview.duration)
    at = voices.moment(others[0]) if others else None
    if len(by_time) == 2 and len(others) == 1:
        correction: tuple[str, ...] = ("--swap-roles",)
    elif at is not None:
        correction = (f"--interviewee={moment(at)}",)
    else:
        correction = ("--num-speakers=2",) if len(by_time) == 1 else ()
    return _item(interview, doubt, start, end, correction, interviewees[0] if interviewees else "")


def _lost(interview: Interview, doubt: Doubt, voices: Voices) -> Item:
    """Where a correction was for, and the same in a form that fits; it takes the lost one's place."""
    undo = f"--undo={doubt.lost}"
    times = [float(text) for text in _TIME.findall(doubt.lost)] if doubt.of != "words" else []
    start, end = (min(times), max(times)) if doubt.of in ("drop", "merge_speakers") and times else (0.0, 0.0)
    correction: tuple[str, ...] = (undo,)
    if (word := _WORD.fullmatch(doubt.lost)) is not None:
        return _lost_word(interview, doubt, undo, float(word["at"]), _text(word["was"]), _text(word["now"]))
    if (role := _ROLE.fullmatch(doubt.lost)) is not None:
        start = end = float(role["at"])
        if (at := voices.nearest(start)) is not None:
            correction = (undo, f"--{role['role']}={moment(at)}")
    elif doubt.of == "merge_speakers" and "SPEAKER" not in doubt.lost:
        near = [voices.nearest(time) for time in times]
        at_all = [time for time in near if time is not None]
        if len({voices.at(time) for time in at_all}) > 1:
            correction = (undo, f"--merge={','.join(map(moment, at_all))}")
    start, end = min(start, interview.duration), min(end, interview.duration)
    return _item(interview, doubt, max(start - 1, 0.0), min(end + 1, interview.duration), correction)


def _lost_word(interview: Interview, doubt: Doubt, undo: str, at: float, was: str, now: str) -> Item:
    """The words that are now where a correction was for."""
    near = sorted((distance(word, at), word.start, word) for word in _words(interview) if distance(word, at) <= _NEAR)
    there = near[0][2] if near else None
    span = (there.start, there.end) if there else (max(at - _NEAR, 0.0), min(at + _NEAR, interview.duration))
    done = there is not None and bool(now) and _alike(there.word, now)
    option = word_option(there) if there is not None and not done else None
    if done:
        doubt = doubt._replace(reason=f"{doubt.reason}; {there.word} is there now" if there else doubt.reason)
    correction = (undo,) if option is None else (undo, f"{option.rpartition(':')[0]}:{now}")
    return _item(interview, doubt, *span, correction)


def _brief_voices(interview: Interview, voices: Voices) -> Iterator[Item]:
    """Voices that are heard for a moment only, where there are others enough for an interview."""
    total = sum(voices.seconds.values())
    count = len(voices.seconds)
    for name, seconds in sorted(voices.seconds.items()):
        if count > 2 and seconds < min(_BRIEF, _BRIEF_SHARE * total):
            reason = f"{name} speaks {seconds:.1f} s in all: perhaps it is one of the other {count - 1} speakers"
            turn = max((t for t in interview.turns if t.speaker == name), key=lambda turn: turn.end - turn.start)
            said = joined(word for word in _words(interview) if distance(word, (turn.start + turn.end) / 2) == 0)
            yield Item(
                interview.video_id,
                "speaker",
                turn.start,
                turn.end,
                said,
                name,
                reason,
                _BRIEF_CONFIDENCE,
                (f"--num-speakers={count - 1}",),
            )


def _longest_unaligned(words: Sequence[Word]) -> tuple[float, float]:
    """The longest run of words that could not be aligned, in seconds."""
    best, first = (0.0, 0.0), None
    for word in words:
        first = None if word.aligned else (first if first is not None else word.start)
        if first is not None and word.end - first > best[1] - best[0]:
            best = first, word.end
    return best


def _alike(word: str, other: str) -> bool:
    return re.sub(r"\W", "", word).casefold() == re.sub(r"\W", "", other).casefold()


def _text(quoted: str) -> str:
    """The text of a quoted one; the quoted one itself where it is written otherwise than by this program."""
    try:
        return str(ast.literal_eval(quoted))
    except (ValueError, SyntaxError):
        return quoted[1:-1]
