"""Who is interviewed where: a table of video and subject ids, which may repeat itself as iMiGUE's long one does."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.bounded_csv import TextFile, plain
from imigue_build.core.untrusted.files import shown
from imigue_build.core.untrusted.formula_cells import restored
from imigue_build.corpus.discovery import is_video_id, padded


class Subjects(NamedTuple):
    """Video id -> subject id, and warnings about the table."""

    of: dict[str, str]
    warnings: tuple[str, ...] = ()


def read_subjects(path: Path) -> Subjects:
    """The subjects of a table with the columns `video_id` and `subject_id`, which may repeat them.

    Raises:
        UsageError: If a row has no id or contradicts another.
    """
    file = TextFile(path)
    found: dict[str, tuple[str, int]] = {}
    for line, fields in file.table(("video_id", "subject_id")):
        video_id, subject = padded(plain(fields["video_id"])), restored(plain(fields["subject_id"]))
        if not is_video_id(video_id) or not subject:
            what = f"{shown(path)}, line {line}: video_id {shown(video_id)!r}, subject_id {shown(subject)!r}"
            raise UsageError(what, "give both on every row")
        known, at = found.setdefault(video_id, (subject, line))
        if known != subject:
            what = f"{shown(path)}, line {line}: video {video_id} is of subject {shown(subject)}, on line {at} of "
            raise UsageError(what + shown(known), "make them agree")
    if not found:
        raise UsageError(f"{shown(path)} has a header and no row", "give it one row a video")
    return Subjects({video_id: subject for video_id, (subject, _) in found.items()}, file.warnings)
