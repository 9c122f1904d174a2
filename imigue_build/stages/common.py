"""What the stages share: their form, and the bookkeeping of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from imigue_build.audio import read_wav
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.config import Section
from imigue_build.engine.stage import ONE_CORE, Done, Failed, Outcome, Resources, Task
from imigue_build.errors import ImigueError, StoreError
from imigue_build.records import Record, decode, encode
from imigue_build.store.disk import guarded

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

AUDIO_44K = "audio.44k.wav"
AUDIO_16K = "audio.16k.wav"
AUDIO = f"extract/{AUDIO_16K}"
"""The input that the models listen to."""
RECORDING = "recording.json"
TRANSCRIPT = "transcript.json"
DIARIZATION = "diarization.json"
ROLES = "roles.json"
ALIGNMENT = "alignment.json"

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Section)
V = TypeVar("V")


@dataclass(frozen=True)
class ConfiguredStage(Generic[S]):
    """A stage whose result depends on one section of the config. Raise `version` when its logic changes."""

    config: S
    version: ClassVar[int] = 1
    resources: ClassVar[Resources] = ONE_CORE
    batch: ClassVar[int] = 1

    def settings(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json")


@dataclass(frozen=True)
class AudioWorker(Generic[R]):
    """Gives the 16 kHz audio of interviews to a backend and writes the record that it returns.

    `remarks` are warnings about a record.
    """

    work: Callable[[list[Samples]], Sequence[R | ImigueError]]
    file: str
    remarks: Callable[[R], tuple[str, ...]] = lambda record: ()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self.work, self._finish)

    def _load(self, task: Task) -> Samples:
        return read_wav(task.inputs[AUDIO])

    def _finish(self, task: Task, audio: Samples, record: R) -> Done:
        write_record(task, self.file, record)
        return Done(len(audio) / SAMPLE_RATE, self.remarks(record))


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
