"""The record of the last run in WORK: `last-run.json`."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from imigue_build.backends.configs import portable
from imigue_build.config.of_machine import OfMachine
from imigue_build.core.record_json import decode
from imigue_build.core.records import Record
from imigue_build.pipeline.request import UNTYPED, Request, Typed
from imigue_build.store.disk import guarded, read, write_atomically
from imigue_build.store.seal import is_sealed, seal
from imigue_build.store.workspace import Workspace

_LAST_RUN: Final = "last-run.json"
_IN_CONFIG: Final = "overrides"
"""Earlier versions wrote the folder of corrections into the config, and no seal."""


class LastRun(Record, frozen=True):
    """What a run was asked for, as far as the next one goes on with it; see `Request`.

    Interviews that were chosen (`--only`, `--shard`), and what is forced or checked, count for one run.
    """

    config: dict[str, Any]
    videos: str
    overrides: str | None = None
    labels: str | None = None
    release: str | None = None
    typed: Typed = UNTYPED
    executor: str = "local"
    ray_address: str | None = None


class _Note(LastRun, frozen=True):
    """The record as it lies in WORK: under the seal of the user whose run it was."""

    seal: str = ""


class ForeignRun(NamedTuple):
    """What may be known of a run that was somebody else's, or on another machine.

    Attributes:
        config: Its settings, without those of a machine.
        of_machine: The settings that were left out.
        corrected: Whether a person's corrections were applied.
    """

    config: dict[str, Any]
    of_machine: tuple[OfMachine, ...]
    corrected: bool


def last_run(work: Workspace) -> LastRun | None:
    """The record; None where nothing was run, or where the last run was not this user's."""
    found = _read(work)
    return found[0] if found is not None and found[1] else None


def foreign_run(work: Workspace) -> ForeignRun | None:
    """The last run, where it was not this user's: programs, files and folders that it names are not to be used."""
    found = _read(work)
    if found is None or found[1]:
        return None
    run, _ = found
    config, of_machine = portable({key: value for key, value in run.config.items() if key != _IN_CONFIG})
    return ForeignRun(config, of_machine, run.overrides is not None or _IN_CONFIG in run.config)


def _read(work: Workspace) -> tuple[LastRun, bool] | None:
    """The record, and whether it is this user's."""
    try:
        note = decode(read(work.root / _LAST_RUN), _Note)
    except (OSError, ValueError):
        return None
    run = LastRun(**{name: value for name, value in _fields(note).items() if name != "seal"})
    return run, is_sealed(_sealed(run), note.seal)


def _fields(record: LastRun) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _sealed(run: LastRun) -> bytes:
    """What the seal is of."""
    return msgspec.json.encode(run, order="deterministic")


def this_run(request: Request) -> LastRun:
    """The record of a run of the request."""
    overrides = str(request.overrides.resolve()) if request.overrides is not None else None
    labels, release = (str(path.resolve()) if path is not None else None for path in (request.labels, request.release))
    return LastRun(
        request.config.model_dump(mode="json"),
        str(request.videos.resolve()),
        overrides,
        labels,
        release,
        request.typed,
        request.executor,
        request.ray_address,
    )


def remember(work: Workspace, request: Request) -> None:
    """Writes the record, for `status` and for the next run."""
    with guarded(f"cannot write to --work {work.root}"):
        run = this_run(request)
        note = _Note(**_fields(run), seal=seal(_sealed(run)))
        write_atomically(work.root / _LAST_RUN, msgspec.json.encode(note) + b"\n")
