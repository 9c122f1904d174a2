"""The scores of a release as one HTML file that needs nothing else: the measures, and the words side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from imigue_build.apps.scoring.score import Scores
from imigue_build.apps.scoring.table import COLUMNS, cell
from imigue_build.core.pages import BASE, COMPARISON, Template, render

MOST_PLACES: Final = 20_000
"""Places with other words on one page; a browser shows more of them slowly."""
_PAGE: Final = Template(Path(__file__).parent, "page.html", (BASE, COMPARISON))


def page(scores: Scores, reference: str, release: str) -> bytes:
    """The page in UTF-8.

    Args:
        scores: With the places where words differ.
        reference: What the references are called.
        release: What the release is called.
    """
    found = scores.as_json()
    rows = {**found["interviews"], "all": found} if found["interviews"] else {}
    places, left = {}, MOST_PLACES
    for video_id, own in scores.places.items():
        places[video_id] = own[:left]
        left -= len(places[video_id])
    return render(
        _PAGE,
        columns=[name.replace("-\n", "").replace("\n", " ") for name in COLUMNS],
        rows={name: [cell(row, key, part) for key, part in COLUMNS.values()] for name, row in rows.items()},
        places=places,
        counts={video_id: len(own) for video_id, own in scores.places.items()},
        definitions=found["definitions"],
        failed=scores.failed,
        warnings=scores.warnings,
        reference=reference,
        release=release,
    )
