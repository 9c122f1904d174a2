"""What the user's files call the diarized speakers, and which of these names say a role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from imigue_build.core.intervals import intersect, total
from imigue_build.core.records import Diarization, Role, Transcript, Turn, Word
from imigue_build.text.speaker_names import is_named, roles_of

_LEAST: Final = 0.25
"""The share of a speaker's time that words with a name take at least, so that the speaker has the name."""


class NamedRole(NamedTuple):
    """A speaker's role by a name in a file; `by_labels` where the name is that of the player in the labels."""

    name: str
    role: Role
    by_labels: bool = False


class NamedRoles(NamedTuple):
    """Roles by speaker, all names by speaker, and the speakers of whom turns and transcript say different roles."""

    roles: Mapping[str, NamedRole]
    names: Mapping[str, str]
    disputed: tuple[str, ...] = ()


NOBODY: Final = NamedRoles({}, {})


def named_roles(diarization: Diarization, transcript: Transcript, player: str | None = None) -> NamedRoles:
    """The roles that names say; where turns and transcript disagree, the turns count.

    Args:
        diarization: Its speakers have the names of given turns.
        transcript: Its segments have the names of a given transcript.
        player: The name of the player in the labels.
    """
    in_turns = {speaker.speaker: speaker.name for speaker in diarization.speakers if speaker.name is not None}
    in_text = _names_by_speaker(_shared(transcript, diarization), diarization.turns)
    every = dict.fromkeys(segment.speaker for segment in transcript.segments if segment.speaker is not None)
    by_turns = _roles(in_turns, in_turns.values(), transcript.language, player)
    by_text = _roles(in_text, every, transcript.language, player)
    both = by_turns.keys() & by_text.keys()
    disputed = tuple(sorted(speaker for speaker in both if by_turns[speaker].role != by_text[speaker].role))
    roles = {**by_text, **by_turns}
    names = {**in_text, **in_turns} | {speaker: named.name for speaker, named in roles.items()}
    return NamedRoles(roles, names, disputed)


def speakers_by_name(transcript: Transcript, diarization: Diarization) -> dict[str | None, set[str]]:
    """The diarized speakers who may have said the words of each name in the transcript.

    They are the one who shares most time with the words, and all who share more time with them than with other words,
    as `Q.` may stand for several reporters. A name whose words share no time with any turn is left out.
    """
    shared = _shared(transcript, diarization)
    found: dict[str | None, set[str]] = {}
    for speaker, name in _names_by_speaker(shared, diarization.turns).items():
        found.setdefault(name, set()).add(speaker)
    for name in {name for seconds in shared.values() for name in seconds if name is not None}:
        found.setdefault(name, set()).add(max(sorted(shared), key=lambda speaker: shared[speaker].get(name, 0.0)))
    return found


def _roles(
    speakers: Mapping[str, str], names: Iterable[str], language: str, player: str | None
) -> dict[str, NamedRole]:
    """The roles of speakers by the names of one file; the player's name counts for more than a word such as `guest`."""
    every = list(names)
    found = {name: NamedRole(name, role) for name, role in roles_of(every, language).items()}
    players = [name for name in every if player is not None and is_named(name, player)]
    if players:
        found = {name: named for name, named in found.items() if named.role == "interviewer"}
        found |= {name: NamedRole(name, "interviewee", by_labels=True) for name in players}
    return {speaker: found[name] for speaker, name in speakers.items() if name in found}


def _names_by_speaker(shared: Mapping[str, Mapping[str | None, float]], turns: Iterable[Turn]) -> dict[str, str]:
    """The name with whose words each speaker shares most time.

    It is left out where these are words without a name, and where the words are a small part of what he or she says.
    """
    spoken: dict[str, list[Turn]] = {}
    for turn in turns:
        spoken.setdefault(turn.speaker, []).append(turn)
    found: dict[str, str] = {}
    for speaker, seconds in shared.items():
        best = max(sorted(seconds, key=str), key=lambda name: seconds[name], default=None)
        if best is not None and seconds[best] >= _LEAST * total(spoken[speaker]):
            found[speaker] = best
    return found


def _shared(transcript: Transcript, diarization: Diarization) -> dict[str, dict[str | None, float]]:
    """By speaker the seconds that his or her turns share with the words of each name, and with those without one."""
    words: dict[str | None, list[Word]] = {}
    for segment in transcript.segments:
        words.setdefault(segment.speaker, []).extend(segment.words)
    if not words.keys() - {None}:
        return {}
    turns: dict[str, list[Turn]] = {}
    for turn in diarization.turns:
        turns.setdefault(turn.speaker, []).append(turn)
    common = {
        speaker: {name: total(intersect(said, own)) for name, said in words.items()} for speaker, own in turns.items()
    }
    return {speaker: {name: seconds for name, seconds in own.items() if seconds > 0} for speaker, own in common.items()}
