"""Which corrections fit what is in WORK, and what is there that is nearest to one that does not."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final, NamedTuple

from imigue_build.core.intervals import distance
from imigue_build.core.records import Diarization, Roles, Transcript, Word
from imigue_build.corpus import overrides
from imigue_build.corpus.overrides import Override
from imigue_build.corpus.overrides.apply import MAX_DISTANCE, same_word
from imigue_build.corpus.overrides.file import Voice, WordCorrection
from imigue_build.corpus.overrides.texts import number as number_text
from imigue_build.pipeline.override.artifacts import Artifacts

_NEAR: Final = 2.0
"""Seconds around a correction in which its word is looked for under another spelling."""
_ALIKE: Final = 0.5
_MOST_SEARCHED: Final = 500
"""Interviews in which a word is looked for that its own does not have."""


class Checked(NamedTuple):
    """A correction of a file.

    Attributes:
        number: In the list of the file's corrections, from 1.
        kind: Its key in the file.
        place: The one, from 0, of its kind.
        applied: Whether it fits what is there; None where WORK has nothing yet to tell by.
    """

    number: int
    kind: str
    place: int
    text: str
    applied: bool | None


def checked(found: Artifacts, override: Override) -> list[Checked]:
    """All corrections of an interview, and whether they fit what is in WORK."""
    known: dict[str, list[bool]] = {}
    if found.diarization is not None:
        corrected, turns = overrides.correct_turns(found.diarization, override)
        roles = found.roles or Roles({}, 0.0, "", {})
        for fix in (*turns, *overrides.correct_roles(roles, corrected, override)[1]):
            known.setdefault(fix.kind, []).append(fix.applied)
        known["num_speakers"] = [_is_number(found.diarization, override)]
    if found.transcript is not None:
        known["words"] = [fix.applied for fix in overrides.correct_words(found.transcript, override)[1]]
    if found.recording is not None:
        known["drop"] = [span.start < found.recording.duration for span in override.drop]
    return [
        Checked(number, entry.kind, entry.place, entry.text, _at(known.get(entry.kind, []), entry.place))
        for number, entry in enumerate(overrides.entries(override), 1)
    ]


def _is_number(diarization: Diarization, override: Override) -> bool:
    """Whether the diarizer found as many speakers as it was asked for, or none was asked for yet."""
    asked = number_text(override.num_speakers) if override.num_speakers is not None else ""
    return all(fix.applied for fix in diarization.corrections if fix.text == asked)


def _at(values: list[bool], index: int) -> bool | None:
    return values[index] if index < len(values) else None


def nearest(found: Artifacts, override: Override, lost: Checked) -> str:
    """What is there that is nearest to a correction that fits nothing; empty where there is nothing to say."""
    if lost.kind == "words":
        return _nearest_word(found, override, override.words[lost.place])
    if lost.kind == "drop":
        return _length(found)
    if lost.kind == "num_speakers":
        count = len(found.diarization.speakers) if found.diarization is not None else 0
        return f"the diarizer found {count}, with this number given"
    voices: tuple[Voice, ...]
    if lost.kind == "merge_speakers":
        voices = override.merge_speakers[lost.place]
    else:
        voices = ((override.speakers if lost.kind == "speakers" else override.roles)[lost.place].voice,)
    hints = [hint for voice in voices if (hint := _nearest_voice(found, override, voice))]
    return "; ".join(hints) or _length(found)


def _length(found: Artifacts) -> str:
    return f"the recording ends at {found.recording.duration:.1f} s" if found.recording is not None else ""


def _nearest_voice(found: Artifacts, override: Override, voice: Voice) -> str:
    if found.diarization is None:
        return ""
    corrected = overrides.merge_speakers(found.diarization, override)[0]
    if overrides.speaker_of(voice, corrected) is not None:
        return ""
    if isinstance(voice, str):
        return f"there is no {voice}: the speakers are {', '.join(one.speaker for one in corrected.speakers)}"
    turn = min(corrected.exclusive, key=lambda turn: distance(turn, voice), default=None)
    if turn is None:
        return "nobody speaks in the whole recording"
    return f"nobody speaks at {voice:g} s: the nearest is {turn.speaker}, from {turn.start:.2f} to {turn.end:.2f} s"


def _nearest_word(found: Artifacts, override: Override, fix: WordCorrection) -> str:
    """The same word elsewhere, what is said at that time, and another interview that has it there."""
    if found.transcript is None:
        return ""
    words = overrides.correct_words(found.transcript, override)[0].words
    if not words:
        return "no word is said in it"
    near = [word for word in words if distance(word, fix.at) <= _NEAR and _likeness(word, fix.was) >= _ALIKE]
    there = min(near or words, key=lambda word: distance(word, fix.at))
    hints = [f"the nearest word is {there.word!r} at {there.middle:.2f} s"]
    same = [word for word in words if same_word(word.word, fix.was)]
    if same:
        hints.append(f"{fix.was!r} is at {min(same, key=lambda word: distance(word, fix.at)).middle:.2f} s")
    if other := _elsewhere(found, fix):
        hints.append(f"interview {other} has it at that time")
    return "; ".join(hints)


def _likeness(word: Word, text: str) -> float:
    return SequenceMatcher(None, word.word.casefold(), text.casefold()).ratio()


def _elsewhere(found: Artifacts, fix: WordCorrection) -> str | None:
    """Another interview that has this word at this time: perhaps it is meant."""
    others = [name for name in found.work.video_ids() if name != found.video_id]
    for name in others[:_MOST_SEARCHED]:
        transcript = Artifacts(found.work, name).transcript
        if transcript is not None and _has(transcript, fix):
            return name
    return None


def _has(transcript: Transcript, fix: WordCorrection) -> bool:
    near = (word for word in transcript.words if distance(word, fix.at) <= MAX_DISTANCE)
    return any(same_word(word.word, fix.was) for word in near)
