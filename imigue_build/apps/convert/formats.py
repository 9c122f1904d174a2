"""What a format is to `imigue-build convert`; another package adds one by writing a `Format`.

Such a package imports this module and `imigue_build.release`, nothing else of imigue-build, and names its format in the
entry points `imigue_build.formats`. A format of one line a segment:

    from contextlib import contextmanager
    from imigue_build.apps.convert.formats import Format, text_file

    @contextmanager
    def writer(destination):
        with text_file(destination.folder / "segments.txt") as file:

            def write(entry):
                for segment in entry.interview.clips:
                    file.write(f"{entry.speaker(segment)}\\t{destination.audio(segment.clip)}\\t{segment.raw}\\n")

            yield write

    SEGMENTS = Format("one line a segment", writer)

All times are seconds from the start of the recording.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from imigue_build.release.reader import NO_CORPUS, CorpusText, Interview, Segment
from imigue_build.release.schema.layout import SAMPLE_RATE

WHOLE: Final = "all"
"""What stands for the split in names of files where the corpus is not split."""


class Entry(NamedTuple):
    """An interview to be written.

    Attributes:
        interview: As it is in the release.
        subject: The id of the person interviewed, where `--subjects` says it; else empty.
        split: Empty where the corpus is not split.
    """

    interview: Interview
    subject: str = ""
    split: str = ""

    def utterance_id(self, segment: Segment) -> str:
        """The id of a segment that has a clip, unique in the corpus: `0440-interviewee-segment_001`."""
        return f"{segment.video_id}-{segment.role}-{segment.segment_id}"

    def speaker(self, segment: Segment) -> str:
        """Who speaks, by an id that is the same in all interviews of a subject: `subject_12`, `0440-SPEAKER_00`."""
        if segment.role == "interviewee" and self.subject:
            return "subject_" + re.sub("[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}_", self.subject)
        return f"{segment.video_id}-{segment.speaker}"

    def gender(self, segment: Segment) -> str:
        """Of who speaks, as in `labels.csv`; empty where it is not known."""
        return self.interview.label.subject_gender if segment.role == "interviewee" else ""

    def seconds(self) -> float:
        """Of the recording, to the sample, by the header of its WAV."""
        return self.interview.samples() / SAMPLE_RATE


class Destination(NamedTuple):
    """Where a format writes.

    Attributes:
        root: The folder of the conversion, empty at first.
        split: The split that is written; empty where there is none, or one file holds all.
        audio_root: The release's folder, as users of the conversion find it.
        corpus: What the release says of the corpus.
    """

    root: Path
    split: str
    audio_root: str
    corpus: CorpusText = NO_CORPUS

    @property
    def folder(self) -> Path:
        """The split's own folder, made if it is missing; `root` where there is no split."""
        folder = self.root / self.split
        folder.mkdir(exist_ok=True)
        return folder

    def audio(self, path: str) -> str:
        """The path of a file of the release as users of the conversion find it.

        Args:
            path: Relative to the release, as of `interview.path("wav")` or `segment.clip`.
        """
        return f"{self.audio_root}/{path}"


Write = Callable[[Entry], None]
"""Writes one interview. Interviews come in the order of their ids."""
Writer = Callable[[Destination], AbstractContextManager[Write]]
"""Opened once for each split, or once for all; closed when all interviews are written."""


def check_nothing(entry: Entry) -> None:
    """For formats that need the rows of the manifest alone."""


def check_recording(entry: Entry) -> None:
    """For formats that name the recording: its WAV can be read, and is whole."""
    entry.interview.samples()


def check_clips(entry: Entry) -> None:
    """For formats that hold or name clips: each can be read, and is as long as its segment."""
    entry.interview.check_clips()


class Format(NamedTuple):
    """A format.

    Attributes:
        about: What it is, in a few words.
        writer: Writes the interviews of a split (of all, where `one_file_for_all_splits`) into a destination.
        check: Called with each interview before anything is written; it raises an `ImigueError`, as the reader does,
            where something that `writer` needs cannot be read. The interview is reported and left out.
        one_file_for_all_splits: Whether one destination takes the interviews of all splits; `Entry.split` names them.
        finish: Called in the end with the folder of the conversion, the names of the splits, and what the release says
            of the corpus.
        extra: The extra of imigue-build that it needs, a key of `core.extras.EXTRAS`; other packages name none.
    """

    about: str
    writer: Writer
    check: Callable[[Entry], None] = check_nothing
    one_file_for_all_splits: bool = False
    finish: Callable[[Path, Sequence[str], CorpusText], None] | None = None
    extra: str = ""


def text_file(path: Path) -> TextIO:
    """A new text file, in UTF-8 with line feeds."""
    return path.open("w", encoding="utf-8", newline="\n")
