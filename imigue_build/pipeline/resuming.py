"""Going on with the last run in WORK: what the command line leaves out is what it was then.

Only a run of this user's own is gone on with; what somebody else's WORK names is not looked at (`store.seal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imigue_build.backends.configs import load_recipe, parse
from imigue_build.config import Config, Recipe, recipe_digest, recipes
from imigue_build.config.base import is_path
from imigue_build.core.errors import UsageError
from imigue_build.pipeline.last_run import LastRun, foreign_run, last_run
from imigue_build.pipeline.request import Typed
from imigue_build.store.workspace import Workspace

_OPTIONAL = "and --labels, --config, --set and --overrides where it had them"


@dataclass(frozen=True)
class Asked:
    """What a command line says of a run; None where it does not.

    Attributes:
        config: A recipe's name or file.
        anew: Whether nothing is to be taken from the last run.
    """

    videos: Path | None = None
    labels: Path | None = None
    config: str | None = None
    settings: tuple[str, ...] = ()
    overrides: Path | None = None
    release: Path | None = None
    jobs: int | None = None
    executor: str | None = None
    ray_address: str | None = None
    anew: bool = False


@dataclass(frozen=True)
class Resumed:
    """A command line with what the last run adds to it.

    Attributes:
        asked: What was asked, or taken from the last run; paths of the last run are absolute.
        recipe: The settings, where the command line or the last run names them; else the default recipe applies.
        taken: What was taken from the last run, by the names that the command's parameters have.
        left: Settings of the last run that do not count any more, because the recipe is another one.
    """

    asked: Asked
    recipe: Recipe | None
    taken: dict[str, Any]
    left: tuple[str, ...] = ()


def resumed(work: Workspace, asked: Asked) -> Resumed:
    """Completes what was asked from the last run in WORK; every option of the command line replaces the one there.

    Raises:
        ConfigError: If the settings cannot be used.
    """
    last = last_run(work)
    if last is None or asked.anew:
        return Resumed(asked, load_recipe(asked.config, asked.settings) if asked.config is not None else None, {})
    whole, taken = asked, dict[str, Any]()
    for name, parameter, value in _remembered(last):
        if value is not None and getattr(asked, name) is None:
            whole = replace(whole, **{name: value})
            taken[parameter] = value
    if asked.config is not None:
        recipe = load_recipe(asked.config, asked.settings)
        given = {_key(setting) for setting in asked.settings}
        left = tuple(setting for setting in last.typed.settings if _key(setting) not in given)
        if asked.overrides is None and recipe.overrides is not None:
            whole = replace(whole, overrides=recipe.overrides)
            taken.pop("corrections", None)
    else:
        kept = _kept(last, asked.settings)
        recipe, left = _recipe(last, kept, asked.settings), ()
        whole = replace(whole, settings=(*kept, *asked.settings), overrides=whole.overrides or recipe.overrides)
        taken |= {"overrides": list(kept)} if kept else {}
    return Resumed(whole, recipe, taken, left)


def config_of(last: LastRun) -> Config:
    """The settings that a run which goes on with this one has.

    Raises:
        ConfigError: If they cannot be used.
    """
    return _recipe(last, last.typed.settings, ()).config


def typed(asked: Asked, config: Config) -> Typed:
    """What was typed, for the next run: in the form in which it holds in another current folder as well."""
    recipe = asked.config or ""
    if recipe and recipe not in recipes():
        recipe = str(Path(recipe).absolute())
    document = config.model_dump(mode="json")
    settings = tuple(_absolute(setting, document) for setting in asked.settings)
    return Typed(recipe, recipe_digest(recipe) if recipe else "", settings, asked.jobs)


def missing(work: Workspace, asked: Asked, what: str, example: str) -> UsageError:
    """The error where neither the command line nor the last run in WORK says what the command needs.

    Args:
        work: WORK.
        asked: What the command line says.
        what: It, and what of the command needs it: "run-all needs VIDEOS".
        example: A whole command.
    """
    if asked.anew:
        return UsageError(f"{what} where it begins --anew", f"give {example}")
    if foreign_run(work) is not None:
        whose = f"the last run in {work.root} was not yours, or not on this machine, and nothing that it names is used"
        return UsageError(f"{what} ({whose})", f"give {example}, {_OPTIONAL}")
    why = "there is no earlier run" if last_run(work) is None else "no earlier run had one"
    return UsageError(f"{what}, and {why} in {work.root}", f"give {example}")


def _remembered(last: LastRun) -> list[tuple[str, str, Any]]:
    """What can be taken from a run: its name in `Asked`, that of the command's parameter, and the value."""
    return [
        ("videos", "videos", Path(last.videos)),
        ("labels", "labels", _path(last.labels)),
        ("config", "config", last.typed.recipe or None),
        ("overrides", "corrections", _path(last.overrides)),
        ("release", "release", _path(last.release)),
        ("jobs", "jobs", last.typed.jobs),
        ("executor", "executor", last.executor if last.executor != "local" else None),
        ("ray_address", "ray_address", last.ray_address),
    ]


def _recipe(last: LastRun, kept: Sequence[str], settings: Sequence[str]) -> Recipe:
    """The settings of a run, with others; a recipe that was edited since is read again."""
    name, digest = last.typed.recipe, last.typed.digest
    now = recipe_digest(name) if name else ""
    if now in (digest, ""):  # a recipe that is not there any more counts as it was
        return Recipe(parse(last.config, "of the last run", settings))
    return load_recipe(name, [*kept, *settings])


def _kept(last: LastRun, now: Sequence[str]) -> tuple[str, ...]:
    """The settings of a run that others do not replace: the same key, or all of a section whose backend is another."""
    keys, sections = {_key(setting) for setting in now}, list[str]()
    for setting in now:
        key, _, value = setting.partition("=")
        if key.strip().endswith(".backend") and _at(last.config, key.strip()) != value.strip():
            sections.append(key.strip().removesuffix("backend"))
    kept = (setting for setting in last.typed.settings if _key(setting) not in keys)
    return tuple(setting for setting in kept if not _key(setting).startswith(tuple(sections)))


def _at(document: dict[str, Any], key: str) -> Any:
    """The value at a dotted key; None where there is none."""
    value: Any = document
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _key(setting: str) -> str:
    return setting.partition("=")[0].strip()


def _absolute(setting: str, document: dict[str, Any]) -> str:
    """A setting whose value is a path, with the path that the config has."""
    value = _at(document, _key(setting))
    return f"{_key(setting)}={value}" if isinstance(value, str) and is_path(value) else setting


def _path(text: str | None) -> Path | None:
    return Path(text) if text is not None else None
