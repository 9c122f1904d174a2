"""A release as the benchmarks see it: what the interviewees said, who they are, and how the matches ended."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.core.records import Label, Role
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus import Subjects, read_labels, read_subjects
from imigue_build.release.reading import REMEDY, check_release, decoded, lines
from imigue_build.release.schema.layout import ID_PATTERN, LABELS, MANIFEST, SEGMENT_PATTERN, clip_path

OUTCOMES: Final = ("Win", "Lose")


class Segment(NamedTuple):
    """A stretch of an interviewee's speech that has a clip; seconds. `text` is raw, `words` the same normalised."""

    video_id: str
    segment_id: str
    clip: Path
    text: str
    words: str
    seconds: float
    flags: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in the corpus, e.g. `0440/segment_001`."""
        return f"{self.video_id}/{self.segment_id}"


class Interview(NamedTuple):
    """An interview with its interviewee's segments in time order; `subject` is empty where nobody said who it is.

    `outcome` is `Win`, `Lose` or empty.
    """

    video_id: str
    outcome: str
    gender: str
    subject: str
    segments: tuple[Segment, ...]

    @property
    def speaker(self) -> str:
        """Whom the interview counts for: its subject, or itself where that is not known."""
        return f"subject {self.subject}" if self.subject else f"video {self.video_id}"


class Corpus(NamedTuple):
    """The interviews of a release, by id; `sha256` is of its manifest and labels as far as they were read."""

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
        """The interviews of known outcome whose interviewee says something."""
        return tuple(one for one in self.interviews if one.outcome and one.segments)


class _Row(msgspec.Struct):
    video_id: str
    role: Role
    segment_id: str | None
    start: float
    end: float
    raw: str
    asr: str
    flags: tuple[str, ...] = ()


def read(release: Path, subjects: Path | None = None) -> Corpus:
    """The interviews of a release.

    Args:
        release: Its folder.
        subjects: A table with the columns `video_id` and `subject_id`, such as iMiGUE's micro-gesture table.

    Raises:
        UsageError: If it is no release, or the table of subjects cannot be used.
        ReleaseError: If its manifest cannot be read.
    """
    manifest = release / MANIFEST
    check_release(release)
    segments, ids, sha256 = _segments(release, manifest)
    if not ids:
        raise ReleaseError(f"{shown(manifest)} has no row", "build the release again")
    labels, warnings = _labels(release)
    known = read_subjects(subjects) if subjects else Subjects({})
    found = []
    for video_id in sorted({*ids, *labels}):
        label = labels.get(video_id, Label(video_id))
        own = tuple(segments.get(video_id, ()))
        subject = known.of.get(video_id, "")
        found.append(Interview(video_id, label.win_or_lose, label.subject_gender, subject, own))
    warnings += known.warnings
    warnings += _missing(found, subjects is not None)
    digest = hashlib.sha256((sha256 + "".join(repr(one[:4]) for one in found)).encode()).hexdigest()
    by = "subject" if subjects and all(one.subject for one in found if one.segments) else "video"
    if subjects and by == "video" and any(one.subject for one in found):
        by = "subject where known, else video"
    return Corpus(release, tuple(found), digest, by, warnings)


def two_outcomes(corpus: Corpus) -> tuple[Interview, ...]:
    """The interviews of known outcome.

    Raises:
        UsageError: If there is none, or none of one of the outcomes.
    """
    counts = {outcome: sum(one.outcome == outcome for one in corpus.decided) for outcome in OUTCOMES}
    if not any(counts.values()):
        what = f"{shown(corpus.root / LABELS)} gives no interview with speech an outcome"
        raise UsageError(what, "build the release with --labels that say Win or Lose")
    if not all(counts.values()):
        what = f"every interview of known outcome in {shown(corpus.root)} is a {max(counts, key=counts.__getitem__)}"
        raise UsageError(what, "winners and losers are needed")
    return corpus.decided


def _segments(release: Path, manifest: Path) -> tuple[Mapping[str, list[Segment]], set[str], str]:
    """The interviewees' segments by video, all video ids, and the hash of the manifest."""
    segments: dict[str, list[Segment]] = {}
    ids: set[str] = set()
    names: set[tuple[str, str]] = set()
    digest = hashlib.sha256()
    for line in lines(manifest):
        digest.update(line.data)
        row = decoded(manifest, line, _Row, _fault)
        ids.add(row.video_id)
        if row.role != "interviewee" or row.segment_id is None:
            continue
        if (row.video_id, row.segment_id) in names:
            what = f"{shown(manifest)}, line {line.number}: {row.video_id} has the {row.segment_id} twice"
            raise ReleaseError(what, REMEDY)
        names.add((row.video_id, row.segment_id))
        clip = release / clip_path(row.video_id, row.role, row.segment_id)
        segment = Segment(row.video_id, row.segment_id, clip, row.raw, row.asr, row.end - row.start, row.flags)
        segments.setdefault(row.video_id, []).append(segment)
    return segments, ids, digest.hexdigest()


def _fault(row: _Row) -> str:
    good = ID_PATTERN.fullmatch(row.video_id) and (row.segment_id is None or SEGMENT_PATTERN.fullmatch(row.segment_id))
    if not good:
        return f"{row.video_id!r}, {row.segment_id!r} are no ids"
    return "" if row.end > row.start else "it ends before it starts"


def _labels(release: Path) -> tuple[dict[str, Label], tuple[str, ...]]:
    path = release / LABELS
    if not path.is_file():
        return {}, (f"the release holds no {LABELS}: no outcome is known",)
    found = read_labels(path)
    return found.labels, tuple(warning.replace(shown(path), LABELS) for warning in found.warnings)  # no path in results


def _missing(interviews: list[Interview], subjects: bool) -> tuple[str, ...]:
    warnings = []
    if silent := [one.video_id for one in interviews if not one.segments]:
        warnings.append(f"no clip of the interviewee in {', '.join(silent)}: left out")
    unknown = [one.video_id for one in interviews if one.segments and not one.subject]
    if not subjects:
        warnings.append("no --subjects: each interview is taken for a speaker of its own, also where one gave several")
    elif unknown:
        warnings.append(f"no subject id for {', '.join(unknown)}: each is taken for a speaker of its own")
    return tuple(warnings)
