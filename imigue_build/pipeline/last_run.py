"""The record of the last run in WORK: `last-run.json`."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from imigue_build.backends.configs import load
from imigue_build.config import recipes
from imigue_build.core.record_json import decode
from imigue_build.core.records import Record
from imigue_build.pipeline.request import Request
from imigue_build.store.disk import guarded, read, write_atomically
from imigue_build.store.workspace import Workspace

_LAST_RUN: Final = "last-run.json"
_IN_CONFIG: Final = "overrides"
"""Earlier versions wrote the folder of corrections into the config."""


class LastRun(Record, frozen=True):
    """The config of a run, the folder of its videos, that of a person's corrections, and the file of the labels."""

    config: dict[str, Any]
    videos: str
    overrides: str | None = None
    labels: str | None = None


def last_run(work: Workspace) -> LastRun | None:
    """The record; None where nothing was run."""
    try:
        found = decode(read(work.root / _LAST_RUN), LastRun)
    except (OSError, ValueError):
        return None
    if _IN_CONFIG not in found.config:
        return found
    config = {key: value for key, value in found.config.items() if key != _IN_CONFIG}
    folder = found.config[_IN_CONFIG]
    return replace(found, config=config, overrides=folder if isinstance(folder, str) else None)


def same_words(work: Workspace) -> dict[str, object]:
    """What to type to repeat the last run: `videos`, and `config` where that was a recipe as it is."""
    last = last_run(work)
    if last is None:
        return {}
    name = last.config.get("name")
    is_recipe = name in recipes() and load(name).model_dump(mode="json") == last.config
    return {"videos": last.videos} | ({"config": name} if is_recipe else {})


def this_run(request: Request) -> LastRun:
    """The record of a run of the request."""
    overrides = str(request.overrides) if request.overrides is not None else None
    labels = str(request.labels.resolve()) if request.labels is not None else None
    return LastRun(request.config.model_dump(mode="json"), str(request.videos.resolve()), overrides, labels)


def remember(work: Workspace, request: Request) -> None:
    """Writes the record, for `status` and for the next run."""
    with guarded(f"cannot write to --work {work.root}"):
        write_atomically(work.root / _LAST_RUN, msgspec.json.encode(this_run(request)) + b"\n")
