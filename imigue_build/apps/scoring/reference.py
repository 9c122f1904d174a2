"""Reads references: annotation files by interview, in common formats.

If an interview has several files, turns come from the first of RTTM, JSON, and the tier `diarization` of a TextGrid or
an ELAN file; words from the first of JSON, TextGrid, ELAN, CTM, STM, SRT, WebVTT, tables and plain text. In JSON, the
turns are `segments` of speakers without text, else `turns`. Segments of a transcript are not used as turns, because
their edges are not those of speech. Words without speakers (CTM) get the speaker whose turn alone covers their
midpoint. Words of plain text have an order and no times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.apps.scoring.labels import Labels, Seconds, Word, with_phones
from imigue_build.core.errors import AnnotationError, UsageError
from imigue_build.core.intervals import covering
from imigue_build.core.records import ROLES, Phone, Role, Turn
from imigue_build.corpus.annotations import LabelledSpan, TimedSegment, captions, json_forms, plain, tables, tier_files
from imigue_build.corpus.annotations.rttm import rttm
from imigue_build.corpus.annotations.sources import Warn
from imigue_build.corpus.annotations.tier_kinds import Kind
from imigue_build.corpus.annotations.transcripts import read_transcript
from imigue_build.corpus.discovery import is_video_id, padded

_TURNS: Final = (".rttm", ".json", ".textgrid", ".eaf")
_WORDS: Final = (".json", ".textgrid", ".eaf", ".ctm", ".stm", *captions.SUFFIXES, *tables.SUFFIXES, plain.SUFFIX)
_ALSO_OTHER: Final = (*tables.SUFFIXES, plain.SUFFIX)
"""Formats of files that lie beside references as well, such as notes and tables of labels."""
_SUFFIXES: Final = tuple(dict.fromkeys(_TURNS + _WORDS))


class _Segment(msgspec.Struct):
    start: Seconds | None = None
    end: Seconds | None = None
    speaker: str | None = None


class _Phone(msgspec.Struct):
    start: Seconds
    end: Seconds
    phone: str
    speaker: str | None = None


class _Document(msgspec.Struct):
    """The content of a JSON reference besides its words; other keys are ignored."""

    roles: dict[str, Role] = {}
    turns: list[_Segment] = []
    segments: list[_Segment] = []
    phones: list[_Phone] = []


def find(reference: Path, ids: Collection[str] = ()) -> dict[str, list[Path]]:
    """The files of each interview in a folder, or a single file, by id; numeric ids are padded to four digits.

    Args:
        ids: The interviews of which a folder may hold references as tables or plain text.

    Raises:
        UsageError: If there is none.
    """
    if not reference.exists():
        raise UsageError(f"the reference {reference} does not exist", "name a folder of references, or one file")
    found: dict[str, list[Path]] = {}
    for path in sorted(reference.iterdir()) if reference.is_dir() else [reference]:
        if path.suffix.lower() in _SUFFIXES and path.is_file() and is_video_id(path.stem):
            video_id = padded(path.stem)
            if reference == path or video_id in ids or path.suffix.lower() not in _ALSO_OTHER:
                found.setdefault(video_id, []).append(path)
    if not found:
        formats = ", ".join(f"0001{suffix}" for suffix in _SUFFIXES)
        raise UsageError(f"{reference} has no reference", f"name the files by the interview's id: {formats}")
    return found


def read(files: Sequence[Path], video_id: str) -> Labels:
    """The combined labels of an interview's files.

    Raises:
        AnnotationError: If one of them cannot be read, is empty, or describes another recording.
    """
    labels = {path.suffix.lower(): _read(path, video_id) for path in files}
    turns = next((labels[suffix].turns for suffix in _TURNS if suffix in labels and labels[suffix].turns), None)
    words = next((labels[suffix].words for suffix in _WORDS if suffix in labels and labels[suffix].words), None)
    roles = {speaker: role for label in labels.values() for speaker, role in label.roles.items()}
    if words and turns:
        words = tuple(word if word.speaker else _with_speaker(word, turns) for word in words)
    warnings = dict.fromkeys(warning for label in labels.values() for warning in label.warnings)
    return Labels(words, turns, roles, tuple(warnings))


def _read(path: Path, video_id: str) -> Labels:
    warnings: list[str] = []
    match path.suffix.lower():
        case ".rttm":
            labels = Labels(turns=_turns(rttm(path, video_id, warnings.append)))
        case ".json":
            labels = _json(path, video_id, warnings.append)
        case ".textgrid" | ".eaf":
            labels = _tiers(path, video_id, warnings.append)
        case plain.SUFFIX if not captions.in_cues(path):
            labels = Labels(_in_order(path))
        case _:
            labels = Labels(_words(_segments(path, video_id, warnings.append)))
    if not labels.turns and not labels.words:
        raise AnnotationError(f"{path} holds no words and no turns", "give a file with words or turns")
    return labels._replace(warnings=tuple(warnings))


def _segments(path: Path, video_id: str, warn: Warn) -> list[TimedSegment]:
    found = read_transcript(path, video_id)
    for warning in found.warnings:
        warn(warning)
    return found.segments


def _in_order(path: Path) -> tuple[Word, ...]:
    """The words of a plain text, which gives them no times: they lie before the recording, in their order."""
    tokens = plain.read_tokens(path)
    return tuple(Word(token.word, at, at, token.speaker, timed=False) for at, token in enumerate(tokens, -len(tokens)))


def _json(path: Path, video_id: str, warn: Warn) -> Labels:
    words = _words(_segments(path, video_id, warn))
    content = json_forms.content(path)
    if not isinstance(content, dict):
        return Labels(words)
    segments = content.get("segments")
    rows = [row for row in segments if isinstance(row, dict)] if isinstance(segments, list) else []
    turns_alone = [row for row in rows if not any(row.get(key) for key in ("text", "word", "words"))]
    own = {key: content[key] for key in ("roles", "turns", "phones") if content.get(key) is not None}
    try:
        document = msgspec.convert({**own, "segments": turns_alone}, _Document)
    except msgspec.ValidationError as error:
        raise AnnotationError(f"{path}: {error}", "correct it, or give the file in another format") from error
    given = document.segments or document.turns
    turns = tuple(
        Turn(turn.start, turn.end, turn.speaker)
        for turn in given
        if turn.speaker is not None and turn.start is not None and turn.end is not None and turn.start < turn.end
    )
    complete = len(turns) == len(given)  # turns without speakers are not a diarization
    phones: dict[str | None, list[Phone]] = {}
    for phone in document.phones:
        phones.setdefault(phone.speaker, []).append(Phone(phone.start, phone.end, phone.phone))
    return Labels(with_phones(words, phones), turns if complete else (), document.roles)


def _tiers(path: Path, video_id: str, warn: Warn) -> Labels:
    """Words or texts, phones, and turns from a tier of speakers; a tier named after a role assigns that role."""
    words = _words(_segments(path, video_id, warn))
    turns: list[LabelledSpan] = []
    phones: dict[str | None, list[Phone]] = {}
    for item in tier_files.sorted_tiers(path):
        spans = item.tier.intervals
        if item.kind is Kind.SPEAKERS:
            turns += [span._replace(speaker=span.text) for span in spans]
        elif item.kind is Kind.PHONES:
            phones.setdefault(item.speaker, []).extend(Phone(span.start, span.end, span.text) for span in spans)
    speakers = {word.speaker for word in words}
    return Labels(with_phones(words, phones), _turns(turns), {role: role for role in ROLES if role in speakers})


def _turns(found: Sequence[LabelledSpan]) -> tuple[Turn, ...]:
    return tuple(Turn(item.start, item.end, item.speaker or "") for item in found if item.start < item.end)


def _words(segments: Sequence[TimedSegment]) -> tuple[Word, ...]:
    timed: list[Word] = []
    for segment, words in segments:
        if words:
            for word in words:
                own = word._replace(speaker=word.speaker or segment.speaker)
                timed.extend([Word(own.text, own.start, own.end, own.speaker)] if own.timed else _spread(own))
        else:
            timed.extend(_spread(segment))
    return tuple(timed)


def _spread(segment: LabelledSpan) -> Iterator[Word]:
    """The words of a segment without word times, over its duration by number of letters."""
    tokens = segment.text.split()
    seconds_per_letter = (segment.end - segment.start) / max(sum(map(len, tokens)), 1)
    start = segment.start
    for token in tokens:
        yield Word(token, start, start + seconds_per_letter * len(token), segment.speaker, timed=False)
        start += seconds_per_letter * len(token)


def _with_speaker(word: Word, turns: Sequence[Turn]) -> Word:
    speakers = {turn.speaker for turn in covering(turns, (word.start + word.end) / 2)}
    return word._replace(speaker=speakers.pop()) if len(speakers) == 1 else word
