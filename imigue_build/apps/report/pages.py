"""The pages of a report, filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

from imigue_build.apps.report.charts import HEIGHT, WIDTH
from imigue_build.apps.report.interview import DOUBTFUL, InterviewView
from imigue_build.apps.report.overview import Overview, made
from imigue_build.apps.report.page_data import data
from imigue_build.core.pages import BASE, Template, render
from imigue_build.release.reader import Provenance
from imigue_build.release.reader.ranking import Item

_HERE: Final = Path(__file__).parent


def _page(name: str, styles: Sequence[str] = (), scripts: Sequence[str] = (), media: bool = False) -> Template:
    return Template(
        _HERE / "pages",
        f"{name}.html",
        (BASE, *(_HERE / "styles" / f"{style}.css" for style in styles)),
        tuple(_HERE / "scripts" / f"{script}.js" for script in scripts),
        media,
    )


_OVERVIEW: Final = _page("overview", ["overview"], ["overview"])
_INTERVIEW: Final = _page(
    "interview",
    ["player", "transcript"],
    [
        *("page", "corrections", "overrides", "peaks", "player", "tiers", "tracks", "timeline", "spectrogram", "strip"),
        *("transcript", "search", "editor", "tray", "video", "keys"),
    ],
    media=True,
)
_FAILED: Final = _page("failed")
_MOST_QUEUED: Final = 8
"""Passages and interviews to check that the overview lists at once."""
_LONGEST_QUEUE: Final = 200
"""The most that it lists at all."""
_MOST_LISTED: Final = 60
"""The same of an interview; the keys lead to the others."""


class Neighbours(NamedTuple):
    """Addresses, relative to an interview's page; empty where there is no such thing.

    Attributes:
        sound: Its recording.
        video: Its video.
        release: The release's folder.
        before, after: Ids of the interviews before and after it.
    """

    sound: str
    video: str
    release: str
    before: str
    after: str


def overview_page(
    provenance: Provenance, overview: Overview, name: str, release: str, queue: Sequence[Item] = ()
) -> bytes:
    """The page `index.html`.

    Args:
        name: What the release's folder is called: the title where the corpus has none.
        release: Address of that folder, relative to the page.
        queue: What to check, the first one first.
    """
    found = {
        "places": sorted(overview.places.items()),
        "interviews": [
            [video_id, [[round(1000 * at), text] for at, text in rows]]
            for video_id, rows in sorted(overview.texts.items())
        ],
    }
    return render(
        _OVERVIEW,
        found,
        title=provenance.corpus.heading or name,
        folder=name,
        release=release,
        queue=queue[:_LONGEST_QUEUE],
        queued=len(queue),
        most_queued=_MOST_QUEUED,
        licence=provenance.corpus.licence.rstrip("."),
        overview=overview,
        lines=sorted(overview.lines),
        seconds=sum(line.seconds for line in overview.lines),
        made=made(provenance),
        width=WIDTH,
        height=HEIGHT,
    )


def interview_page(view: InterviewView, around: Neighbours) -> bytes:
    """The page of an interview."""
    applied = [fix.text for fixes in view.interview.source.overrides.values() for fix in fixes if fix.applied]
    return render(
        _INTERVIEW,
        data(view),
        view=view,
        interview=view.interview,
        **around._asdict(),
        video_name=unquote(around.video.rpartition("/")[2]),
        most_listed=_MOST_LISTED,
        doubts=len(view.doubtful),
        known=view.corrections,
        applied=applied,
        threshold=DOUBTFUL,
    )


def failed_page(video_id: str, reason: str) -> bytes:
    """The page of an interview that cannot be shown."""
    return render(_FAILED, video_id=video_id, reason=reason)
