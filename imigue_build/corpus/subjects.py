"""Who is interviewed where: a table of video and subject ids, which may repeat itself as iMiGUE's long one does."""

from __future__ import annotations

from pathlib import Path

from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.csv_rows import rows
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus.discovery import is_video_id, padded


def read_subjects(path: Path) -> dict[str, str]:
    """Video id -> subject id, from a table that may repeat them.

    Raises:
        UsageError: If a row has no id or contradicts another.
    """
    found: dict[str, tuple[str, int]] = {}
    for line, fields in rows(path, ("video_id", "subject_id")):
        video_id, subject = padded(fields["video_id"].strip()), fields["subject_id"].strip()
        if not is_video_id(video_id) or not subject:
            what = f"{shown(path)}, line {line}: video_id {shown(video_id)!r}, subject_id {shown(subject)!r}"
            raise UsageError(what, "give both on every row")
        known, at = found.setdefault(video_id, (subject, line))
        if known != subject:
            what = f"{shown(path)}, line {line}: video {video_id} is of subject {shown(subject)}, on line {at} of "
            raise UsageError(what + shown(known), "make them agree")
    if not found:
        raise UsageError(f"{shown(path)} has a header and no row", "give it one row a video")
    return {video_id: subject for video_id, (subject, _) in found.items()}
