"""Loading configs, with all backends that are installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imigue_build.backends.registry import registry
from imigue_build.config import Config, Recipe, loading, of_machine
from imigue_build.config import keys as dotted


def load_recipe(name_or_path: str, settings: Sequence[str] = ()) -> Recipe:
    """The recipe of that name or file, with `stage.key=value` settings applied.

    Raises:
        ConfigError: If it cannot be read or does not fit, with every fault and its remedy.
    """
    return loading.load_recipe(name_or_path, settings, registry())


def load(name_or_path: str, settings: Sequence[str] = ()) -> Config:
    """The settings of a recipe; see `load_recipe`."""
    return load_recipe(name_or_path, settings).config


def parse(document: dict[str, Any], source: str, settings: Sequence[str] = ()) -> Config:
    """The config in a document, with `stage.key=value` settings applied; `source` names it in errors.

    Raises:
        ConfigError: With every fault.
    """
    return loading.parse(document, source, registry(), settings)


def portable(document: Mapping[str, Any]) -> of_machine.Portable:
    """A config that came with somebody else's files, without what it says of programs, files and folders."""
    return of_machine.portable(document, registry())


def keys() -> dict[str, tuple[str, ...]]:
    """Every setting by its dotted key, with values that may be completed; of all backends together."""
    return dotted.keys(registry())
