"""Rules about the settings in `provenance.json`: none is of a machine, and each has a value that it can have.

A section may lack keys, hold unknown ones, and name choices that there are not: releases are made by older and newer
programs, and with other backends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from pydantic import ConfigDict, TypeAdapter, ValidationError

from imigue_build.config.base import MODEL, Section, is_marked, is_of_machine
from imigue_build.config.loading import STAGE_OF, Config
from imigue_build.config.of_machine import classes_of, find
from imigue_build.config.slots import Catalogue, slot_of
from imigue_build.release.schema.layout import PROVENANCE
from imigue_build.release.validate.base import Faults, shown

_ADAPTED = ConfigDict(strict=True, allow_inf_nan=False)


def check_settings(configs: Mapping[str, Mapping[str, Any]], catalogue: Catalogue, faults: Faults) -> None:
    """Checks configs, by their place in the document."""
    for place, config in configs.items():
        for setting in find(config, catalogue):
            name = shown(f"{place}.{setting.dotted}")
            faults.add(PROVENANCE, "provenance-machine", f"{name} is a setting of a machine, or a path")
        for stage in STAGE_OF.values():
            section = config.get(stage)
            if isinstance(section, dict) and not isinstance(section.get("backend"), str):
                faults.add(PROVENANCE, "provenance-settings", f"{place}.{stage} names no backend")
        for key, value in _unfit([Config], config, place, catalogue):
            faults.add(PROVENANCE, "provenance-settings", f"{shown(key)} cannot be {shown(str(value))}")


def _unfit(
    classes: Sequence[type[Section]], values: Mapping[str, Any], above: str, catalogue: Catalogue
) -> Iterator[tuple[str, object]]:
    """The settings of a section, of any of some classes, that have a value which none of these classes takes.

    What names a model, a file, a folder or a program is not looked at: that would ask the disk for it.
    """
    for name, value in values.items():
        owners = [one for one in classes if name in one.model_fields]
        fields = [one.model_fields[name] for one in owners]
        inner = [part for field in fields for part in classes_of(field, value, catalogue)]
        if inner and isinstance(value, dict):
            yield from _unfit(inner, value, f"{above}.{name}", catalogue)
        elif above.count(".") == 0 and value is None:
            continue  # the settings of a stage that were lost
        elif any(is_of_machine(field) or is_marked(field, MODEL) or slot_of(field) for field in fields):
            continue
        elif owners and not any(_fits(one, name, msgspec.json.encode(value)) for one in owners):
            yield f"{above}.{name}", value


def _fits(section: type[Section], name: str, value: bytes) -> bool:
    try:
        _adapter(section, name).validate_json(value)
    except ValidationError as error:
        return all(one["type"] == "literal_error" and one["input"] for one in error.errors())
    return True


@cache
def _adapter(section: type[Section], name: str) -> TypeAdapter[Any]:
    annotation: Any = section.model_fields[name].rebuild_annotation()
    own = isinstance(annotation, type) and issubclass(annotation, Section)
    return TypeAdapter(annotation, config=None if own else _ADAPTED)
