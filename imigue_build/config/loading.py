"""A whole recipe, and how it is loaded.

A recipe is a YAML file with one section a stage; the section's `backend` decides which settings
it takes. It may name the folder of a person's corrections besides, which is no setting of a stage.
An unknown key is an error that names the nearest key; all faults of a file are reported together.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, get_args

import yaml
from pydantic import ValidationError

from imigue_build.config.base import Place, Section, is_there
from imigue_build.config.sections import (
    Align,
    Diarize,
    Export,
    Extract,
    GivenTranscribe,
    Recogniser,
    RolesRule,
    Transcribe,
)
from imigue_build.core.errors import ConfigError, abridged, first_few
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.core.untrusted.files import Kind, read_bytes


class Config(Section):
    """The settings of all stages."""

    name: str
    extract: Extract = Extract()
    transcribe: Transcribe
    diarize: Diarize
    roles: RolesRule = RolesRule()
    align: Align
    export: Export = Export()

    @property
    def recogniser(self) -> Recogniser:
        """The section of the ASR that listens, be it only to place a given text."""
        return self.transcribe.asr if isinstance(self.transcribe, GivenTranscribe) else self.transcribe


class _RecipeFile(Config):
    overrides: Place | None = None


class Recipe(NamedTuple):
    """What a recipe's file says: the settings, and the folder of a person's corrections, where it names one."""

    config: Config
    overrides: Path | None = None


SECTIONS: Final = {
    "extract": "extract",
    "transcribe": "transcribe",
    "diarize": "diarize",
    "speakers": "roles",
    "align": "align",
    "export": "export",
}
"""By stage the section with its settings, in the pipeline's order."""
C = TypeVar("C", bound=Config)
_FILE: Final = Kind("config", ConfigError, "name a packaged recipe or a YAML file", 300_000)
DEFAULT_RECIPES: Final = ("paper", "embedded")
"""Taken without `--config`: the first where its tools and a GPU are there, else the second."""


def recipes() -> dict[str, Path]:
    """The packaged recipes, name -> file; in a checkout they lie beside the package."""
    packaged = Path(str(files("imigue_build"))) / "configs"
    folder = packaged if packaged.is_dir() else packaged.parent.parent / "configs"
    found = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {name: path for name, path in found.items() if name != "mfa-environment"}


def load(name_or_path: str, settings: Sequence[str] = ()) -> Config:
    """The settings of a recipe; see `load_recipe`."""
    return load_recipe(name_or_path, settings).config


def load_recipe(name_or_path: str, settings: Sequence[str] = ()) -> Recipe:
    """The recipe of that name or file, with `stage.key=value` settings applied.

    Raises:
        ConfigError: If it cannot be read or does not fit, with every fault and its remedy.
    """
    path = recipes().get(name_or_path)
    if path is None:
        path = Path(name_or_path)
        if not is_there(path):
            raise ConfigError(
                f"there is no config {abridged(name_or_path)!r}",
                f"name one of {', '.join(recipes())}, or an existing YAML file",
            )
    try:
        document = bounded_yaml.load(read_bytes(path, _FILE).decode("utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(f"config {path} cannot be read", bounded_yaml.problem(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"config {path} cannot be read", " ".join(str(error).split())) from error
    if not isinstance(document, dict):
        raise ConfigError(f"config {path} holds no sections", "see configs/embedded.yaml for its form")
    for setting in sorted(settings, key=lambda text: ".backend=" not in text):  # a backend comes before its settings
        _override(document, setting)
    found = _validated(_RecipeFile, document, str(path))
    config = Config.model_construct(**{name: getattr(found, name) for name in Config.model_fields})
    return Recipe(config, Path(found.overrides) if found.overrides is not None else None)


def parse(document: dict[str, Any], source: str) -> Config:
    """The config in a document; `source` names it in errors.

    Raises:
        ConfigError: With every fault.
    """
    return _validated(Config, document, source)


def _validated(kind: type[C], document: dict[str, Any], source: str) -> C:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        faults = (_fault(document, fault) for fault in error.errors())
        raise ConfigError(f"config {source} does not fit", first_few(faults, error.error_count())) from error


def _override(document: dict[str, Any], override: str) -> None:
    name, equals, text = override.partition("=")
    *sections, key = name.strip().split(".")
    if not equals or not sections or not key:
        raise ConfigError(f"--set {override!r} is not of the form stage.key=value", "e.g. --set align.pause=0.4")
    place = document
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise ConfigError(f"--set {override!r}: {section} is not a section", "e.g. --set align.pause=0.4")
    try:
        value = bounded_yaml.load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {abridged(override)!r}: the value cannot be read", "put it in quotes") from error
    if key == "backend" and place.get(key) != value:
        place.clear()  # the settings of another backend
    place[key] = value


def _fault(document: dict[str, Any], fault: Any) -> str:
    """One fault as a phrase: the dotted key, what is wrong, and the nearest key where it is unknown."""
    location = [str(part) for part in fault["loc"]]
    section: Any = document
    path: list[str] = []
    for part in location:  # pydantic names a union's tag in the location; the document has no such key
        if isinstance(section, dict) and (part in section or part == location[-1]):
            path.append(part)
            section = section.get(part)
    key = abridged(".".join(path))
    if fault["type"] == "extra_forbidden":
        known = _keys(location[:-1])
        nearest = difflib.get_close_matches(abridged(location[-1]), known, n=1, cutoff=0.0)[0]
        return f"unknown key {key!r} (the nearest is {nearest!r}; all are {', '.join(known)})"
    if fault["type"] == "missing":
        return f"{key!r} is missing"
    said = abridged(fault["msg"])
    return f"{key!r}: {said[:1].lower()}{said[1:]} (found {abridged(repr(fault['input']))})"


def _keys(location: Sequence[str]) -> list[str]:
    """The keys that the section at one of pydantic's locations knows; a part may be a union's tag."""
    options: list[Any] = [_RecipeFile]
    for part in location:
        inner = [
            section
            for option in options
            if part in option.model_fields
            for section in _sections(option.model_fields[part].annotation)
        ]
        options = inner or [option for option in options if part in _tags(option)] or options
    return sorted({key for option in options for key in option.model_fields})


def _sections(annotation: Any) -> list[Any]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Section) else []
    return [section for option in get_args(annotation) for section in _sections(option)]


def _tags(section: Any) -> tuple[Any, ...]:
    backend = section.model_fields.get("backend")
    return get_args(backend.annotation) if backend else ()
