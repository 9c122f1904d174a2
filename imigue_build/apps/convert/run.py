"""Converting in two passes over a release: the first checks the interviews and splits them, the second writes them."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from imigue_build.apps.convert.catalogue import format_of, outside
from imigue_build.apps.convert.formats import Destination, Entry, Format, text_file
from imigue_build.apps.convert.split_file import across, read_splits
from imigue_build.apps.convert.splits import Candidate, assign, proportions
from imigue_build.core import extras
from imigue_build.core.errors import ImigueError, ReleaseError, UsageError, first_few
from imigue_build.core.untrusted.files import shown
from imigue_build.core.untrusted.formula_cells import shielded
from imigue_build.corpus import Subjects, read_subjects
from imigue_build.release.reader import REMEDY, Release
from imigue_build.release.schema.layout import LABELS, MANIFEST
from imigue_build.store.output_directory import OutputDirectory

Report = Callable[[int, int], None]
"""Called with how many interviews are written, and of how many."""


@dataclass(frozen=True)
class Request:
    """What is to be converted into what, and how it is to be split; see the command's help."""

    release: Path
    form: str
    out: Path
    splits: str | None = None
    seed: int = 0
    subjects: Path | None = None
    split_file: Path | None = None
    audio_root: str | None = None


class Facts(NamedTuple):
    """What splits and summaries need of an interview; `seconds` are of its clips."""

    video_id: str
    subject: str
    gender: str
    outcome: str
    segments: int
    words: int
    seconds: float

    @property
    def candidate(self) -> Candidate:
        speaker = f"subject {self.subject}" if self.subject else f"video {self.video_id}"
        return Candidate(self.video_id, speaker, self.seconds, self.outcome, self.gender)


class Converted(NamedTuple):
    """The result.

    Attributes:
        interviews: Those that were written, by split ("" where the corpus is not split).
        failed: Those that cannot be read, and why.
        left_out: Those that the table of splits does not name.
    """

    interviews: dict[str, list[Facts]]
    failed: dict[str, str]
    left_out: list[str]
    warnings: list[str]


class _Survey(NamedTuple):
    """What the first pass finds; `wordless` are interviews without a row in the manifest."""

    facts: list[Facts]
    failed: dict[str, str]
    wordless: list[str]

    @property
    def subjects(self) -> dict[str, str]:
        """The subjects by interview; empty where not known."""
        return {facts.video_id: facts.subject for facts in self.facts}


def convert(request: Request, report: Report = lambda done, total: None) -> Converted:
    """Writes a release in another format into a folder of its own, which appears when it is complete.

    An interview that cannot be read is reported, and the others are written.

    Raises:
        UsageError: If the request cannot be carried out.
        ReleaseError: If the release, or every interview of it, cannot be read.
        StoreError: If the disk fails or is full.
    """
    form = format_of(request.form)
    if form.extra:
        extras.require(form.extra, f"convert --to {request.form}")
    shares = _check(request)
    release = Release.open(request.release)
    OutputDirectory(request.out, "convert", {"RELEASE": request.release}).check()
    known = read_subjects(request.subjects) if request.subjects else Subjects({})
    survey = _survey(release, form, known.of)
    subjects = survey.subjects
    notes = known.warnings
    if not subjects:
        raise ReleaseError(f"no interview of {shown(release.root)} can be converted: {_reasons(survey)}", REMEDY)
    if request.split_file:
        splits, table_notes = read_splits(request.split_file, subjects)
        notes += table_notes
    elif shares:
        splits = assign((facts.candidate for facts in survey.facts), shares, request.seed)
    else:
        splits = dict.fromkeys(subjects, "")
    by_split = {
        split: [facts for facts in survey.facts if splits.get(facts.video_id) == split] for split in _order(splits)
    }
    left_out = sorted(subjects.keys() - splits.keys())
    warnings = [*outside().problems, *notes, *_warnings(release, request, survey, splits)]
    result = Converted(by_split, survey.failed, left_out, warnings)
    _write(release, request, form, result, report)
    return result


def _check(request: Request) -> dict[str, float]:
    """The splits' shares; empty where none are asked for."""
    if request.splits and request.split_file:
        raise UsageError("--splits and --split-file exclude each other", "give one")
    if request.audio_root is not None and not request.audio_root.isprintable():
        raise UsageError("--audio-root has characters that no format can hold", "name a printable path")
    if not _root(request).isprintable():
        raise UsageError(
            f"{shown(request.release)} has a name that no format can hold", "give --audio-root, or rename it"
        )
    return proportions(request.splits) if request.splits else {}


def _root(request: Request) -> str:
    return (request.audio_root or os.path.abspath(request.release)).rstrip("/") or "/"


def _survey(release: Release, form: Format, subjects: Mapping[str, str]) -> _Survey:
    """The first pass: what the interviews hold, and which cannot be read."""
    survey = _Survey([], {}, [])
    for interview in release.interviews():
        video_id = interview.video_id
        try:
            if not interview.segments:
                survey.wordless.append(video_id)
                continue
            form.check(Entry(interview, subjects.get(video_id, "")))
        except ImigueError as error:
            survey.failed[video_id] = error.what
            continue
        clips = interview.clips
        seconds = round(sum(segment.duration for segment in clips), 3)
        words = sum(len(segment.words) for segment in interview.segments)
        label = interview.label
        known = (subjects.get(video_id, ""), label.subject_gender, label.win_or_lose)
        survey.facts.append(Facts(video_id, *known, len(clips), words, seconds))
    return survey


def _reasons(survey: _Survey) -> str:
    reasons = [f"{video_id}: {why}" for video_id, why in survey.failed.items()]
    return first_few(reasons, len(reasons)) or f"its {MANIFEST} is empty"


def _order(splits: Mapping[str, str]) -> list[str]:
    usual = ("train", "dev", "test")
    return sorted(set(splits.values()), key=lambda name: (usual.index(name) if name in usual else 9, name))


def _warnings(release: Release, request: Request, survey: _Survey, splits: Mapping[str, str]) -> list[str]:
    warnings = []
    if not release.labels:
        warnings.append(f"the release holds no {LABELS}: outcomes and genders are not labelled")
    if survey.wordless:
        warnings.append(f"no word, so no row in {MANIFEST}, of {_listed(survey.wordless)}: not converted")
    if not (request.splits or request.split_file):
        return warnings
    unknown = [video_id for video_id, subject in survey.subjects.items() if not subject]
    if not request.subjects:
        warnings.append("no --subjects: each interview counts as a speaker of its own, also where one gave several")
    elif unknown:
        warnings.append(f"no subject id for {_listed(unknown)}: each counts as a speaker of its own")
    if several := across(splits, survey.subjects):
        warnings.append(f"in more than one split: subject {_listed(list(map(shown, several)))}")
    return warnings


def _listed(names: Sequence[str]) -> str:
    return first_few(names, len(names), ", ")


def _write(release: Release, request: Request, form: Format, result: Converted, report: Report) -> None:
    sources = {"RELEASE": release.root}
    digests = {MANIFEST: release.sha256(MANIFEST)}
    about = {"format": request.form, "release": digests, "failed": sorted(result.failed)}
    with OutputDirectory(request.out, "convert", sources, about).writing() as new:
        _fill(new, release, request, form, result, report)
        _table(new, result)


def _fill(new: Path, release: Release, request: Request, form: Format, result: Converted, report: Report) -> None:
    """The second pass: writes the interviews into the new folder."""
    placed = {facts.video_id: (facts.subject, split) for split, own in result.interviews.items() for facts in own}
    files = {split: "" if form.one_file_for_all_splits else split for split in result.interviews}
    with ExitStack() as stack:
        writes = {
            split: stack.enter_context(form.writer(Destination(new, split, _root(request), release.provenance.corpus)))
            for split in dict.fromkeys(files.values())
        }
        for done, video_id in enumerate(sorted(placed), 1):
            subject, split = placed[video_id]
            writes[files[split]](Entry(release.interview(video_id), subject, split))
            report(done, len(placed))
    if form.finish:
        form.finish(new, list(result.interviews), release.provenance.corpus)


def _table(new: Path, result: Converted) -> None:
    """`splits.csv`: which interview is where."""
    if list(result.interviews) == [""]:
        return
    with text_file(new / "splits.csv") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("video_id", "split", "subject_id", "subject_gender", "win_or_lose", "segments", "seconds"))
        placed = ((facts, split) for split, own in result.interviews.items() for facts in own)
        for facts, split in sorted(placed):
            known = map(shielded, (facts.subject, facts.gender, facts.outcome))
            table.writerow((facts.video_id, split, *known, facts.segments, f"{facts.seconds:.3f}"))


def summary(result: Converted) -> dict[str, dict[str, Any]]:
    """The totals of each split."""
    return {split: _totals(facts) for split, facts in result.interviews.items()}


def _totals(interviews: Sequence[Facts]) -> dict[str, Any]:
    seconds = sum(facts.seconds for facts in interviews)
    return {
        "interviews": len(interviews),
        "subjects": len({facts.candidate.speaker for facts in interviews}),
        "segments": sum(facts.segments for facts in interviews),
        "words": sum(facts.words for facts in interviews),
        "seconds": round(seconds, 3),
        "hours": round(seconds / 3600, 2),
        "outcomes": _counts(facts.outcome for facts in interviews),
        "genders": _counts(facts.gender for facts in interviews),
    }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
