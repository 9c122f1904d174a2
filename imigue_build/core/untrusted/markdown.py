"""Text from outside, as plain text of Markdown or YAML."""

from __future__ import annotations

import html
import json
import re
from typing import Final

_MARKS: Final = re.compile(r"([\\`*_\[\]|])")


def plain(text: str) -> str:
    """A text on one line, so that Markdown and HTML take none of it for their own.

    >>> plain("<b>a|b</b>")
    '&lt;b&gt;a\\\\|b&lt;/b&gt;'
    """
    return _MARKS.sub(r"\\\1", html.escape(_line(text), quote=False))


def quoted(text: str) -> str:
    """A text on one line as a string of YAML.

    >>> quoted('no: "x" # y')
    '"no: \\\\"x\\\\" # y"'
    """
    return json.dumps(_line(text), ensure_ascii=False)


def _line(text: str) -> str:
    """A text with single spaces and without what does not print."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
