"""What all stages share: the bookkeeping of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from imigue_build.engine.stage import Done, Failed, Outcome, Task
from imigue_build.errors import ImigueError, StoreError
from imigue_build.records import Record, decode, encode
from imigue_build.store.disk import guarded

AUDIO_44K = "audio.44k.wav"
AUDIO_16K = "audio.16k.wav"
RECORDING = "recording.json"
TRANSCRIPT = "transcript.json"
DIARIZATION = "diarization.json"
ROLES = "roles.json"
ALIGNMENT = "alignment.json"

R = TypeVar("R", bound=Record)
V = TypeVar("V")


def each(tasks: Sequence[Task], work: Callable[[Task], Done]) -> list[Outcome]:
    """Runs a stage that works on one interview at a time; an interview's error fails it alone."""
    return [_attempt(task, work) for task in tasks]


def batched(
    tasks: Sequence[Task],
    load: Callable[[Task], V],
    work: Callable[[list[V]], Sequence[R | ImigueError]],
    finish: Callable[[Task, V, R], Done],
) -> list[Outcome]:
    """Runs a stage whose backend takes batches: loads each, works on those that load, finishes each."""
    loaded: dict[int, V] = {}
    outcomes: dict[int, Outcome] = {}
    for index, task in enumerate(tasks):
        try:
            loaded[index] = load(task)
        except ImigueError as error:
            outcomes[index] = Failed(str(error))
    for (index, value), result in zip(loaded.items(), work(list(loaded.values())), strict=True):
        if isinstance(result, ImigueError):
            outcomes[index] = Failed(str(result))
        else:
            outcomes[index] = _attempt(tasks[index], _finishing(finish, value, result))
    return [outcomes[index] for index in range(len(tasks))]


def read_record(path: Path, kind: type[R]) -> R:
    """An earlier stage's record.

    Raises:
        StoreError: If it cannot be read or is not of that kind.
    """
    try:
        with guarded(f"cannot read {path}"):
            return decode(path.read_bytes(), kind)
    except ValueError as error:
        raise StoreError(f"{path} is damaged ({error})", "run the command again with --verify or --force") from error


def write_record(task: Task, name: str, record: Record) -> None:
    """Writes a record into a task's artifact."""
    with guarded(f"cannot write {name} of {task.video_id}"):
        (task.out / name).write_bytes(encode(record))


def _finishing(finish: Callable[[Task, V, R], Done], value: V, result: R) -> Callable[[Task], Done]:
    return lambda task: finish(task, value, result)


def _attempt(task: Task, work: Callable[[Task], Done]) -> Outcome:
    try:
        with guarded(f"cannot work on {task.video_id}"):
            return work(task)
    except ImigueError as error:
        return Failed(str(error))
