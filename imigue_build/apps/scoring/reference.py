"""References: files of labels by interview, in the formats that people have.

Of the files of one interview, turns come from the first of RTTM, JSON, and a TextGrid's tier
`diarization`; words from the first of JSON, TextGrid, CTM, STM, SRT and WebVTT. In JSON, `segments`
of speakers without text are the turns, else `turns` are; the segments of a transcript, of whatever
format, are none, for nobody drew their edges where speech begins and ends. Words without speakers
(CTM) take the one whose turn alone covers their middle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.apps.scoring.labels import Labels, Seconds, Word, with_phones
from imigue_build.core.errors import AnnotationError, UsageError
from imigue_build.core.intervals import covering
from imigue_build.core.records import ROLES, Phone, Role, Turn
from imigue_build.corpus.annotations import LabelledSpan, TimedSegment, read_segments
from imigue_build.corpus.annotations.sources import read_text, textgrid
from imigue_build.corpus.annotations.turns import rttm
from imigue_build.corpus.discovery import is_video_id, padded

_TURNS: Final = (".rttm", ".json", ".textgrid")
_WORDS: Final = (".json", ".textgrid", ".ctm", ".stm", ".srt", ".vtt")
_SUFFIXES: Final = tuple(dict.fromkeys(_TURNS + _WORDS))
_PHONES: Final = "phones"


class _Spoken(msgspec.Struct):
    start: Seconds | None = None
    end: Seconds | None = None
    speaker: str | None = None
    text: str | None = None
    word: str | None = None
    words: list[msgspec.Raw] = []

    @property
    def transcribed(self) -> bool:
        return self.text is not None or self.word is not None or bool(self.words)


class _Phone(msgspec.Struct):
    start: Seconds
    end: Seconds
    phone: str
    speaker: str | None = None


class _Document(msgspec.Struct):
    """What a JSON reference holds beside its words; other keys are left alone."""

    roles: dict[str, Role] = {}
    turns: list[_Spoken] = []
    segments: list[_Spoken] = []
    phones: list[_Phone] = []


def find(reference: Path) -> dict[str, list[Path]]:
    """The files of each interview in a folder, or the one file, by id; an id of digits has at least four.

    Raises:
        UsageError: If there is none.
    """
    if not reference.exists():
        raise UsageError(f"the reference {reference} does not exist", "name a folder of references, or one file")
    found: dict[str, list[Path]] = {}
    for path in sorted(reference.iterdir()) if reference.is_dir() else [reference]:
        if path.suffix.lower() in _SUFFIXES and path.is_file() and is_video_id(path.stem):
            found.setdefault(padded(path.stem), []).append(path)
    if not found:
        formats = ", ".join(f"0001{suffix}" for suffix in _SUFFIXES)
        raise UsageError(f"{reference} holds no reference", f"name them by the interview's id: {formats}")
    return found


def read(files: Sequence[Path], video_id: str) -> Labels:
    """What the files of one interview say together.

    Raises:
        AnnotationError: If one of them cannot be read, holds nothing, or speaks of another recording.
    """
    labels = {path.suffix.lower(): _read(path, video_id) for path in files}
    turns = next((labels[suffix].turns for suffix in _TURNS if suffix in labels and labels[suffix].turns), None)
    words = next((labels[suffix].words for suffix in _WORDS if suffix in labels and labels[suffix].words), None)
    roles = {speaker: role for one in labels.values() for speaker, role in one.roles.items()}
    if words and turns:
        words = tuple(word if word.speaker else _attributed(word, turns) for word in words)
    return Labels(words, turns, roles)


def _read(path: Path, video_id: str) -> Labels:
    match path.suffix.lower():
        case ".rttm":
            labels = Labels(turns=_turns(rttm(path, video_id)))
        case ".json":
            labels = _json(path, video_id)
        case ".textgrid":
            labels = _textgrid(path, video_id)
        case _:
            labels = Labels(_words(read_segments(path, video_id)))
    if not labels.turns and not labels.words:
        raise AnnotationError(f"{path} holds no words and no turns", "give a file that does")
    return labels


def _json(path: Path, video_id: str) -> Labels:
    words = _words(read_segments(path, video_id))
    text = read_text(path)
    try:
        if text.lstrip().startswith("["):
            document = _Document(segments=msgspec.json.decode(text, type=list[_Spoken]))
        else:
            document = msgspec.json.decode(text, type=_Document)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise AnnotationError(f"{path}: {error}", "correct it, or give the file in another format") from error
    segments = [one for one in document.segments if not one.transcribed]
    given = segments or document.turns
    turns = tuple(
        Turn(one.start, one.end, one.speaker)
        for one in given
        if one.speaker is not None and one.start is not None and one.end is not None and one.start < one.end
    )
    whole = len(turns) == len(given)  # where some name no speaker, they are no diarization
    phones: dict[str | None, list[Phone]] = {}
    for one in document.phones:
        phones.setdefault(one.speaker, []).append(Phone(one.start, one.end, one.phone))
    return Labels(with_phones(words, phones), turns if whole else (), document.roles)


def _textgrid(path: Path, video_id: str) -> Labels:
    """Words or texts, phones, and turns where there is a tier `diarization`; a tier named by a role says it."""
    words = _words(read_segments(path, video_id))
    tiers = textgrid(path)
    turns = [one._replace(speaker=one.text) for tier in tiers if tier.name == "diarization" for one in tier.intervals]
    phones: dict[str | None, list[Phone]] = {}
    for tier in tiers:
        if tier.name.lower().endswith(_PHONES):
            speaker = tier.name[: -len(_PHONES)].rstrip(" -") or None
            phones.setdefault(speaker, []).extend(Phone(one.start, one.end, one.text) for one in tier.intervals)
    said = {word.speaker for word in words}
    return Labels(with_phones(words, phones), _turns(turns), {role: role for role in ROLES if role in said})


def _turns(found: Sequence[LabelledSpan]) -> tuple[Turn, ...]:
    return tuple(Turn(one.start, one.end, one.speaker or "") for one in found if one.start < one.end)


def _words(segments: Sequence[TimedSegment]) -> tuple[Word, ...]:
    found: list[Word] = []
    for segment, words in segments:
        if words:
            found.extend(Word(one.text, one.start, one.end, one.speaker or segment.speaker) for one in words)
        else:
            found.extend(_spread(segment))
    return tuple(found)


def _spread(segment: LabelledSpan) -> Iterator[Word]:
    """The words of a segment without times of their own, over its time by their lengths in letters."""
    tokens = segment.text.split()
    pace = (segment.end - segment.start) / max(sum(map(len, tokens)), 1)
    start = segment.start
    for token in tokens:
        yield Word(token, start, start + pace * len(token), segment.speaker, timed=False)
        start += pace * len(token)


def _attributed(word: Word, turns: Sequence[Turn]) -> Word:
    speakers = {turn.speaker for turn in covering(turns, (word.start + word.end) / 2)}
    return word._replace(speaker=speakers.pop()) if len(speakers) == 1 else word
