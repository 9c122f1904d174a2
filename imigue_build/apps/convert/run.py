"""Converting: a first reading finds what there is and splits it, a second one writes."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from imigue_build.apps.convert.catalogue import FORMATS
from imigue_build.apps.convert.formats import Format, Place, text_file
from imigue_build.apps.convert.source import interviews, labels_of
from imigue_build.apps.convert.split_file import across, read_splits
from imigue_build.apps.convert.splits import Candidate, assign, proportions
from imigue_build.core import extras
from imigue_build.core.errors import ImigueError, ReleaseError, UsageError, first_few
from imigue_build.core.untrusted.files import shown
from imigue_build.core.untrusted.formula_cells import shielded
from imigue_build.corpus import Subjects, read_subjects
from imigue_build.release.reading import check_release
from imigue_build.release.schema.layout import LABELS, MANIFEST
from imigue_build.store.disk import guarded, sha256
from imigue_build.store.output_directory import OutputDirectory

Report = Callable[[int, int], None]
"""Told how many interviews of how many are written."""


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
    """An interview as splitting sees it; seconds are of its clips."""

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
    """What came of it.

    Attributes:
        interviews: Those that were written, by split ("" where there are none).
        failed: Those that could not be written, and why.
        left_out: Those that the table of splits does not name.
    """

    interviews: dict[str, list[Facts]]
    failed: dict[str, str]
    left_out: list[str]
    warnings: list[str]


def convert(request: Request, report: Report = lambda done, total: None) -> Converted:
    """Writes a release in another format into a folder of its own, which appears when it is whole.

    Raises:
        UsageError: If something asked for does not go.
        ReleaseError: If the release cannot be read, or no interview of it.
        StoreError: If the disk fails or is full.
    """
    form = FORMATS[request.form]
    if form.extra:
        extras.require(form.extra, f"convert --to {request.form}")
    shares = _check(request)
    check_release(request.release)
    OutputDirectory(request.out, "convert", {"RELEASE": request.release}).check()
    known = read_subjects(request.subjects) if request.subjects else Subjects({})
    facts, failed = _survey(request, form, known.of)
    if not facts:
        raise ReleaseError(f"no interview of {shown(request.release)} can be converted: {_reasons(failed)}", "mend it")
    subjects = {one.video_id: one.subject for one in facts}
    notes: tuple[str, ...] = ()
    if request.split_file:
        found, notes = read_splits(request.split_file, subjects)
    elif shares:
        found = assign((one.candidate for one in facts), shares, request.seed)
    else:
        found = dict.fromkeys(subjects, "")
    by_split = {split: [one for one in facts if found.get(one.video_id) == split] for split in _order(found)}
    warnings = [*known.warnings, *notes, *_warnings(request, facts, failed, found)]
    result = Converted(by_split, failed, sorted(set(subjects) - set(found)), warnings)
    _write(request, form, result, report)
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


def _survey(request: Request, form: Format, subjects: Mapping[str, str]) -> tuple[list[Facts], dict[str, str]]:
    """All interviews that can be read in full, and why others cannot."""
    facts, failed = [], {}
    for one in interviews(request.release):
        try:
            form.reads(one)
        except ImigueError as error:
            failed[one.video_id] = error.what
            continue
        clips = one.segments
        seconds = sum(row.seconds for row in clips)
        words = sum(len(row.words) for row in one.rows)
        known = (subjects.get(one.video_id, ""), one.label.subject_gender, one.label.win_or_lose)
        facts.append(Facts(one.video_id, *known, len(clips), words, round(seconds, 3)))
    return facts, failed


def _reasons(failed: Mapping[str, str]) -> str:
    return (
        first_few((f"{video_id}: {why}" for video_id, why in failed.items()), len(failed)) or f"its {MANIFEST} is empty"
    )


def _order(found: Mapping[str, str]) -> list[str]:
    usual = ("train", "dev", "test")
    return sorted(set(found.values()), key=lambda name: (usual.index(name) if name in usual else 9, name))


def _warnings(request: Request, facts: list[Facts], failed: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    warnings = []
    labels = labels_of(request.release)
    if not labels:
        warnings.append(f"the release holds no {LABELS}: outcomes and genders are not known")
    if wordless := sorted(labels.keys() - failed.keys() - {one.video_id for one in facts}):
        warnings.append(
            f"no word, so no row in {MANIFEST}, of {first_few(wordless, len(wordless), ', ')}: not converted"
        )
    if not (request.splits or request.split_file):
        return warnings
    unknown = [one.video_id for one in facts if not one.subject]
    if not request.subjects:
        warnings.append("no --subjects: each interview is taken for a speaker of its own, also where one gave several")
    elif unknown:
        warnings.append(
            f"no subject id for {first_few(unknown, len(unknown), ', ')}: each is taken for a speaker of its own"
        )
    if several := across(found, {one.video_id: one.subject for one in facts}):
        warnings.append(f"in more than one split: subject {first_few(map(shown, several), len(several), ', ')}")
    return warnings


def _write(request: Request, form: Format, result: Converted, report: Report) -> None:
    with guarded(f"cannot read {shown(request.release)}"):
        manifest = sha256(request.release / MANIFEST)
    about = {"format": request.form, "release": {MANIFEST: manifest}, "failed": sorted(result.failed)}
    with OutputDirectory(request.out, "convert", {"RELEASE": request.release}, about).writing() as new:
        _fill(new, request, form, result, report)
        _table(new, result)


def _fill(new: Path, request: Request, form: Format, result: Converted, report: Report) -> None:
    split_of = {one.video_id: split for split, facts in result.interviews.items() for one in facts}
    subject_of = {one.video_id: one.subject for facts in result.interviews.values() for one in facts}
    splits = list(result.interviews)
    with ExitStack() as stack:
        places = {split: Place(new, split, _root(request)) for split in ([""] if form.splits_in_a_column else splits)}
        add = {split: stack.enter_context(form.opened(place)) for split, place in places.items()}
        done = 0
        for one in interviews(request.release):
            split = split_of.get(one.video_id)
            if split is None:
                continue
            known = one._replace(subject=subject_of[one.video_id], split=split)
            add["" if form.splits_in_a_column else split](known)
            report(done := done + 1, len(split_of))
    if done != len(split_of):
        raise ReleaseError(f"{shown(request.release)} was changed meanwhile", "run the same command again")
    if form.finish:
        form.finish(new, splits)


def _table(new: Path, result: Converted) -> None:
    """`splits.csv`: which interview is where."""
    if list(result.interviews) == [""]:
        return
    with text_file(new / "splits.csv") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("video_id", "split", "subject_id", "subject_gender", "win_or_lose", "segments", "seconds"))
        where = ((one, split) for split, facts in result.interviews.items() for one in facts)
        for one, split in sorted(where):
            known = map(shielded, (one.subject, one.gender, one.outcome))
            table.writerow((one.video_id, split, *known, one.segments, f"{one.seconds:.3f}"))


def summary(result: Converted) -> dict[str, dict[str, Any]]:
    """Each split in numbers."""
    found: dict[str, dict[str, Any]] = {}
    for split, facts in result.interviews.items():
        found[split] = {
            "interviews": len(facts),
            "subjects": len({one.candidate.speaker for one in facts}),
            "segments": sum(one.segments for one in facts),
            "words": sum(one.words for one in facts),
            "seconds": round(sum(one.seconds for one in facts), 3),
            "hours": round(sum(one.seconds for one in facts) / 3600, 2),
            "outcomes": _counts(one.outcome for one in facts),
            "genders": _counts(one.gender for one in facts),
        }
    return found


def _counts(values: Any) -> dict[str, int]:
    listed = list(values)
    return {value: listed.count(value) for value in sorted(set(listed))}
