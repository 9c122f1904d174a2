"""Adds corrections to the text of a file, and keeps what a person wrote in it, comments included."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from yaml import YAMLError as PyYAMLError

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.untrusted import bounded_yaml


def added(text: str, changes: Mapping[str, Any]) -> str:
    """The text with the changes: new items are added to lists; `roles` and single values are replaced.

    Args:
        text: The text so far; empty for a new file.
        changes: Keys of the file and their values.

    Raises:
        AnnotationError: If the text is YAML that cannot be written again.
    """
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
        what = f"nothing can be added to the corrections ({abridged(' '.join(str(error).split()))})"
        raise AnnotationError(what, "write them without tags and anchors") from error
    if document is None:
        document = CommentedMap()
    for key, value in changes.items():
        if isinstance(value, list):
            if key == "roles":  # roles are given as a whole
                document[key] = []
            items = document.setdefault(key, [])
            items.extend(_inline(item) for item in value if item not in items)
        else:
            document[key] = value
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _inline(value: Any) -> Any:
    """A mapping or list in a form that is written on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if not isinstance(value, dict | list):
        return value
    found = CommentedMap(value) if isinstance(value, dict) else CommentedSeq(value)
    found.fa.set_flow_style()
    return found
