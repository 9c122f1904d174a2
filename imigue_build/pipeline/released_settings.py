"""The settings in a release that is built again. What they say of programs, files and folders is the user's to give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from imigue_build.backends.configs import parse, portable
from imigue_build.backends.registry import registry
from imigue_build.config import STAGE_OF, Config
from imigue_build.config.base import LOCAL
from imigue_build.config.of_machine import local_models
from imigue_build.core.errors import UsageError
from imigue_build.release.reader import Provenance
from imigue_build.release.schema.provenance import flat

Group = tuple[Config, tuple[str, ...]]
"""Settings, and the interviews that were made with them."""


def groups_of(
    provenance: Provenance, ids: Sequence[str], given: Sequence[str]
) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """The interviews by the settings that they were made with, the largest group first; and settings of a machine.

    Args:
        provenance: Of the release.
        ids: Of the interviews.
        given: Settings of the user's, `stage.key=value`.

    Raises:
        UsageError: If the user has to name a file or a model.
        ConfigError: If the settings do not fit.
    """
    by_settings: dict[bytes, list[str]] = {}
    for video_id in ids:
        sections = msgspec.json.encode(provenance.config_of(video_id), order="deterministic")
        by_settings.setdefault(sections, []).append(video_id)
    ordered = sorted(by_settings.items(), key=lambda item: (-len(item[1]), item[1]))
    found: list[Group] = []
    of_machine: dict[str, None] = {}
    for number, (settings, own) in enumerate(ordered, 1):
        document, left_out = portable(msgspec.json.decode(settings))
        of_machine |= dict.fromkeys(setting.dotted for setting in left_out)
        lexicon = any("align" in provenance.videos[video_id].given for video_id in own)
        _check_named(document, lexicon, given)
        name = f"config-{number}"
        about = msgspec.to_builtins(provenance.corpus)
        config = parse({**document, "name": name, "corpus": about}, f"{name} of the release", given)
        _check_models(config, given)
        found.append((config, tuple(own)))
    return tuple(found), tuple(of_machine)


def _named(settings: Sequence[str]) -> set[str]:
    """The keys of settings that the user gave."""
    return {setting.partition("=")[0].strip() for setting in settings}


def _check_models(config: Config, settings: Sequence[str]) -> None:
    """Checks that no model's name in a release is taken for that of a file or folder which happens to be here."""
    for key in local_models(config):
        if (name := ".".join(key)) not in _named(settings):
            raise UsageError(
                f"{name} is the name of a model, and there is a file or folder of that name in the current folder",
                f"run the command in another folder, or choose with --set {name}=NAME_OR_PATH",
            )


def _check_named(document: Mapping[str, Any], lexicon: bool, settings: Sequence[str]) -> None:
    """Checks that the user names the files of which a release has no path: given files, local models, a lexicon."""
    named = _named(settings)
    wanted: dict[str, str] = {}
    for task, stage in STAGE_OF.items():
        section = document.get(stage) or {}
        spec = registry().find(task, str(section.get("backend")))
        for name, key in spec.section.model_fields.items() if spec else ():
            if key.is_required() and name not in section:
                wanted[f"{stage}.{name}"] = key.description or "a setting"
    wanted |= {key: "a local model" for key, value in flat(document) if value == LOCAL}
    if lexicon:
        wanted["align.lexicon"] = "a lexicon"
    if missing := {key: what for key, what in wanted.items() if key not in named}:
        what = ", ".join(f"{what} ({key})" for key, what in missing.items())
        options = " ".join(f"--set {key}=PATH" for key in missing)
        raise UsageError(f"the release was made with files that it does not contain: {what}", f"name it: {options}")
