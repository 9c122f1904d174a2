"""What a section of a config is made of, and which of its settings decide a result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class _Marker:
    """Marks a setting, in its annotation."""


NOT_IN_CACHE_KEY: Final = _Marker()
"""Marks what says how fast, from where or with which device a result is made, never which result."""
MODEL: Final = _Marker()
"""Marks a model's name: a local one counts by its content alone, which the backend's provenance holds."""
_LOCAL: Final = "(local)"


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

        What is marked `NOT_IN_CACHE_KEY` has no part in it, nor has the path of a local model.
        """
        dumped = self.model_dump(mode="json")
        found: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            if NOT_IN_CACHE_KEY in field.metadata:
                continue
            value = getattr(self, name)
            if MODEL in field.metadata and isinstance(value, str) and is_local(value):
                found[name] = _LOCAL
            else:
                found[name] = value.identity() if isinstance(value, Section) else dumped[name]
        return found
