"""What a section of a config is made of, and which of its settings decide a result."""

from __future__ import annotations

import re
from pathlib import Path, PurePath, PureWindowsPath
from typing import Annotated, Any, Final, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class _Marker:
    """Marks a setting, in its annotation."""


NOT_IN_CACHE_KEY: Final = _Marker()
"""Marks what says how fast, from where, by which program or on which device a result is made, never which result.

It is of this machine: no release holds it, and it is never taken from one.
"""
MODEL: Final = _Marker()
"""Marks a model's name: a local one counts by its content alone, which the backend's provenance holds."""
LOCAL: Final = "(local)"
"""Stands, in what is written, for the path of a local model."""
_PATH: Final = re.compile(r"[/~]|\.{1,2}[/\\]|\\\\|file:", re.IGNORECASE)


def _absolute(place: str) -> str:
    if "\0" in place:
        raise ValueError("a path cannot hold a NUL")
    try:
        return str(Path(place).expanduser().absolute())
    except RuntimeError as error:  # ~somebody who is not there
        raise ValueError(f"it names nobody's home folder ({error})") from error


def _absolute_if_local(name: str) -> str:
    return _absolute(name) if is_local(name) else name


def is_local(model: str) -> bool:
    """Whether a model's name is that of a file or folder of this machine, not one of a hub."""
    return Path(model).is_absolute() or model.startswith((".", "~")) or is_there(Path(model))


def is_path(value: object) -> bool:
    """Whether a value, or an item of a list, is written as the path of a file or folder."""
    if isinstance(value, list):
        return any(is_path(item) for item in value)
    return isinstance(value, str) and (_PATH.match(value) is not None or PureWindowsPath(value).is_absolute())


def is_marked(field: FieldInfo, mark: object) -> bool:
    """Whether a setting has a mark, or any part of its type has."""
    return any(item is mark for item in field.metadata) or _holds(field.annotation, mark)


def is_of_machine(field: FieldInfo) -> bool:
    """Whether a setting is of this machine: by its mark, or because it is a path."""
    return is_marked(field, NOT_IN_CACHE_KEY) or _is_path(field.annotation)


def _holds(annotation: Any, mark: object) -> bool:
    marks = getattr(annotation, "__metadata__", ())
    return any(item is mark for item in marks) or any(_holds(part, mark) for part in get_args(annotation))


def _is_path(annotation: Any) -> bool:
    own = isinstance(annotation, type) and issubclass(annotation, PurePath)
    return own or any(_is_path(part) for part in get_args(annotation))


def is_there(path: Path) -> bool:
    """Whether there is something of that name; what no file system takes for a name, nothing has."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Place = Annotated[str, Field(min_length=1), AfterValidator(_absolute), NOT_IN_CACHE_KEY]
"""A file or folder of the user's, relative to the current folder; its content decides, not its path."""
Model = Annotated[str, Field(min_length=1), AfterValidator(_absolute_if_local), MODEL]
"""A hub's name, or a local file or folder in its place."""


class Section(BaseModel):
    """Base of all sections: strict types, no unknown key, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, protected_namespaces=())

    def identity(self) -> dict[str, Any]:
        """The settings on which a result depends, JSON-ready.

        What is of this machine has no part in it, nor has the path of a local model.
        """
        dumped = self.model_dump(mode="json")
        found: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            if is_of_machine(field):
                continue
            value = getattr(self, name)
            if is_marked(field, MODEL) and isinstance(value, str) and is_local(value):
                found[name] = LOCAL
            else:
                found[name] = value.identity() if isinstance(value, Section) else dumped[name]
        return found
