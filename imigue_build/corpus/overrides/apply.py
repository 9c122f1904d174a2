"""Applies corrections to records.

Every function returns the corrections as well, each with whether it was applied: one that fits nothing in the record
is reported, not applied elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from imigue_build.core.diarization import from_turns
from imigue_build.core.intervals import distance, merge
from imigue_build.core.records import (
    Correction,
    Diarization,
    Role,
    Roles,
    Span,
    Speaker,
    Transcript,
    TranscriptSegment,
    Turn,
    Word,
)
from imigue_build.corpus.overrides import texts
from imigue_build.corpus.overrides.file import Override, Voice

MAX_DISTANCE: Final = 1.0
"""Seconds that a word may be away from the time at which a correction names it."""
_EDGES: Final = re.compile(r"^\W+|\W+$")


def merge_speakers(diarization: Diarization, override: Override) -> tuple[Diarization, tuple[Correction, ...]]:
    """The diarization in which voices of one person are one speaker, all numbered anew by first appearance."""
    found = diarization
    corrections: list[Correction] = []
    for voices in override.merge_speakers:
        names = [speaker_of(voice, found) for voice in voices]
        corrections.append(Correction("merge_speakers", texts.merged(voices), None not in names))
        same = sorted({name for name in names if name is not None})
        if None not in names and len(same) > 1:
            found = _merged(found, dict.fromkeys(same, same[0]))
    return found, tuple(corrections)


def correct_speakers(diarization: Diarization, override: Override) -> tuple[Diarization, tuple[Correction, ...]]:
    """The diarization in which a voice alone speaks from start to end, all speakers numbered anew."""
    found = diarization
    corrections: list[Correction] = []
    for fix in override.speakers:
        name = speaker_of(fix.voice, found)
        fits = name is not None and fix.start < max(turn.end for turn in found.turns)
        corrections.append(Correction("speakers", texts.spoken(fix), fits))
        if name is not None and fits:
            found = _with_turn(found, Turn(fix.start, fix.end, name))
    return found, tuple(corrections)


def correct_turns(diarization: Diarization, override: Override) -> tuple[Diarization, tuple[Correction, ...]]:
    """The diarization with all corrections of who speaks when: first the merges, then the stretches of one voice."""
    merged, merges = merge_speakers(diarization, override)
    corrected, stretches = correct_speakers(merged, override)
    return corrected, (*merges, *stretches)


def corrected_turns(diarization: Diarization, override: Override) -> tuple[Turn, ...]:
    """The stretches of one voice as turns of a corrected diarization: its speaker says whatever is said there."""
    labelled = [(fix, speaker_of(fix.voice, diarization)) for fix in override.speakers]
    return tuple(Turn(fix.start, fix.end, name) for fix, name in labelled if name is not None)


def correct_words(transcript: Transcript, override: Override) -> tuple[Transcript, tuple[Correction, ...]]:
    """The transcript with corrected words, at the times of the words that they replace.

    The word that is replaced equals `was`, without regard to case and to punctuation around it; of several it is the
    one nearest to `at`, at most `MAX_DISTANCE` seconds away. Several words that replace one share its time.
    """
    segments = list(transcript.segments)
    corrections: list[Correction] = []
    for fix in override.words:
        candidates = [
            (distance(word, fix.at), number, index)
            for number, segment in enumerate(segments)
            for index, word in enumerate(segment.words)
            if same_word(word.word, fix.was) and distance(word, fix.at) <= MAX_DISTANCE
        ]
        corrections.append(Correction("words", texts.word(fix), bool(candidates)))
        if candidates:
            _, number, index = min(candidates)
            words = segments[number].words
            new = (*words[:index], *_rewritten(words[index], fix.now), *words[index + 1 :])
            segments[number] = replace(segments[number], words=new)
    kept = tuple(segment for segment in segments if segment.words)
    return replace(transcript, segments=tuple(map(_trimmed, kept))), tuple(corrections)


def correct_roles(roles: Roles, diarization: Diarization, override: Override) -> tuple[Roles, tuple[Correction, ...]]:
    """The roles with those that a person has set, with a confidence of 1 and no doubts; `rule` stays as it was.

    Where a person sets the interviewee, whom the rule had chosen becomes an interviewer, unless that
    speaker is set as well.
    """
    chosen: dict[str, Role] = {}
    corrections: list[Correction] = []
    for fix in override.roles:
        name = speaker_of(fix.voice, diarization)
        corrections.append(Correction("roles", texts.role(fix), name is not None))
        if name is not None:
            chosen[name] = fix.role
    if not chosen:
        return roles, tuple(corrections)
    found = dict(roles.roles)
    if "interviewee" in chosen.values():
        found = dict.fromkeys(found, "interviewer")
    return replace(roles, roles=found | chosen, confidence=1.0, reasons=()), tuple(corrections)


def dropped_spans(override: Override, duration: float) -> dict[Span, Correction]:
    """The spans that go into no clip, each with its correction; applied where it begins before `duration` seconds."""
    return {
        Span(span.start, span.end): Correction("drop", texts.dropped(span), span.start < duration)
        for span in override.drop
    }


def speaker_of(voice: Voice, diarization: Diarization) -> str | None:
    """The label of a voice, by the exclusive turn at its time; None where there is none."""
    if isinstance(voice, str):
        return voice if any(speaker.speaker == voice for speaker in diarization.speakers) else None
    return next((turn.speaker for turn in diarization.exclusive if turn.start <= voice < turn.end), None)


def _with_turn(diarization: Diarization, turn: Turn) -> Diarization:
    """The diarization in which nobody but its speaker talks during a turn."""

    def cut(turns: Iterable[Turn]) -> list[Turn]:
        kept = [
            replace(other, start=start, end=end)
            for other in turns
            for start, end in ((other.start, min(other.end, turn.start)), (max(other.start, turn.end), other.end))
            if start < end
        ]
        return [*kept, turn]

    found = from_turns(
        cut(diarization.turns),
        exclusive=cut(diarization.exclusive),
        speech=merge([*diarization.speech, turn]),
        embeddings={speaker.speaker: speaker.embedding for speaker in diarization.speakers},
        names={speaker.speaker: speaker.name for speaker in diarization.speakers if speaker.name is not None},
    )
    return replace(found, corrections=diarization.corrections, detects_overlap=diarization.detects_overlap)


def _merged(diarization: Diarization, same: Mapping[str, str]) -> Diarization:
    """The diarization with speakers renamed: those of one name are one speaker."""

    def renamed(turns: Iterable[Turn]) -> list[Turn]:
        return [replace(turn, speaker=same.get(turn.speaker, turn.speaker)) for turn in turns]

    parts: dict[str, list[Speaker]] = {}
    for speaker in diarization.speakers:
        parts.setdefault(same.get(speaker.speaker, speaker.speaker), []).append(speaker)
    found = from_turns(
        renamed(diarization.turns),
        exclusive=renamed(diarization.exclusive),
        speech=diarization.speech,
        embeddings={name: _mean_embedding(own) for name, own in parts.items()},
        names={label: name for label, own in parts.items() if (name := _name(own)) is not None},
    )
    return replace(found, corrections=diarization.corrections, detects_overlap=diarization.detects_overlap)


def _name(parts: Sequence[Speaker]) -> str | None:
    """What a file calls the part that talks longest, of those that it names."""
    named = [part for part in parts if part.name is not None]
    return max(named, key=lambda part: part.seconds).name if named else None


def _mean_embedding(parts: Sequence[Speaker]) -> tuple[float, ...] | None:
    """The mean of the speakers' embeddings, weighted by their seconds, as a unit vector."""
    known = [(part.embedding, part.seconds) for part in parts if part.embedding is not None]
    if not known or len({len(embedding) for embedding, _ in known}) > 1:
        return None
    mean = [sum(embedding[at] * seconds for embedding, seconds in known) for at in range(len(known[0][0]))]
    length = sum(value * value for value in mean) ** 0.5
    return tuple(round(value / length, 6) for value in mean) if length else None


def same_word(word: str, other: str) -> bool:
    return _EDGES.sub("", word).casefold() == _EDGES.sub("", other).casefold()


def _rewritten(word: Word, text: str) -> list[Word]:
    """The words of a text, which share the time of one word in proportion to their lengths."""
    tokens = text.split()
    length = sum(map(len, tokens))
    start, found = word.start, []
    for token in tokens:
        end = min(start + (word.end - word.start) * len(token) / length, word.end)
        found.append(Word(start, end, token))
        start = end
    return found


def _trimmed(segment: TranscriptSegment) -> TranscriptSegment:
    """The segment from its first word to its last."""
    return replace(segment, start=segment.words[0].start, end=max(word.end for word in segment.words))
