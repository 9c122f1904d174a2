"""The rows of `manifest.jsonl` and `dropped.jsonl`: one JSON object a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, TypeVar

import msgspec

from imigue_build.core.records import Role
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import ID_PATTERN, SEGMENT_PATTERN, SPEAKER_NAME, clip_path

LONGEST_LINE: Final = 16 << 20
"""Bytes of a line: a segment holds words of minutes at the most."""
LATEST: Final = 1e7
"""Seconds; no recording is that long."""
Seconds = Annotated[float, msgspec.Meta(ge=0, lt=LATEST)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Measure = Annotated[float, msgspec.Meta(gt=-1e6, lt=1e6)]

_TOKEN: Final = re.compile("[^\\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
"""A word without white space and without the characters that XML does not have."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
"""What commands a terminal, or ends a line: no text of a row has it."""
_TIMES: Final = frozenset(("start", "end", "overlap_s"))

T = TypeVar("T")


class Word(msgspec.Struct, frozen=True, gc=False):
    """A written word: seconds from the recording's start, `confidence` of the ASR in [0, 1] or None.

    A word that is not `aligned` keeps the times of the ASR.
    """

    word: str
    start: Seconds
    end: Seconds
    aligned: bool
    confidence: Share | None = None

    @property
    def duration(self) -> float:
        return round(self.end - self.start, 3)


class Segment(msgspec.Struct, frozen=True):
    """A row of the manifest: a stretch of one speaker, in seconds from the recording's start.

    Attributes:
        segment_id: `segment_001`; None where it has no clip, as in overlapped speech.
        clip: Its WAV's path relative to the release; None where it has none.
        raw: Its words, joined by blanks; `asr` is the same normalised.
        asr_confidence, role_confidence, aligned, clipping: Shares in [0, 1], None where not known: the mean of its
            words' confidences, how clear the roles are, how many words are aligned, how many samples are at full scale.
        snr_db: Signal to noise in dB.
        overlap_s: Seconds in which others speak too; None where the diarizer cannot detect overlap.
        language: An ISO 639-1 code.
        alignment: What the aligner says of the fit, by name.
        flags: Why its words are suspect.
    """

    video_id: str
    role: Role
    segment_id: str | None
    speaker: str
    start: Seconds
    end: Seconds
    clip: str | None
    raw: str
    asr: str
    words: tuple[Word, ...]
    asr_confidence: Share | None = None
    role_confidence: Share | None = None
    snr_db: Measure | None = None
    overlap_s: Seconds | None = None
    language: str = ""
    aligned: Share | None = None
    clipping: Share | None = None
    words_per_second: Measure | None = None
    alignment: dict[str, float] | None = None
    flags: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        return round(self.end - self.start, 3)


class DroppedSegment(msgspec.Struct, frozen=True):
    """A segment that was good for a clip but for the reason, or reasons joined by semicolons; seconds."""

    video_id: str
    role: Role
    speaker: str
    start: Seconds
    end: Seconds
    raw: str
    reason: str


def segment_line(segment: Segment) -> bytes:
    """A row of `manifest.jsonl` with its newline; times have three decimals."""
    return msgspec.json.encode({**_printed(segment), "words": [_printed(word) for word in segment.words]}) + b"\n"


def dropped_line(dropped: DroppedSegment) -> bytes:
    """A row of `dropped.jsonl` with its newline."""
    return msgspec.json.encode(dropped) + b"\n"


def parse_segment(line: bytes) -> Segment:
    """The row in a line of `manifest.jsonl`; keys that are not known are passed over.

    Raises:
        FormatError: If it is no such row, or its ids, times, clip or words cannot be those of a release.
    """
    segment = _decoded(line, Segment)
    if fault := next(_faults(segment), ""):
        raise FormatError(fault)
    return segment


def parse_dropped(line: bytes) -> DroppedSegment:
    """The row in a line of `dropped.jsonl`.

    Raises:
        FormatError: If it is no such row.
    """
    dropped = _decoded(line, DroppedSegment)
    if not ID_PATTERN.fullmatch(dropped.video_id):
        raise FormatError(f"{dropped.video_id!r} is no id")
    return dropped


def parse_id(line: bytes) -> str:
    """The `video_id` in a line of JSON, of which nothing else is checked.

    Raises:
        FormatError: If there is none.
    """
    video_id = _decoded(line, _Key).video_id
    if not ID_PATTERN.fullmatch(video_id):
        raise FormatError(f"{video_id!r} is no id")
    return video_id


class _Key(msgspec.Struct):
    video_id: str


def _decoded(line: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise FormatError(str(error)) from None


def _faults(segment: Segment) -> Iterator[str]:
    """What keeps a row from being one of a release."""
    for what, text, pattern in (
        ("an interview", segment.video_id, ID_PATTERN),
        ("a speaker", segment.speaker, SPEAKER_NAME),
        ("a segment", segment.segment_id, SEGMENT_PATTERN),
    ):
        if text is not None and not pattern.fullmatch(text):
            yield f"{text!r} is no id of {what}"
    for text in (segment.raw, segment.asr, segment.language, *segment.flags):
        if _CONTROL.search(text):
            yield f"{text!r} is not a text on one line"
    place = clip_path(segment.video_id, segment.role, segment.segment_id) if segment.segment_id else None
    if segment.clip != place:
        yield f"its clip is {segment.clip!r}, not {place!r}"
    if segment.start >= segment.end:
        yield f"{segment.start} to {segment.end} s is no stretch of time"
    for word in segment.words:
        if word.start >= word.end:
            yield f"{word.start} to {word.end} s is no stretch of time"
        if not _TOKEN.fullmatch(word.word):
            yield f"{word.word!r} is no word"


def _printed(item: Segment | Word) -> dict[str, Any]:
    """Its fields; times as they are written."""
    fields = msgspec.structs.asdict(item)
    times = {name: fields[name] for name in _TIMES & fields.keys() if fields[name] is not None}
    return fields | {name: msgspec.Raw(f"{seconds:.3f}".encode()) for name, seconds in times.items()}
