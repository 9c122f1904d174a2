"""Corrections applied to records. What fits nothing that is there is reported, never misapplied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from imigue_build.core.intervals import concurrent, distance, merge
from imigue_build.core.records import (
    Correction,
    Diarization,
    Overlap,
    Role,
    Roles,
    Span,
    Speaker,
    Transcript,
    TranscriptSegment,
    Turn,
    Word,
)
from imigue_build.corpus.overrides.file import Override, Voice

NEAR: Final = 1.0
"""How far, in seconds, a word may have moved from the moment by which a correction names it."""
_EDGES: Final = re.compile(r"^\W+|\W+$")


def merge_speakers(diarization: Diarization, override: Override) -> Diarization:
    """The diarization with voices that are one person as one speaker, numbered anew by first appearance.

    Its `corrections` are these.
    """
    found = diarization
    said: list[Correction] = []
    for voices in override.merge_speakers:
        names = [_speaker(voice, found) for voice in voices]
        text = f"voices {', '.join(map(_shown, voices))} are one"
        said.append(Correction("merge_speakers", text, None not in names))
        same = sorted({name for name in names if name is not None})
        if None not in names and len(same) > 1:
            found = _renamed(found, dict.fromkeys(same, same[0]))
    return replace(found, corrections=tuple(said))


def correct_words(transcript: Transcript, override: Override) -> tuple[Transcript, tuple[Correction, ...]]:
    """The transcript with words written as a person says, at the times of the words that they replace.

    A word is the one that reads `was`, case and punctuation at its edges aside, nearest to `at` and
    at most `NEAR` seconds from it. Several words in the place of one share its time.
    """
    segments = list(transcript.segments)
    said: list[Correction] = []
    for fix in override.words:
        candidates = [
            (distance(word, fix.at), number, index)
            for number, segment in enumerate(segments)
            for index, word in enumerate(segment.words)
            if _same(word.word, fix.was) and distance(word, fix.at) <= NEAR
        ]
        said.append(Correction("words", f"word {fix.was!r} at {fix.at:g} s is {fix.now!r}", bool(candidates)))
        if candidates:
            _, number, index = min(candidates)
            words = segments[number].words
            new = (*words[:index], *_rewritten(words[index], fix.now), *words[index + 1 :])
            segments[number] = replace(segments[number], words=new)
    kept = tuple(segment for segment in segments if segment.words)
    return replace(transcript, segments=tuple(map(_fitted, kept))), tuple(said)


def correct_roles(roles: Roles, diarization: Diarization, override: Override) -> Roles:
    """The roles with those that a person has set; the rule stays recorded beside them.

    Somebody who is set as interviewee makes an interviewer of whom the rule had chosen, unless
    that one is set as well. A person's word has a confidence of 1. The corrections of the
    voices, which were applied before, are listed first.
    """
    chosen: dict[str, Role] = {}
    said: list[Correction] = []
    for fix in override.roles:
        name = _speaker(fix.voice, diarization)
        said.append(Correction("roles", f"voice {_shown(fix.voice)} is {fix.role}", name is not None))
        if name is not None:
            chosen[name] = fix.role
    if not chosen:
        return replace(roles, corrections=(*diarization.corrections, *said))
    found = dict(roles.roles)
    if "interviewee" in chosen.values():
        found = dict.fromkeys(found, "interviewer")
    found |= chosen
    return replace(roles, roles=found, confidence=1.0, corrections=(*diarization.corrections, *said))


def dropped_spans(override: Override, duration: float) -> dict[Span, Correction]:
    """What is to go into no clip, and for each span whether it lies within the recording of `duration` seconds."""
    return {
        Span(one.start, one.end): Correction(
            "drop", f"{one.start:g}-{one.end:g} s goes into no clip ({one.reason})", one.start < duration
        )
        for one in override.drop
    }


def _speaker(voice: Voice, diarization: Diarization) -> str | None:
    """The label of a voice: whose exclusive turn holds the moment; None where there is none."""
    if isinstance(voice, str):
        return voice if any(one.speaker == voice for one in diarization.speakers) else None
    return next((turn.speaker for turn in diarization.exclusive if turn.start <= voice < turn.end), None)


def _shown(voice: Voice) -> str:
    return voice if isinstance(voice, str) else f"at {voice:g} s"


def _renamed(diarization: Diarization, same: dict[str, str]) -> Diarization:
    """The diarization with speakers joined, and all numbered by first appearance."""
    turns = _joined([Turn(one.start, one.end, same.get(one.speaker, one.speaker)) for one in diarization.turns])
    order = {name: f"SPEAKER_{number:02d}" for number, name in enumerate(dict.fromkeys(one.speaker for one in turns))}
    names = {one.speaker: order[same.get(one.speaker, one.speaker)] for one in diarization.speakers}
    turns = tuple(Turn(one.start, one.end, order[one.speaker]) for one in turns)
    exclusive = _joined([Turn(one.start, one.end, names[one.speaker]) for one in diarization.exclusive])
    overlap = tuple(
        Overlap(span.start, span.end, tuple(sorted({turn.speaker for turn in talking})))
        for span, talking in concurrent(turns)
        if len({turn.speaker for turn in talking}) > 1
    )
    speakers = tuple(
        _statistics(name, turns, [one for one in diarization.speakers if names[one.speaker] == name])
        for name in order.values()
    )
    return replace(diarization, turns=turns, exclusive=exclusive, overlap=overlap, speakers=speakers)


def _joined(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns of one speaker that touch or overlap as one, in time order."""
    spoken: dict[str, list[Turn]] = {}
    for turn in turns:
        spoken.setdefault(turn.speaker, []).append(turn)
    found = [Turn(span.start, span.end, name) for name, own in spoken.items() for span in merge(own)]
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def _statistics(name: str, turns: Sequence[Turn], parts: Sequence[Speaker]) -> Speaker:
    """A speaker's numbers; the mean voice is that of the parts, weighted by their seconds."""
    own = [turn.duration for turn in turns if turn.speaker == name]
    known = [(part.embedding, part.seconds) for part in parts if part.embedding is not None]
    embedding = None
    if known and len({len(voice) for voice, _ in known}) == 1:
        mean = [sum(voice[at] * seconds for voice, seconds in known) for at in range(len(known[0][0]))]
        length = sum(value * value for value in mean) ** 0.5
        embedding = tuple(round(value / length, 6) for value in mean) if length else None
    return Speaker(name, round(sum(own), 3), len(own), embedding)


def _same(word: str, other: str) -> bool:
    return _EDGES.sub("", word).casefold() == _EDGES.sub("", other).casefold()


def _rewritten(word: Word, text: str) -> list[Word]:
    """The words of a text in the time of one word, which is divided by their lengths."""
    tokens = text.split()
    whole = sum(map(len, tokens))
    at, found = word.start, []
    for token in tokens:
        end = min(at + (word.end - word.start) * len(token) / whole, word.end)
        found.append(Word(at, end, token))
        at = end
    return found


def _fitted(segment: TranscriptSegment) -> TranscriptSegment:
    return replace(segment, start=segment.words[0].start, end=max(word.end for word in segment.words))
