"""Every setting by its dotted key, with values that may be completed or shown."""

from __future__ import annotations

import types
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from imigue_build.config.base import Section
from imigue_build.config.loading import Config
from imigue_build.config.slots import Catalogue, slot_of


def keys(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Dotted key -> its choices, or its default; empty where there is neither. Keys of all backends together."""
    found: dict[str, dict[str, None]] = {}
    for name, field in Config.model_fields.items():
        for section in sections_in(field, catalogue):
            _collect(section, f"{name}.", found, catalogue, ())
    return {key: tuple(values) for key, values in sorted(found.items())}


def _collect(
    section: type[Section],
    above: str,
    found: dict[str, dict[str, None]],
    catalogue: Catalogue,
    around: tuple[type[Section], ...],
) -> None:
    """Adds the keys of a section; `around` are those that it lies in: none of them is entered again."""
    for name, field in section.model_fields.items():
        inner = sections_in(field, catalogue)
        for part in inner:
            if part not in (*around, section):
                _collect(part, f"{above}{name}.", found, catalogue, (*around, section))
        if not inner:
            values = found.setdefault(above + name, {})
            choices = [text for part in _parts(field.annotation) for text in _choices(part)]
            values |= dict.fromkeys(_default(field.get_default()) + choices)


def sections_in(field: FieldInfo, catalogue: Catalogue) -> list[type[Section]]:
    """The sections that a key may hold."""
    if slot := slot_of(field):
        return list(catalogue.sections(slot.task).values())
    return [part for part in _parts(field.annotation) if isinstance(part, type) and issubclass(part, Section)]


def _parts(annotation: Any) -> list[Any]:
    """The types of a union, without what annotates them."""
    if get_origin(annotation) is Literal or not get_args(annotation):
        return [annotation]
    if get_origin(annotation) in (tuple, list):
        return []
    united = isinstance(annotation, types.UnionType) or str(get_origin(annotation)) == "typing.Union"
    inner = get_args(annotation) if united else get_args(annotation)[:1]
    return [part for option in inner for part in _parts(option)]


def _choices(annotation: Any) -> list[str]:
    if annotation is bool:
        return ["true", "false"]
    return [str(choice) for choice in get_args(annotation)] if get_origin(annotation) is Literal else []


def _default(value: Any) -> list[str]:
    if isinstance(value, bool):
        return [str(value).lower()]
    return [f"{value:g}"] if isinstance(value, float) else [str(value)] if isinstance(value, int | str) else []
