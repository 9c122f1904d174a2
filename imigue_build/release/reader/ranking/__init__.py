"""What a person should check first in a release, and how to mend it: the one queue of `review` and of the report.

>>> from imigue_build.release import Release
>>> from imigue_build.release.reader.ranking import ranked
>>> for item in ranked(Release.open("RELEASE"))[:20]:  # doctest: +SKIP
...     print(item.video_id, item.start, item.confidence, item.reason, item.command())
"""

from __future__ import annotations

from collections.abc import Collection

from imigue_build.release.reader.files import InterviewError
from imigue_build.release.reader.interview import Interview
from imigue_build.release.reader.ranking.evidence import passage_items
from imigue_build.release.reader.ranking.item import Item
from imigue_build.release.reader.ranking.whole import interview_items
from imigue_build.release.reader.release import Release

__all__ = ["Item", "items_of", "ranked"]


def ranked(release: Release, only: Collection[str] = (), failed: dict[str, str] | None = None) -> list[Item]:
    """All that may be wrong in a release, the least likely to be right first.

    Args:
        release: The release.
        only: Ids of the interviews wanted; all by default.
        failed: Gets, by id, why an interview cannot be read; without it that is raised.

    Raises:
        UsageError: If `only` names an interview that is not there.
        ReleaseError: If the manifest cannot be read.
        InterviewError: If a file of an interview cannot be read, and `failed` is None.
    """
    found: list[Item] = []
    for interview in map(release.interview, sorted(set(only)) or release.ids):
        try:
            found += items_of(interview)
        except InterviewError as error:
            if failed is None:
                raise
            failed[interview.video_id] = str(error)
    return sorted(found, key=lambda item: (item.confidence, item.video_id, item.start, item.kind))


def items_of(interview: Interview) -> list[Item]:
    """What may be wrong in one interview, in no order.

    Raises:
        InterviewError: If one of its files cannot be read.
    """
    return [*interview_items(interview), *passage_items(interview)]
