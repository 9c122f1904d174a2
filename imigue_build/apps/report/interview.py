"""One interview as its page shows it: turns of words, tiers, what to look at, and what a correction names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, NamedTuple

from imigue_build.apps.report.gestures import Gesture
from imigue_build.apps.report.read import Dropped, Row, Word, overlaps
from imigue_build.apps.report.sound import Sound
from imigue_build.core.intervals import Interval, subtract, total
from imigue_build.core.records import Label, Role, Turn

DOUBTFUL: Final = 0.3
"""Below this confidence of the ASR a word is marked."""
_FLAGS: Final = {
    "repetition": "the ASR repeats itself",
    "compression": "the text is suspiciously regular",
    "low_log_probability": "unlikely to the ASR itself",
    "no_speech": "text where no speech was heard",
    "unaligned": "could not be aligned",
    "too_short": "too little sound for its text",
    "wide_beam": "hard to align",
    "poor_fit": "the sound does not fit the text",
}


class Spoken(NamedTuple):
    """A word on the page: its number there, and why it is doubtful (empty where it is not)."""

    number: int
    word: Word
    doubt: str


class Passage(NamedTuple):
    """A row of the manifest: its words, and what is to be said of it as a whole."""

    row: Row
    words: tuple[Spoken, ...]
    notes: tuple[str, ...]


class Voice(NamedTuple):
    """A speaker: the name on the page, the role (None for one without words), seconds of speech, and a moment, or
    None, at which nobody else speaks, by which a correction names it.
    """

    speaker: str
    name: str
    role: Role | None
    seconds: float
    at: float | None


class Exchange(NamedTuple):
    """Passages of one voice in a row."""

    voice: Voice
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Interview:
    """All that is known of an interview; times are seconds."""

    video_id: str
    label: Label
    sound: Sound
    voices: tuple[Voice, ...]
    turns: tuple[Turn, ...]
    overlap: tuple[Interval, ...]
    exchanges: tuple[Exchange, ...]
    gestures: tuple[Gesture, ...]
    dropped: tuple[Dropped, ...]
    review: str
    rows: tuple[Row, ...] = field(repr=False)

    @property
    def passages(self) -> list[Passage]:
        return [passage for exchange in self.exchanges for passage in exchange.passages]

    @property
    def words(self) -> list[Spoken]:
        return [word for passage in self.passages for word in passage.words]

    @property
    def role_confidence(self) -> float | None:
        return next((row.role_confidence for row in self.rows if row.role_confidence is not None), None)

    @property
    def share(self) -> float | None:
        """The interviewee's part of all speaking time; None where it is not known who that is."""
        spoken = sum(voice.seconds for voice in self.voices)
        told = sum(voice.seconds for voice in self.voices if voice.role == "interviewee")
        return told / spoken if any(voice.role for voice in self.voices) and spoken else None


def interview(
    video_id: str,
    rows: Sequence[Row],
    turns: Sequence[Turn],
    sound: Sound,
    label: Label | None = None,
    gestures: Sequence[Gesture] = (),
    dropped: Sequence[Dropped] = (),
    review: str = "",
) -> Interview:
    """The interview of these parts; `rows` and `turns` are sorted by start."""
    twice = overlaps(turns)
    voices = _voices(rows, turns, twice)
    return Interview(
        video_id,
        label or Label(video_id),
        sound,
        voices,
        tuple(turns),
        twice,
        tuple(_exchanges(rows, {voice.speaker: voice for voice in voices}, dropped)),
        tuple(gestures),
        tuple(dropped),
        review,
        tuple(rows),
    )


def doubt(word: Word) -> str:
    """Why a word is doubtful; empty where it is not.

    >>> doubt(Word("Joker", 1.0, 2.0, True, 0.12))
    'confidence 0.12'
    """
    reasons = ["its place is not sure"] if not word.aligned else []
    if word.confidence is not None and word.confidence < DOUBTFUL:
        reasons.append(f"confidence {word.confidence:.2f}")
    return ", ".join(reasons)


def _voices(rows: Sequence[Row], turns: Sequence[Turn], twice: Sequence[Interval]) -> tuple[Voice, ...]:
    """The interviewee first, then the others as they appear."""
    roles: dict[str, Role] = {row.speaker: row.role for row in rows}
    spoken: dict[str, list[Turn]] = {}
    for turn in turns:
        spoken.setdefault(turn.speaker, []).append(turn)
    order = sorted(dict.fromkeys([*spoken, *roles]), key=lambda one: roles.get(one) != "interviewee")
    counts = Counter(roles.values())
    numbers: Counter[str] = Counter()
    found = []
    for speaker in order:
        role = roles.get(speaker)
        name = role.capitalize() if role else speaker
        if role and counts[role] > 1:
            numbers[role] += 1
            name = f"{name} {numbers[role]}"
        own = spoken.get(speaker, [])
        alone = max(subtract(own, twice), key=lambda one: one.duration, default=None)
        at = round((alone.start + alone.end) / 2, 2) if alone else None
        found.append(Voice(speaker, name, role, total(own), at))
    return tuple(found)


def _exchanges(rows: Sequence[Row], voices: Mapping[str, Voice], dropped: Sequence[Dropped]) -> list[Exchange]:
    number = 0
    found = []
    for speaker, own in groupby(rows, key=lambda row: row.speaker):
        passages = []
        for row in own:
            words = tuple(Spoken(number + place, word, doubt(word)) for place, word in enumerate(row.words))
            number += len(words)
            passages.append(Passage(row, words, tuple(_notes(row, dropped))))
        found.append(Exchange(voices[speaker], tuple(passages)))
    return found


def _notes(row: Row, dropped: Sequence[Dropped]) -> list[str]:
    notes = [_FLAGS.get(flag, flag) for flag in row.flags]
    if row.segment_id is None:
        middle = (row.start + row.end) / 2
        why = [one.reason for one in dropped if one.start <= middle < one.end]
        notes.append(f"no clip: {why[0]}" if why else "no clip: overlapped or left out")
    return notes


def data(one: Interview) -> dict[str, Any]:
    """What the page's scripts read: times in milliseconds, numbers of voices and words as places in lists."""
    places = {voice.speaker: place for place, voice in enumerate(one.voices)}
    words = one.words
    speaker = [places[exchange.voice.speaker] for exchange in one.exchanges for p in exchange.passages for _ in p.words]
    names = list(dict.fromkeys(gesture.name for gesture in one.gestures))
    return {
        "id": one.video_id,
        "seconds": round(one.sound.seconds, 3),
        "voices": [{"name": voice.name, "role": voice.role, "at": voice.at} for voice in one.voices],
        "turns": [[places[turn.speaker], _ms(turn.start), _ms(turn.end)] for turn in one.turns],
        "overlap": [[_ms(span.start), _ms(span.end)] for span in one.overlap],
        "gestures": [[names.index(item.name), _ms(item.start), _ms(item.end)] for item in one.gestures],
        "gestureNames": names,
        "passages": [[_ms(p.row.start), _ms(p.row.end), p.words[0].number if p.words else -1] for p in one.passages],
        "starts": [_ms(item.word.start) for item in words],
        "ends": [_ms(item.word.end) for item in words],
        "speakers": speaker,
        "doubtful": [item.number for item in words if item.doubt],
    }


def _ms(seconds: float) -> int:
    return int(seconds * 1000 + 0.5)
