"""A comparison as one HTML file that needs nothing else: what differs, and the words side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from imigue_build.apps.diff.phrases import phrases
from imigue_build.apps.diff.result import Diff
from imigue_build.core.pages import BASE, COMPARISON, Template, render

MOST_PLACES: Final = 20_000
"""Places with other words on one page; a browser shows more of them slowly."""


_PAGE: Final = Template(Path(__file__).parent, "page.html", (BASE, COMPARISON))


def page(found: Diff, before: str, after: str) -> bytes:
    """The page in UTF-8.

    Args:
        found: The comparison.
        before: What the first release is called.
        after: What the second is called.
    """
    left = MOST_PLACES
    places = {}
    for video_id, interview in found.interviews.items():
        places[video_id] = interview.words.places[:left] if interview.words else ()
        left -= len(places[video_id])
    filters: dict[str, Callable[..., Any]] = {"figure": figure, "shown": shown, "phrases": phrases}
    return render(_PAGE, None, filters, found=found, before=before, after=after, places=places)


def figure(value: float | None) -> str:
    """A figure with its thousands apart; `-` where there is none.

    >>> figure(12345.5), figure(12), figure(None)
    ('12,345.5', '12', '-')
    """
    if value is None:
        return "-"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"


def shown(value: object, longest: int = 80) -> str:
    """A setting's value, or a version, on one line; `-` where there is none.

    >>> shown(None), shown(["a", "b"]), shown(0.5)
    ('-', 'a; b', '0.5')
    """
    if value is None:
        return "-"
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
