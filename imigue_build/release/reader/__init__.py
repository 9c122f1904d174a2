"""The door to a release: everything that reads one, whoever made it and wherever it came from, reads it here.

    >>> from imigue_build.release import Release
    >>> release = Release.open("RELEASE")  # doctest: +SKIP
    >>> for interview in release.interviews():  # doctest: +SKIP
    ...     for segment in interview.segments:
    ...         print(segment.start, segment.role, segment.raw)

A release is read interview by interview, so that a corpus of any size needs the memory of one interview. All times are
seconds from the start of the recording. Ids are safe to be names of files, paths stay in the release's folder, and
times are in order: what is otherwise is an error. What concerns one interview is an `InterviewError`, after which the
others can be read; what concerns the whole is a `ReleaseError`.
"""

from __future__ import annotations

from imigue_build.core.intervals import Interval
from imigue_build.core.records import Label, Overlap, Phone, Turn
from imigue_build.release.reader.files import REMEDY, InterviewError
from imigue_build.release.reader.interview import Interview
from imigue_build.release.reader.release import Release
from imigue_build.release.schema.corpus import NO_CORPUS, CorpusText
from imigue_build.release.schema.provenance import Model, Override, Provenance, Source
from imigue_build.release.schema.rows import DroppedSegment, Segment, Word

__all__ = [
    "NO_CORPUS",
    "REMEDY",
    "CorpusText",
    "DroppedSegment",
    "Interval",
    "Interview",
    "InterviewError",
    "Label",
    "Model",
    "Overlap",
    "Override",
    "Phone",
    "Provenance",
    "Release",
    "Segment",
    "Source",
    "Turn",
    "Word",
]
