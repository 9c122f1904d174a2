"""Settings of one machine, in a config that came with somebody else's files: found, and left out.

What names a program, a folder or a file is for the user of a machine to say. In a release it is data: nothing that it
names is run or opened. Which settings these are follows from their marks and types, so that those of a new backend
are found as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from imigue_build.config.base import LOCAL, MODEL, Section, is_local, is_marked, is_of_machine, is_path
from imigue_build.config.keys import sections_in
from imigue_build.config.loading import Config
from imigue_build.config.slots import Catalogue, slot_of
from imigue_build.core.errors import abridged

Key = tuple[str, ...]
"""Where a setting is in a config: `("align", "launcher")`."""


class OfMachine(NamedTuple):
    """A setting of a machine: where it is, and whether it names a model, by a path."""

    key: Key
    is_model: bool

    @property
    def dotted(self) -> str:
        """The key as `--set` takes it; for messages, so that what does not print is escaped."""
        key = ".".join(self.key)
        return abridged(key if key.isprintable() else ascii(key))


class Portable(NamedTuple):
    """A config without the settings of a machine; in the place of a model's path there is `LOCAL`."""

    document: dict[str, Any]
    left_out: tuple[OfMachine, ...]


def find(document: Mapping[str, Any], catalogue: Catalogue) -> Iterator[OfMachine]:
    """The settings in a config that are of a machine, by their marks and types; and everything that is a path.

    What is null names nothing. Settings of a backend that is not installed are judged by those of all others.
    """
    for name, value in document.items():
        field = Config.model_fields.get(name)
        if is_path(value):
            yield OfMachine((name,), False)
        elif isinstance(value, dict):
            classes = classes_of(field, value, catalogue) if field else []
            yield from _in_section(classes, value, (name,), catalogue)


def portable(document: Mapping[str, Any], catalogue: Catalogue) -> Portable:
    """A config without the settings of a machine."""
    found = tuple(find(document, catalogue))
    left = {setting.key: setting for setting in found}
    return Portable(_without(document, (), left), found)


def local_models(section: Section, above: Key = ()) -> Iterator[Key]:
    """The settings that name a model which is a file or folder here."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from local_models(value, (*above, name))
        elif is_marked(field, MODEL) and isinstance(value, str) and is_local(value):
            yield (*above, name)


def _in_section(
    classes: Sequence[type[Section]], values: Mapping[str, Any], above: Key, catalogue: Catalogue
) -> Iterator[OfMachine]:
    """The settings of a machine in a section, which may be of any of some classes."""
    for name, value in values.items():
        key = (*above, name)
        fields = [one.model_fields[name] for one in classes if name in one.model_fields]
        if value is not None and any(is_of_machine(field) for field in fields):
            yield OfMachine(key, False)
        elif is_path(value):
            yield OfMachine(key, any(is_marked(field, MODEL) for field in fields))
        elif isinstance(value, dict):
            inner = [one for field in fields for one in classes_of(field, value, catalogue)]
            yield from _in_section(inner, value, key, catalogue)


def classes_of(field: FieldInfo, values: object, catalogue: Catalogue) -> list[type[Section]]:
    """The classes that a section in the place of a setting may have; none where a setting is no section."""
    slot, backend = slot_of(field), values.get("backend") if isinstance(values, dict) else None
    known = catalogue.sections(slot.task).get(backend) if slot and isinstance(backend, str) else None
    return [known] if known is not None else sections_in(field, catalogue)


def _without(values: Mapping[str, Any], above: Key, left: Mapping[Key, OfMachine]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in values.items():
        setting = left.get((*above, name))
        if setting is None:
            kept[name] = _without(value, (*above, name), left) if isinstance(value, dict) else value
        elif setting.is_model:
            kept[name] = LOCAL
    return kept
