"""A whole recipe, and how it is loaded.

A recipe is a YAML file with one section a stage; the section's `backend` decides which settings
it takes, by the catalogue of backends that the loader is given. It may name the folder of a person's corrections
besides, which is no setting of a stage. An unknown key is an error that names the nearest key; all faults of a file
are reported together.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from pydantic import ValidationError

from imigue_build import __version__
from imigue_build.config.base import Place, Section, is_there
from imigue_build.config.corpus import CorpusSection
from imigue_build.config.faults import faults
from imigue_build.config.sections import Align, Diarize, Export, Extract, RolesRule, Transcribe
from imigue_build.config.slots import BackendSection, Catalogue, Slot, Task, slot_of
from imigue_build.core.errors import ConfigError, abridged, first_few
from imigue_build.core.untrusted.files import Kind, read_bytes


class Config(Section):
    """The settings of all stages, and what the recipe says of the corpus."""

    name: str
    corpus: CorpusSection = CorpusSection()
    extract: Extract = Extract()
    transcribe: Annotated[Transcribe, Slot("asr")]
    diarize: Annotated[Diarize, Slot("diarization")]
    roles: RolesRule = RolesRule()
    align: Annotated[Align, Slot("alignment")]
    export: Export = Export()

    @property
    def backends(self) -> dict[str, BackendSection]:
        """The sections that name a backend, by stage."""
        return {"transcribe": self.transcribe, "diarize": self.diarize, "align": self.align}


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
STAGE_OF: Final[dict[Task, str]] = {
    slot.task: name for name, field in Config.model_fields.items() if (slot := slot_of(field))
}
"""Task -> the stage, and so the section, that its backends are named in."""
C = TypeVar("C", bound=Config)
_FILE: Final = Kind("config", ConfigError, "name a packaged recipe or a YAML file", 300_000)
DEFAULT_RECIPES: Final = ("paper", "embedded")
"""Taken without `--config`: the first where its tools and a GPU are there, else the second."""


def recipes() -> dict[str, Path]:
    """The packaged recipes, name -> file; in a checkout they lie beside the package."""
    packaged = Path(__file__).parents[1] / "configs"
    folder = packaged if packaged.is_dir() else packaged.parent.parent / "configs"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def recipe_digest(name_or_path: str) -> str:
    """Stands for what a recipe says, as this version of the program understands it; empty where it cannot be read."""
    try:
        content = read_bytes(recipes().get(name_or_path) or Path(name_or_path), _FILE)
    except ConfigError:
        return ""
    return sha256(__version__.encode() + content).hexdigest()


def load_recipe(name_or_path: str, settings: Sequence[str], catalogue: Catalogue) -> Recipe:
    """The recipe of that name or file, with `stage.key=value` settings applied.

    Raises:
        ConfigError: If it cannot be read or does not fit, with every fault and its remedy.
    """
    path = recipes().get(name_or_path)
    name = name_or_path
    if path is None:
        path = Path(name_or_path)
        name = str(path)
        if not is_there(path):
            raise ConfigError(
                f"there is no config {abridged(name_or_path)!r}",
                f"name one of {', '.join(recipes())}, or an existing YAML file",
            )
    text, document = _read(path)
    _apply(document, settings)
    found = _validated(_RecipeFile, document, name, catalogue, settings, text)
    config = Config.model_construct(**{name: getattr(found, name) for name in Config.model_fields})
    return Recipe(config, Path(found.overrides) if found.overrides is not None else None)


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a recipe's file, and what it says.

    Raises:
        ConfigError: If it is no YAML with sections.
    """
    import yaml

    from imigue_build.core.untrusted import bounded_yaml

    content = read_bytes(path, _FILE)
    try:
        text = content.decode("utf-8-sig")
        document = bounded_yaml.load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"config {path} cannot be read", bounded_yaml.problem(error)) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"config {path} cannot be read", f"line {line} is not UTF-8; save it as that") from error
    if not isinstance(document, dict):
        what = (
            "is empty" if document is None else f"is a {'list' if isinstance(document, list) else 'value'}, no sections"
        )
        raise ConfigError(f"config {path} {what}", "`transcribe:`, `diarize:` and `align:` are to be there")
    return text, document


def parse(document: dict[str, Any], source: str, catalogue: Catalogue, settings: Sequence[str] = ()) -> Config:
    """The config in a document, with `stage.key=value` settings applied; `source` names it in errors.

    Raises:
        ConfigError: With every fault.
    """
    document = deepcopy(document)
    _apply(document, settings)
    return _validated(Config, document, source, catalogue, settings)


def _apply(document: dict[str, Any], settings: Sequence[str]) -> None:
    """Applies `stage.key=value` settings to a document.

    Raises:
        ConfigError: With every setting that is not of this form.
    """
    wrong: list[ConfigError] = []
    for setting in sorted(settings, key=lambda text: ".backend=" not in text):  # a backend comes before its settings
        try:
            _override(document, setting)
        except ConfigError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise ConfigError(first_few((error.what for error in wrong), len(wrong)), wrong[0].remedy)


def _validated(
    kind: type[C], document: dict[str, Any], source: str, catalogue: Catalogue, settings: Sequence[str], text: str = ""
) -> C:
    try:
        return kind.model_validate(document, context=catalogue)
    except ValidationError as error:
        from imigue_build.core.untrusted import bounded_yaml

        given = [setting.partition("=")[0].strip() for setting in settings]
        line_of = partial(bounded_yaml.line_of, bounded_yaml.load_texts(text)[0]) if text else None
        found = faults(error, document, given, kind, catalogue, line_of)
        raise ConfigError(f"config {source} does not fit", first_few(found, len(found))) from error


def _override(document: dict[str, Any], override: str) -> None:
    import yaml

    from imigue_build.core.untrusted import bounded_yaml

    name, equals, text = override.partition("=")
    *sections, key = name.strip().split(".")
    if not equals or not sections or not all((*sections, key)):
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
