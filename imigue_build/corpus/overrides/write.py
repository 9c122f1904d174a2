"""Adds corrections to the text of an interview's file; what a person wrote in it, comments included, stays."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from yaml import YAMLError as PyYAMLError

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.untrusted import bounded_yaml as limited_yaml


def added(text: str, changes: Mapping[str, Any]) -> str:
    """The file's text with changes: lists grow by what is new, all else and the roles are replaced.

    Args:
        text: Of the file so far, as `read` takes it; empty for a new one.
        changes: Keys of the file and their values.

    Raises:
        AnnotationError: If the text is YAML of a kind that cannot be written again.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    try:
        limited_yaml.load_texts(text)  # its depth and what its anchors stand for
        document = yaml.load(text) if text.strip() else None
    except (YAMLError, PyYAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        what = f"the corrections so far cannot be added to ({abridged(' '.join(str(error).split()))})"
        raise AnnotationError(what, "write them without tags and anchors") from error
    if document is None:
        document = CommentedMap()
    for key, value in changes.items():
        if isinstance(value, list):
            if key == "roles":  # who has which is said anew as a whole
                document[key] = []
            known = document.setdefault(key, [])
            known.extend(_inline(one) for one in value if one not in known)
        else:
            document[key] = value
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _inline(value: Any) -> Any:
    """A mapping or list to be written on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if not isinstance(value, dict | list):
        return value
    found = CommentedMap(value) if isinstance(value, dict) else CommentedSeq(value)
    found.fa.set_flow_style()
    return found
