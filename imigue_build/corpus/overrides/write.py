"""Adds corrections to the text of a file or takes them away, and keeps what a person wrote in it, comments included."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from yaml import YAMLError as PyYAMLError

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.corpus.overrides.texts import Entry

_PLAIN: Final = re.compile(r"[\w-]*")
"""Texts that every reader of YAML takes as they are; ruamel writes others without quotes that PyYAML refuses: `so?`."""


def added(text: str, changes: Mapping[str, Any]) -> str:
    """The text with the changes: new items are added to lists; `roles` and single values are replaced.

    Args:
        text: The text so far; empty for a new file.
        changes: Keys of the file and their values.

    Raises:
        AnnotationError: If the text is YAML that cannot be written again.
    """
    yaml, document = _loaded(text)
    for key, value in changes.items():
        if isinstance(value, list):
            if key == "roles":  # roles are given as a whole
                document[key] = []
            items = document.setdefault(key, [])
            items.extend(_inline(item) for item in value if item not in items)
        else:
            document[key] = value
    return _dumped(yaml, document)


def removed(text: str, entries: Iterable[Entry]) -> str:
    """The text without these corrections; a kind of which none is left goes too.

    Where each has lines of its own, these lines are taken out and all others stay as they are.

    Raises:
        AnnotationError: If the text is YAML that cannot be written again.
    """
    gone = list(entries)
    rewritten = _rewritten_without(text, gone)
    shorter = _without_lines(text, gone)
    try:
        same = bounded_yaml.load_texts(shorter)[1] == bounded_yaml.load_texts(rewritten)[1]
    except PyYAMLError:
        same = False
    return shorter if same else rewritten


def _without_lines(text: str, entries: Iterable[Entry]) -> str:
    """The text without the lines of these corrections, comments after them left; it may hold something else now."""
    values = {key.value: (key, value) for key, value in bounded_yaml.load_texts(text)[0].value}
    lines = text.splitlines(keepends=True)
    places: dict[str, set[int]] = {}
    for entry in entries:
        places.setdefault(entry.kind, set()).add(entry.place)
    out: set[int] = set()
    for kind, own in places.items():
        key, value = values[kind]
        items = value.value if isinstance(value.value, list) else [value]
        if len(items) == len(own):
            out.add(key.start_mark.line)
        for place in own:
            first, end = items[place].start_mark.line, items[place].end_mark
            last = end.line if end.column else end.line - 1
            while last > first and (not lines[last].strip() or lines[last].lstrip().startswith("#")):
                last -= 1
            out |= set(range(first, last + 1))
    return "".join(line for number, line in enumerate(lines) if number not in out)


def _rewritten_without(text: str, entries: Iterable[Entry]) -> str:
    yaml, document = _loaded(text)
    for entry in sorted(entries, key=lambda entry: -entry.place):
        if isinstance(document[entry.kind], list):
            del document[entry.kind][entry.place]
        if not isinstance(document[entry.kind], list) or not document[entry.kind]:
            del document[entry.kind]
    return _dumped(yaml, document)


def _loaded(text: str) -> tuple[Any, Any]:
    """The YAML as an object that can be written again, comments included, and what writes it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    try:
        bounded_yaml.load_texts(text)  # checks its depth and its anchors
        document = yaml.load(text) if text.strip() else None
    except (YAMLError, PyYAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        what = f"the corrections cannot be written again ({abridged(' '.join(str(error).split()))})"
        raise AnnotationError(what, "write them without tags and anchors") from error
    return yaml, CommentedMap() if document is None else document


def _dumped(yaml: Any, document: Any) -> str:
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _inline(value: Any) -> Any:
    """A mapping or list in a form that is written on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import SingleQuotedScalarString

    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return SingleQuotedScalarString(value)
    if not isinstance(value, dict | list):
        return value
    found: Any = (
        CommentedSeq(map(_inline, value))
        if isinstance(value, list)
        else CommentedMap((key, _inline(item)) for key, item in value.items())
    )
    found.fa.set_flow_style()
    return found
