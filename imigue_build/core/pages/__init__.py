"""Pages as HTML: each holds its style, scripts and data and opens from a disk; its policy lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from imigue_build.core.durations import duration_text

if TYPE_CHECKING:
    from jinja2 import Environment

HERE: Final = Path(__file__).parent
BASE: Final = HERE / "base.css"
"""The colours, letters and controls of all pages."""
COMPARISON: Final = HERE / "comparison.css"
"""Tables, and words side by side."""


class Template(NamedTuple):
    """A page to be filled in.

    Attributes:
        folder: Of the templates.
        name: Of the page's template in it; it extends `base.html`.
        styles, scripts: Files, in the order in which they count.
        media: Whether the page plays sound or a video beside it.
    """

    folder: Path
    name: str
    styles: Sequence[Path] = (BASE,)
    scripts: Sequence[Path] = ()
    media: bool = False


def render(
    page: Template,
    found: Mapping[str, Any] | None = None,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    /,
    **values: Any,
) -> bytes:
    """The page in UTF-8.

    Args:
        page: The template.
        found: What its scripts read, as JSON.
        filters: Of the template, by name, beside `clock` and `span`.
        values: What the template shows; all of it is text, and none can become markup.
    """
    style, script = _inlined(page.styles), _inlined(page.scripts)
    allowed = [
        "default-src 'none'",
        *([f"script-src {script.source}"] if page.scripts else []),
        f"style-src {style.source}",
        *(["media-src 'self' file:"] if page.media else []),
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    environment = _environment(page.folder)
    environment.filters.update(filters or {})
    return (
        environment.get_template(page.name)
        .render(
            policy="; ".join(allowed),
            style=style.text,
            script=script.text,
            data=_in_script(found or {}),
            **values,
        )
        .encode()
    )


def clock(seconds: float) -> str:
    """A time for people.

    >>> clock(61.25), clock(3725)
    ('1:01', '1:02:05')
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


class _Inlined(NamedTuple):
    """A style or script of a page, with the source expression by which the page's policy allows it."""

    text: str
    source: str


def _inlined(paths: Sequence[Path]) -> _Inlined:
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _Inlined(text, f"'sha256-{digest}'")


def _in_script(found: Mapping[str, Any]) -> str:
    """JSON for a script element: no string in it can end the element."""
    text = msgspec.json.encode(found).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


@cache
def _environment(folder: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        autoescape=True,
        loader=FileSystemLoader([folder, HERE]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"clock": clock, "span": duration_text}
    return found
