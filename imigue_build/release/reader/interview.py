"""One interview of a release: what its files say, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from imigue_build.core.diarization import overlap
from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Label, Overlap, Phone, Role, Turn
from imigue_build.release.reader import manifest
from imigue_build.release.reader.composition import RoleFigures, asr_confidence, role_figures
from imigue_build.release.reader.doubts import Doubt, doubts
from imigue_build.release.reader.files import Folder, InterviewError
from imigue_build.release.schema import rttm, textgrid
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import MANIFEST, SPEAKER_NAME, clip_samples, interview_files
from imigue_build.release.schema.provenance import Provenance, Source
from imigue_build.release.schema.rows import DroppedSegment, Segment, Word
from imigue_build.release.schema.textgrid import TextGrid

_LARGEST_RTTM: Final = 1 << 24
_WAV_HEADER: Final = 64 << 10
_TOLERANCE: Final = 44
"""Samples, a millisecond; the last clip ends with its recording, which need not end with a millisecond."""


class Tables(Protocol):
    """What a release knows of all its interviews."""

    @property
    def provenance(self) -> Provenance: ...

    @property
    def labels(self) -> Mapping[str, Label]: ...

    @property
    def dropped(self) -> Mapping[str, tuple[DroppedSegment, ...]]: ...


class Interview:
    """An interview. Nothing is read of it before it is asked for, and each file once.

    Whatever is asked for raises `InterviewError` where the file that holds it cannot be read. Times are seconds from
    the start of the recording; sequences are in the order of time.

    Attributes:
        video_id: Its id, which is the name of its folder.
        source: What `provenance.json` says of it alone; `Provenance.config_of` and the like say all that is true of it.
    """

    def __init__(self, tables: Tables, folder: Folder, video_id: str, place: manifest.Place) -> None:
        self.video_id = video_id
        self.source: Source = tables.provenance.videos[video_id]
        self._tables, self._folder, self._place = tables, folder, place

    @property
    def duration(self) -> float:
        """Of the recording, in seconds."""
        return self.source.duration_s

    @property
    def label(self) -> Label:
        """Gender and nationality of the interviewee, and how the match ended; empty where nothing is known."""
        return self._tables.labels.get(self.video_id, Label(self.video_id))

    @property
    def dropped(self) -> tuple[DroppedSegment, ...]:
        """What a quality filter dropped."""
        return self._tables.dropped.get(self.video_id, ())

    @cached_property
    def lines(self) -> tuple[bytes, ...]:
        """Its lines of the manifest, as they are there, without newlines."""
        with self._reading(MANIFEST):
            return manifest.lines(self._folder, self._place)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The rows of the manifest, which hold every word once; those in overlapped speech, for one, have no clip."""
        with self._reading(MANIFEST):
            return manifest.segments(self.lines, self.video_id, self._place.line)

    @property
    def clips(self) -> tuple[Segment, ...]:
        """The rows that have a clip."""
        return tuple(segment for segment in self.segments if segment.clip)

    @property
    def role_confidence(self) -> float | None:
        """How clear the roles are, in [0, 1]; None where that is not known."""
        return next((row.role_confidence for row in self.segments if row.role_confidence is not None), None)

    @property
    def asr_confidence(self) -> float | None:
        """The mean confidence of its words, in [0, 1]; None where no word has one."""
        return asr_confidence(self.segments)

    def figures(self, role: Role) -> RoleFigures:
        """A role in figures: speakers, speaking time, segments and words."""
        return role_figures(role, self.segments, self.turns, self.roles)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why a person should check the interview as a whole, in words; empty where nothing is doubtful."""
        return tuple(doubt.reason for doubt in self.doubted)

    @property
    def doubted(self) -> tuple[Doubt, ...]:
        """The same with what may be wrong, and how likely that is."""
        return tuple(doubts(self.role_confidence or 0.0, self.source, self.segments))

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """The role of every speaker who says a word."""
        return MappingProxyType({segment.speaker: segment.role for segment in self.segments})

    def role(self, speaker: str) -> Role:
        """A speaker's role; who says no word is an interviewer, as is everybody but the interviewee."""
        return self.roles.get(speaker, "interviewer")

    def words(self, role: Role) -> tuple[Word, ...]:
        """The words of a role, sorted by start and end."""
        found = [word for segment in self.segments if segment.role == role for word in segment.words]
        return tuple(sorted(found, key=lambda word: (word.start, word.end)))

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The diarized turns, which may overlap, sorted by start, end and speaker."""
        with self._reading(self.path("rttm")):
            data = self._folder.read(self.path("rttm"), _LARGEST_RTTM)
            try:
                return rttm.parse(data.decode(), self.video_id)
            except UnicodeDecodeError as error:
                raise FormatError(f"it is not in UTF-8 (byte {error.start})") from None

    @property
    def detects_overlap(self) -> bool:
        """Whether the diarizer could; where it could not, `overlap` is empty for that reason."""
        return not self.segments or any(segment.overlap_s is not None for segment in self.segments)

    @cached_property
    def overlap(self) -> tuple[Overlap, ...]:
        """The regions in which several speakers talk, by the turns; as the tier `overlap` marks them."""
        return overlap(self.turns)

    def speaking(self, role: Role) -> tuple[Interval, ...]:
        """When those of a role speak, whoever else does, by the turns; the intervals are disjoint."""
        return merge(turn for turn in self.turns if self.role(turn.speaker) == role)

    @cached_property
    def exclusive(self) -> tuple[Turn, ...]:
        """The turns with one speaker at a time, as the diarizer sees them: the tier `diarization`."""
        labels = self.segment_grid.labels("diarization")
        found = tuple(Turn(start / 1000, end / 1000, text) for start, end, text in labels)
        for turn in found:
            if not SPEAKER_NAME.fullmatch(turn.speaker):
                why = f"{turn.speaker!r} at {turn.start} s in the tier diarization is no id of a speaker"
                raise InterviewError(self.video_id, self.path("segments"), why)
        return found

    @property
    def speech(self) -> tuple[Interval, ...]:
        """When anybody speaks, as the detector of speech heard it: the tier `vad`."""
        return tuple(Interval(start / 1000, end / 1000) for start, end, _ in self.segment_grid.labels("vad"))

    def phones(self, role: Role) -> tuple[Phone, ...]:
        """The phones of a role's words, in the aligner's phone set."""
        labels = self.word_grid.labels(f"{role} - phones")
        return tuple(Phone(start / 1000, end / 1000, text) for start, end, text in labels)

    @cached_property
    def segment_grid(self) -> TextGrid:
        """The TextGrid of segments, turns, overlap and speech; its times are milliseconds."""
        return self._grid("segments")

    @cached_property
    def word_grid(self) -> TextGrid:
        """The TextGrid of words and phones by role; its times are milliseconds."""
        return self._grid("words")

    def path(self, file: str) -> str:
        """The path, relative to the release, of one of its files, by its field in `layout.InterviewFiles`: `wav`."""
        name: str = getattr(interview_files(self.video_id), file)
        return f"{self.video_id}/{name}"

    def file(self, file: str) -> Path:
        """Where that file is, within the release, whether it can be read or not."""
        return self._file(self.path(file))

    def clip_file(self, segment: Segment) -> Path:
        """Where the WAV of a segment that has a clip is."""
        return self._file(_clip(segment))

    def samples(self) -> int:
        """How many samples the recording has, by the header of its WAV."""
        with self._reading(self.path("wav")):
            return self._folder.samples(self.path("wav"))

    def clip_bytes(self, segment: Segment) -> bytes:
        """The WAV file of a segment that has a clip."""
        with self._reading(_clip(segment)):
            return self._folder.read(_clip(segment), _WAV_HEADER + 2 * _length(segment))

    def check_clips(self) -> None:
        """Whether the header of every clip says what the manifest does."""
        for segment in self.clips:
            with self._reading(_clip(segment)):
                if abs(self._folder.samples(_clip(segment)) - _length(segment)) > _TOLERANCE:
                    raise FormatError("it is not as long as its row of the manifest")

    def _file(self, path: str) -> Path:
        with self._reading(path):
            return self._folder.place(path)

    def _grid(self, file: str) -> TextGrid:
        with self._reading(self.path(file)):
            return textgrid.parse(self._folder.read(self.path(file), textgrid.LARGEST))

    @contextmanager
    def _reading(self, file: str) -> Iterator[None]:
        try:
            yield
        except FormatError as fault:
            raise InterviewError(self.video_id, file, fault.why, fault.line) from None


def _clip(segment: Segment) -> str:
    if segment.clip is None:
        raise ValueError(f"the segment at {segment.start} s has no clip")
    return segment.clip


def _length(segment: Segment) -> int:
    """Samples of a segment's clip."""
    first, last = clip_samples(segment.start, segment.end)
    return last - first
