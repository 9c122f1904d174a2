"""Scoring a release: every interview that has a reference, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from imigue_build.apps.scoring import reference as references
from imigue_build.apps.scoring.differences import Place, differences
from imigue_build.apps.scoring.labels import Labels
from imigue_build.apps.scoring.measures import DEFINITIONS, Tally, compare, pool, rates
from imigue_build.apps.scoring.released import released
from imigue_build.core import extras
from imigue_build.core.errors import AnnotationError, UsageError
from imigue_build.release.reader import Interview, InterviewError, Release


class Scores(NamedTuple):
    """What was found.

    `failed` says of interviews with a reference why they are not scored; `not_released` have a
    reference and are not in the release, `without_reference` are in the release alone. `warnings` say
    what the readers of the references left out, by interview. `places` has where words differ, if that was asked for.
    """

    interviews: dict[str, Tally]
    failed: dict[str, str]
    not_released: tuple[str, ...]
    without_reference: tuple[str, ...]
    warnings: Mapping[str, tuple[str, ...]] = {}
    places: Mapping[str, Sequence[Place]] = {}

    @property
    def pooled(self) -> Tally:
        """All interviews together; every measure None where there is none."""
        return pool(self.interviews.values()) if self.interviews else Tally()

    def as_json(self) -> dict[str, Any]:
        """The measures, pooled and of each interview, and what could not be scored."""
        return {
            **rates(self.pooled),
            "interviews": {video_id: rates(tally) for video_id, tally in self.interviews.items()},
            "failed": self.failed,
            "warnings": {video_id: list(said) for video_id, said in self.warnings.items()},
            "missing": {"release": list(self.not_released), "reference": list(self.without_reference)},
            "definitions": dict(DEFINITIONS),
        }


def score(reference: Path, root: Path, side_by_side: bool = False) -> Scores:
    """Compares the interviews of a release with those in a folder of references, or with one file.

    One file is the reference of the interview that it is named by, or of the only one of the release.

    Args:
        reference: The folder of references, or the file.
        root: The release's folder.
        side_by_side: Whether the places where words differ are wanted too.

    Raises:
        UsageError: If either is not there, they have no interview in common, or the extra `score` is missing.
        ReleaseError: If the release's manifest cannot be read.
    """
    extras.require("score", "score")
    release = Release.open(root)
    files = references.find(reference, release.ids)
    if reference.is_file() and len(release.ids) == 1:
        files = dict(zip(release.ids, files.values(), strict=True))
    common = [video_id for video_id in sorted(files) if video_id in release.provenance.videos]
    if not common:
        what = f"no interview of {root} ({some(release.ids)}) has a reference in {reference} ({some(files)})"
        raise UsageError(what, "name the references by the interviews' ids")
    done: dict[str, Tally] = {}
    failed: dict[str, str] = {}
    warnings: dict[str, tuple[str, ...]] = {}
    places: dict[str, Sequence[Place]] = {}
    for video_id in common:
        interview = release.interview(video_id)
        try:
            truth = references.read(files[video_id], video_id)
            if truth.warnings:
                warnings[video_id] = truth.warnings
            found = _released(truth, interview)
            done[video_id] = compare(truth, found)
            if side_by_side and truth.words is not None:
                places[video_id] = differences(truth.words, found.words or ())
        except (AnnotationError, InterviewError) as error:
            failed[video_id] = str(error)
    return Scores(
        done,
        failed,
        tuple(sorted(set(files) - set(release.ids))),
        tuple(sorted(set(release.ids) - set(files))),
        warnings,
        places,
    )


def _released(truth: Labels, interview: Interview) -> Labels:
    return released(interview, phones=any(word.phones for word in truth.words or ()))


def some(ids: Iterable[str], most: int = 10) -> str:
    """The first ids, for a message."""
    listed = sorted(ids)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "") or "none"
