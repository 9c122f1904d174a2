"""What the benchmarks take from a release: the interviewees' segments, who they are, and how the matches ended."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus import Subjects, read_subjects
from imigue_build.release import reader
from imigue_build.release.schema.layout import LABELS

OUTCOMES: Final = ("Win", "Lose")


class Segment(NamedTuple):
    """A segment of an interviewee, with its clip: the text as written and normalised, and the duration in seconds."""

    video_id: str
    segment_id: str
    clip: Path
    text: str
    normalized: str
    seconds: float

    @property
    def name(self) -> str:
        """Its id in the corpus: `0440/segment_001`."""
        return f"{self.video_id}/{self.segment_id}"


class Interview(NamedTuple):
    """An interview with its interviewee's segments in time order.

    `outcome` is `Win`, `Lose` or empty; `gender` and `subject` are empty where they are not known.
    """

    video_id: str
    outcome: str
    gender: str
    subject: str
    segments: tuple[Segment, ...]

    @property
    def speaker(self) -> str:
        """What folds and tests keep together: the subject, or the interview where its subject is not known."""
        return f"subject {self.subject}" if self.subject else f"video {self.video_id}"


class Corpus(NamedTuple):
    """The interviews of a release, sorted by id.

    Attributes:
        root: The release's folder.
        interviews: All, also those in which the interviewee has no clip.
        sha256: Of the manifest, the labels and the subjects.
        grouped_by: What a speaker is: `subject`, `video`, or `subject where known, else video`.
        warnings: What users should know.
    """

    root: Path
    interviews: tuple[Interview, ...]
    sha256: str
    grouped_by: str
    warnings: tuple[str, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(segment for interview in self.interviews for segment in interview.segments)

    @property
    def decided(self) -> tuple[Interview, ...]:
        """The interviews of known outcome whose interviewee has a clip."""
        return tuple(interview for interview in self.interviews if interview.outcome and interview.segments)


def read(root: Path, subjects: Path | None = None) -> Corpus:
    """The interviews of a release.

    Args:
        root: The release's folder.
        subjects: A table with the columns `video_id` and `subject_id`, such as iMiGUE's micro-gesture table.

    Raises:
        UsageError: If it is no release, or the table of subjects cannot be used.
        ReleaseError: If a part of the release that is needed cannot be read.
    """
    release = reader.Release.open(root)
    known = read_subjects(subjects) if subjects else Subjects({})
    manifest = hashlib.sha256()
    interviews = []
    for interview in release.interviews():
        label, subject = interview.label, known.of.get(interview.video_id, "")
        segments = _segments(interview)
        interviews.append(Interview(interview.video_id, label.win_or_lose, label.subject_gender, subject, segments))
        for line in interview.lines:
            manifest.update(line + b"\n")
    facts = "".join(repr(interview[:4]) for interview in interviews)
    digest = hashlib.sha256((manifest.hexdigest() + facts).encode()).hexdigest()
    warnings = (*release.label_warnings, *known.warnings, *_warnings(interviews, subjects is not None))
    return Corpus(root, tuple(interviews), digest, _grouped_by(interviews), warnings)


def two_outcomes(corpus: Corpus) -> tuple[Interview, ...]:
    """The interviews of known outcome.

    Raises:
        UsageError: If there is none of one of the outcomes.
    """
    counts = {outcome: sum(interview.outcome == outcome for interview in corpus.decided) for outcome in OUTCOMES}
    if not any(counts.values()):
        what = f"{shown(corpus.root / LABELS)} gives no interview with speech an outcome"
        raise UsageError(what, "build the release with --labels that say Win or Lose")
    if not all(counts.values()):
        what = f"every interview of known outcome in {shown(corpus.root)} is a {max(counts, key=counts.__getitem__)}"
        raise UsageError(what, "winners and losers are needed")
    return corpus.decided


def _segments(interview: reader.Interview) -> tuple[Segment, ...]:
    """The interviewee's segments that have a clip, without their words, which would take much memory."""
    return tuple(
        Segment(row.video_id, row.segment_id, interview.clip_file(row), row.raw, row.asr, row.duration)
        for row in interview.segments
        if row.role == "interviewee" and row.segment_id
    )


def _grouped_by(interviews: list[Interview]) -> str:
    if not any(interview.subject for interview in interviews):
        return "video"
    whole = all(interview.subject for interview in interviews if interview.segments)
    return "subject" if whole else "subject where known, else video"


def _warnings(interviews: list[Interview], subjects: bool) -> list[str]:
    warnings = []
    if silent := [interview.video_id for interview in interviews if not interview.segments]:
        warnings.append(f"no clip of the interviewee in {', '.join(silent)}: left out")
    unknown = [interview.video_id for interview in interviews if interview.segments and not interview.subject]
    if not subjects:
        warnings.append("no --subjects: each interview counts as a speaker of its own, also where one gave several")
    elif unknown:
        warnings.append(f"no subject id for {', '.join(unknown)}: each counts as a speaker of its own")
    return warnings
