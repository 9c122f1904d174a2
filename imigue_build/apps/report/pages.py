"""The pages as HTML. Each holds its style, scripts and data and opens from a disk; its policy lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from urllib.parse import unquote

import msgspec

from imigue_build.apps.report.charts import HEIGHT, WIDTH
from imigue_build.apps.report.interview import DOUBTFUL, InterviewView
from imigue_build.apps.report.overview import Overview, made
from imigue_build.apps.report.page_data import data
from imigue_build.core.durations import duration_text
from imigue_build.release.reader import Provenance

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
_STYLES: Final = {
    "overview": ("base", "overview"),
    "interview": ("base", "player", "transcript"),
    "failed": ("base",),
}
_SCRIPTS: Final = {
    "overview": ("overview",),
    "interview": (
        *("page", "corrections", "overrides", "peaks", "player", "tiers", "tracks", "timeline", "spectrogram", "strip"),
        *("transcript", "search", "editor", "tray", "video", "keys"),
    ),
    "failed": (),
}
"""The files of each page, in this order."""
_MOST_QUEUED: Final = 12
"""Interviews to check that are listed at once."""
_MOST_LISTED: Final = 60
"""Passages in the list of what to check; the keys lead to the others."""


class Queued(Protocol):
    """An interview that a person should check, and why."""

    @property
    def video_id(self) -> str: ...

    @property
    def reason(self) -> str: ...


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


class _Inlined(NamedTuple):
    """A style or script of a page, with the source expression by which the page's policy allows it."""

    text: str
    source: str


def overview_page(
    provenance: Provenance, overview: Overview, name: str, release: str, queue: Sequence[Queued] = ()
) -> bytes:
    """The page `index.html`.

    Args:
        name: What the release's folder is called: the title where the corpus has none.
        release: Address of that folder, relative to the page.
        queue: The interviews to check, the first one first.
    """
    found = {
        "interviews": [
            [video_id, [[round(1000 * at), text] for at, text in rows]]
            for video_id, rows in sorted(overview.texts.items())
        ]
    }
    return _rendered(
        "overview",
        found,
        title=provenance.corpus.heading or name,
        folder=name,
        release=release,
        queue=queue,
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
    doubtful = [view.passages[place] for place in view.check]
    applied = [fix.text for fixes in view.interview.source.overrides.values() for fix in fixes if fix.applied]
    return _rendered(
        "interview",
        data(view),
        view=view,
        interview=view.interview,
        **around._asdict(),
        video_name=unquote(around.video.rpartition("/")[2]),
        doubtful=doubtful[:_MOST_LISTED],
        more=max(len(doubtful) - _MOST_LISTED, 0),
        doubts=len(view.doubtful),
        known=view.corrections,
        applied=applied,
        threshold=DOUBTFUL,
    )


def failed_page(video_id: str, reason: str) -> bytes:
    """The page of an interview that cannot be shown."""
    return _rendered("failed", {}, video_id=video_id, reason=reason)


def clock(seconds: float) -> str:
    """A time for people.

    >>> clock(61.25), clock(3725)
    ('1:01', '1:02:05')
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _rendered(name: str, found: dict[str, Any], **values: Any) -> bytes:
    style, script = _inlined("styles", _STYLES[name], "css"), _inlined("scripts", _SCRIPTS[name], "js")
    policy = (
        f"default-src 'none'; script-src {script.source}; style-src {style.source}; media-src 'self' file:; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(f"{name}.html")
    return page.render(policy=policy, style=style.text, script=script.text, data=_in_script(found), **values).encode()


def _in_script(found: dict[str, Any]) -> str:
    """JSON for a script element: no string in it can end the element."""
    text = msgspec.json.encode(found).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _inlined(folder: str, names: Sequence[str], suffix: str) -> _Inlined:
    text = "\n".join((_HERE / folder / f"{name}.{suffix}").read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _Inlined(text, f"'sha256-{digest}'")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        autoescape=True,
        loader=FileSystemLoader(_HERE / "pages"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"clock": clock, "span": duration_text}
    return found
