"""The labels of two releases."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from imigue_build.apps.diff.result import Origin
from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.release.reader import Label, Release
from imigue_build.release.schema.layout import LABELS, LABELS_HEADER

Differing = dict[str, dict[str, tuple[str, str]]]
"""By id and column the values before and after."""


def differing(first: Release, second: Release, both: Collection[str]) -> Differing:
    """The labels that differ, of the interviews that both releases have.

    Raises:
        ReleaseError: If a table of labels cannot be used.
    """
    if first.sums.get(LABELS) == second.sums.get(LABELS):
        return {}
    tables = _read(first), _read(second)
    found: Differing = {}
    for video_id in both:
        old, new = (table.get(video_id, Label(video_id)) for table in tables)
        for column in LABELS_HEADER[1:]:
            values = getattr(old, column), getattr(new, column)
            if values[0] != values[1]:
                found.setdefault(video_id, {})[column] = values
    return found


def origins(first: Release, second: Release, both: Collection[str], labels: Differing) -> list[Origin]:
    """The difference between the tables of labels, where an interview has other labels."""
    if not labels:
        return []
    ids = None if len(labels) == len(both) else tuple(labels)
    return [Origin("input", LABELS, first.sums.get(LABELS), second.sums.get(LABELS), (), ids, tuple(labels))]


def _read(release: Release) -> Mapping[str, Label]:
    try:
        return release.labels
    except UsageError as error:  # the table of a release is not one that the user gave
        raise ReleaseError(error.what, error.remedy) from error
