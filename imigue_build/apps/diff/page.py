"""A comparison as one HTML file that needs nothing else: what differs, and the words side by side."""

from __future__ import annotations

from imigue_build.apps.diff.phrases import phrases
from imigue_build.apps.diff.result import Diff

MOST_PLACES = 20_000
"""Places with other words on one page; a browser shows more of them slowly."""


def page(found: Diff, before: str, after: str) -> str:
    """The page.

    Args:
        found: The comparison.
        before: What the first release is called.
        after: What the second is called.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("imigue_build.apps.diff", ".")
    templates = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters |= {"clock": clock, "figure": figure, "shown": shown, "phrases": phrases}
    left = MOST_PLACES
    places = {}
    for video_id, interview in found.interviews.items():
        places[video_id] = interview.words.places[:left] if interview.words else ()
        left -= len(places[video_id])
    return templates.get_template("page.html.j2").render(found=found, before=before, after=after, places=places)


def clock(seconds: float | None) -> str:
    """A moment as people read it.

    >>> clock(3725.25)
    '1:02:05.250'
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}:{minutes:02d}:" if hours else f"{minutes}:") + f"{rest / 1000:06.3f}"


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
