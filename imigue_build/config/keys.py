"""Every setting by its dotted key, with values that may be completed or shown."""

from __future__ import annotations

import types
from typing import Any, Literal, get_args, get_origin

from imigue_build.config.base import Section
from imigue_build.config.loading import Config


def keys() -> dict[str, tuple[str, ...]]:
    """Dotted key -> its choices, or its default; empty where there is neither. Keys of all backends together."""
    found: dict[str, dict[str, None]] = {}
    for name, field in Config.model_fields.items():
        for section in _parts(field.annotation):
            if isinstance(section, type) and issubclass(section, Section):
                _collect(section, f"{name}.", found)
    return {key: tuple(values) for key, values in sorted(found.items())}


def _collect(section: type[Section], above: str, found: dict[str, dict[str, None]]) -> None:
    for name, field in section.model_fields.items():
        parts = _parts(field.annotation)
        inner = [part for part in parts if isinstance(part, type) and issubclass(part, Section)]
        for part in inner:
            _collect(part, f"{above}{name}.", found)
        if not inner:
            values = found.setdefault(above + name, {})
            values |= dict.fromkeys(_default(field.get_default()) + [text for part in parts for text in _choices(part)])


def _parts(annotation: Any) -> list[Any]:
    """The types of a union, without what annotates them."""
    if get_origin(annotation) is Literal or not get_args(annotation):
        return [annotation]
    if get_origin(annotation) in (tuple, list):
        return []
    united = isinstance(annotation, types.UnionType) or str(get_origin(annotation)) == "typing.Union"
    inner = get_args(annotation) if united else get_args(annotation)[:1]
    return [part for one in inner for part in _parts(one)]


def _choices(annotation: Any) -> list[str]:
    if annotation is bool:
        return ["true", "false"]
    return [str(choice) for choice in get_args(annotation)] if get_origin(annotation) is Literal else []


def _default(value: Any) -> list[str]:
    if isinstance(value, bool):
        return [str(value).lower()]
    return [f"{value:g}"] if isinstance(value, float) else [str(value)] if isinstance(value, int | str) else []
