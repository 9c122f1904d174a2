"""Untrusted YAML, read within limits on values, depth and the expansion of aliases.

A few lines of YAML can expand to billions of values (an anchor that holds ten aliases of an anchor
that holds ten aliases ...), and PyYAML raises all sorts of errors on tags that it cannot make a value
of. Here whatever is wrong with a document is a `yaml.YAMLError`, and values are counted as often as
they are referred to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

MOST_DEPTH: Final = 32
"""Mappings and lists within each other."""
MOST_NODES: Final = 50_000
"""Keys, values, mappings and lists; those that an alias refers to are counted each time."""
_LETTERS: Final = 50
"""Characters of a scalar that count as one value more."""
_PLAIN: Final = {
    "found character '\\t'": "a tab stands where blanks must be",
    "mapping values are not allowed": "a colon where none may be: quote the text, or indent the line as its like",
    "expected <block end>": "the line is not indented as those that it belongs to",
    "found unexpected end of stream": "a quote is not closed",
    "expected ',' or '}'": "a { is not closed",
    "expected ',' or ']'": "a [ is not closed",
    "could not find expected ':'": "a key without a colon",
}
"""PyYAML's words by how they begin, in plain ones."""
_NO_VALUE: Final = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError)
"""What PyYAML raises on tags, numbers and dates that it cannot make a value of."""


class LimitError(yaml.MarkedYAMLError):
    """A document that is larger than any that is meant."""


class _Limited:
    """Mixed into a loader of PyYAML: counts what is composed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)  # type: ignore[call-arg]
        self._depth = 0
        self._count = 0
        self._names: dict[str, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """As PyYAML's own, within the limits."""
        event = self.peek_event()  # type: ignore[attr-defined]
        mark: Any = event.start_mark
        if isinstance(event, yaml.ScalarEvent) and not _is_unicode(event.value):
            raise LimitError(None, None, "half a character cannot be written", mark)
        before = self._count
        alias = isinstance(event, yaml.AliasEvent)
        self._count += self._names.get(event.anchor, 0) if alias else 1 + len(getattr(event, "value", "")) // _LETTERS
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise LimitError(None, None, f"more than {MOST_DEPTH} levels", mark)
        if self._count > MOST_NODES:
            raise LimitError(None, None, f"more than {MOST_NODES} values", mark)
        if alias and event.anchor in self.anchors and event.anchor not in self._names:  # type: ignore[attr-defined]
            raise LimitError(None, None, f"{event.anchor} holds itself", mark)
        node = super().compose_node(parent, index)  # type: ignore[misc]
        self._depth -= 1
        if not alias and event.anchor is not None:
            self._names[event.anchor] = self._count - before
        return node

    def construct_document(self, node: Any) -> Any:
        """As PyYAML's own; what cannot be a value is an error with its place."""
        try:
            return super().construct_document(node)  # type: ignore[misc]
        except yaml.YAMLError:
            raise
        except _NO_VALUE as error:
            what = f"it holds what is no value ({' '.join(str(error).split())[:200]})"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark) from error


class _Typed(_Limited, yaml.SafeLoader):
    """Numbers, dates, booleans and texts; a key may be only once in a mapping: YAML would silently take the last."""

    def compose_mapping_node(self, anchor: Any) -> Any:
        """As PyYAML's own."""
        node = super().compose_mapping_node(anchor)
        seen = set[tuple[str, str]]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if (key.tag, key.value) in seen:
                    raise LimitError(None, None, f"{key.value[:80]} is there already", key.start_mark)
                seen.add((key.tag, key.value))
        return node


class _Texts(_Limited, yaml.BaseLoader):
    """Every value is a text: 0440 is no octal number."""


def load(text: str) -> Any:
    """The value of a document; None for an empty one.

    Raises:
        yaml.YAMLError: Whatever is wrong with it.
    """
    return yaml.load(text, Loader=_Typed)  # noqa: S506 - a SafeLoader


def load_texts(text: str) -> tuple[Any, Any]:
    """A document's node, which knows the lines, and its value, in which every scalar is a text.

    Raises:
        yaml.YAMLError: Whatever is wrong with it.
    """
    loader = _Texts(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def problem(error: yaml.YAMLError) -> str:
    """What is wrong, on one line, with the line of the document where it is known."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return " ".join(str(error).split())[:300]
    text = " ".join((error.problem or str(error)).split())[:300]
    mark = error.problem_mark
    for start, plain in _PLAIN.items():
        if text.startswith(start):
            text, mark = plain, (error.context_mark or mark) if plain.endswith("closed") else mark
            break
    return f"line {mark.line + 1}: {text}" if mark else text


def line_of(node: Any, location: Iterable[Any]) -> int:
    """The line of the deepest node on the way to a location: keys, and indices of lists."""
    line = int(node.start_mark.line)
    for part in location:
        found = next(_children(node, str(part)), None)
        if found is None:
            break
        line, node = found
    return line + 1


def _children(node: Any, part: str) -> Iterator[tuple[int, Any]]:
    """What is at a key or an index of a node, and its line, counted from 0."""
    if isinstance(node, yaml.MappingNode):
        yield from ((int(key.start_mark.line), value) for key, value in node.value if key.value == part)
    elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        value = node.value[int(part)]
        yield int(value.start_mark.line), value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
