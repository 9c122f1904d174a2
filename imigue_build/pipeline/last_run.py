"""What WORK remembers of the last run."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from imigue_build.config import load, recipes
from imigue_build.core.records import Record, decode
from imigue_build.pipeline.request import Request
from imigue_build.store.disk import guarded, read, write_atomically
from imigue_build.store.workspace import Workspace

_LAST_RUN: Final = "last-run.json"


class LastRun(Record, frozen=True):
    """What `status` needs to know of the run before: its config and where its videos were."""

    config: dict[str, Any]
    videos: str


def last_run(work: Workspace) -> LastRun | None:
    """None where nothing was run."""
    try:
        return decode(read(work.root / _LAST_RUN), LastRun)
    except (OSError, ValueError):
        return None


def last_overrides(work: Workspace) -> str | None:
    """The folder of corrections of the last run: what a person corrected is not lost for want of an option."""
    last = last_run(work)
    folder = last.config.get("overrides") if last else None
    return folder if isinstance(folder, str) else None


def same_words(work: Workspace) -> dict[str, object]:
    """What to type to repeat the last run: `videos`, and `config` where that was a recipe as it is."""
    last = last_run(work)
    if last is None:
        return {}
    name = last.config.get("name")
    corrections = {"overrides": last.config.get("overrides")}  # a run takes those of the run before by itself
    is_recipe = name in recipes() and load(name).model_dump(mode="json") | corrections == last.config
    return {"videos": last.videos} | ({"config": name} if is_recipe else {})


def this_run(request: Request) -> LastRun:
    """What a run of the request leaves to be remembered."""
    return LastRun(request.config.model_dump(mode="json"), str(request.videos.resolve()))


def remember(work: Workspace, request: Request) -> None:
    """Notes the config of a run and where its videos are, for `status` and for the next run."""
    with guarded(f"cannot write to --work {work.root}"):
        write_atomically(work.root / _LAST_RUN, msgspec.json.encode(this_run(request)) + b"\n")
