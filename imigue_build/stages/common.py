"""What the stages share: the base class, running a batch, reading and writing records."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from imigue_build.backends import registry
from imigue_build.backends.base import SAMPLE_RATE, AudioTask
from imigue_build.config import BackendSection, Section
from imigue_build.core.errors import ImigueError, StoreError
from imigue_build.core.record_json import decode, encode
from imigue_build.core.records import NO_BALANCE, ChannelBalance, Correction, Provenance, Record
from imigue_build.core.system import cores, gpu_share
from imigue_build.core.untrusted.files import LARGEST
from imigue_build.core.wav import read_wav
from imigue_build.engine.stage import ONE_CORE, Done, Failed, GivenFile, Outcome, Resources, Task
from imigue_build.store.disk import guarded, sha256
from imigue_build.store.stat_cache import Stat, stat_of

if TYPE_CHECKING:
    from imigue_build.corpus.overrides import Override

AUDIO_44K = "audio.44k.wav"
AUDIO_16K = "audio.16k.wav"
AUDIO = f"extract/{AUDIO_16K}"
"""Name of the input with the models' audio."""
BALANCE_FILE = "balance.json"
BALANCE = f"extract/{BALANCE_FILE}"
"""Name of the input with the balance of two channels."""
GIVEN = "given"
"""Name of the input with the user's transcript or diarization."""
OVERRIDE = "override"
"""Name of the input with a person's corrections."""
LOST = "a correction no longer fits and was not applied"
"""What a warning says of a correction before its text."""
_UNREADABLE = "unreadable"
_GPU_MEMORY = 6 << 30
_GPU_CORES = 4  # they prepare data for the GPU; more threads than cores would only wait for each other
RECORDING = "recording.json"
TRANSCRIPT = "transcript.json"
DIARIZATION = "diarization.json"
ROLES = "roles.json"
ALIGNMENT = "alignment.json"

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Section)
B = TypeVar("B", bound=BackendSection)
V = TypeVar("V")


@dataclass(frozen=True)
class ConfiguredStage(Generic[S]):
    """A stage whose result depends on one section of the config. Raise `version` when its results change.

    Attributes:
        config: The section.
        overrides: The folder of a person's corrections.
    """

    config: S
    overrides: Path | None = None
    name: ClassVar[str]
    version: ClassVar[int]

    @property
    def resources(self) -> Resources:
        return ONE_CORE

    @property
    def batch(self) -> int:
        return 1

    @property
    def batch_seconds(self) -> float:
        return math.inf

    def given(self, video_id: str) -> Mapping[str, GivenFile]:
        """The corrections on which the stage depends."""
        if self.overrides is None:
            return {}
        if self.overrides is None:
            return {}
        from imigue_build.corpus import overrides

        return self._corrections(video_id, {OVERRIDE: overrides.KINDS.get(self.name, ())})

    @property
    def made_from(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    def settings(self) -> dict[str, Any]:
        return self.config.identity()

    def _corrections(self, video_id: str, inputs: Mapping[str, Sequence[str]]) -> dict[str, GivenFile]:
        """The interview's file of corrections under each name of an input, which depends on some kinds of them."""
        if self.overrides is None:
            return {}
        from imigue_build.corpus import overrides

        path = overrides.find(self.overrides, video_id)
        if path is None:
            return {}
        return {name: GivenFile(path, taken) for name, kinds in inputs.items() if (taken := _taken(path, kinds))}


@dataclass(frozen=True)
class BackendStage(ConfiguredStage[B]):
    """A stage whose work a backend does: what a worker takes, the backend itself says."""

    @property
    def resources(self) -> Resources:
        needs = registry.needs(self.config)
        if needs.gpu == "no":
            return Resources(cpu=needs.cores)
        return Resources(min(_GPU_CORES, cores()), gpu_share(needs.memory.total), _GPU_MEMORY)

    @property
    def batch(self) -> int:
        return registry.needs(self.config).interviews

    @property
    def batch_seconds(self) -> float:
        return registry.needs(self.config).seconds

    def given(self, video_id: str) -> Mapping[str, GivenFile]:
        """The labels that are given in the stage's place, too."""
        labels = registry.given_file(self.config, video_id) if self._takes_labels else None
        own = {GIVEN: GivenFile(labels, digest(labels))} if labels is not None else {}
        return {**own, **super().given(video_id)}

    @cached_property
    def _takes_labels(self) -> bool:
        return registry.spec_of(self.config).given is not None  # the same for each of thousands of interviews

    def provenance(self) -> Provenance:
        return registry.make(self.config).provenance()


@dataclass(frozen=True)
class AudioWorker(Generic[R]):
    """Gives the 16 kHz audio of interviews to a backend and writes the records that it returns.

    Attributes:
        work: The backend's method.
        file: The record's file name.
        warnings: Gives the warnings about a record.
    """

    work: Callable[[list[AudioTask]], Sequence[R | ImigueError]]
    file: str
    warnings: Callable[[R], tuple[str, ...]] = lambda record: ()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self.work, self._finish)

    def _load(self, task: Task) -> AudioTask:
        speakers = read_override(task).num_speakers
        balance = read_record(task.inputs[BALANCE], ChannelBalance) if BALANCE in task.inputs else NO_BALANCE
        return AudioTask(task.video_id, read_wav(task.inputs[AUDIO]), task.inputs.get(GIVEN), speakers, balance)

    def _finish(self, task: Task, loaded: AudioTask, record: R) -> Done:
        write_record(task, self.file, record)
        return Done(len(loaded.audio) / SAMPLE_RATE, self.warnings(record))


def each(tasks: Sequence[Task], work: Callable[[Task], Done]) -> list[Outcome]:
    """Runs a stage that works on one interview at a time; an error fails that interview only."""
    return [_attempt(task, work) for task in tasks]


def batched(
    tasks: Sequence[Task],
    load: Callable[[Task], V],
    work: Callable[[list[V]], Sequence[R | ImigueError]],
    finish: Callable[[Task, V, R], Done],
) -> list[Outcome]:
    """Runs a stage whose backend takes batches; an error in loading or finishing fails that interview only."""
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
    """The record in an earlier stage's file.

    Raises:
        StoreError: If it cannot be read or is not of that kind.
    """
    try:
        with guarded(f"cannot read {path}"):
            return decode(path.read_bytes(), kind)
    except ValueError as error:
        raise StoreError(f"{path} is damaged ({error})", "run the command again with --verify or --force") from error


def read_override(task: Task) -> Override:
    """A person's corrections of the interview; empty where the stage has none.

    Raises:
        AnnotationError: If the file is invalid.
    """
    from imigue_build.corpus import overrides

    return overrides.read(task.inputs[OVERRIDE]) if OVERRIDE in task.inputs else overrides.Override()


def unfit(corrections: Sequence[Correction]) -> tuple[str, ...]:
    """One warning for each correction that was not applied."""
    return tuple(f"{LOST}: {correction.text}" for correction in corrections if not correction.applied)


def write_record(task: Task, name: str, record: Record) -> None:
    """Writes a record into the task's folder."""
    with guarded(f"cannot write {name} of {task.video_id}"):
        (task.out / name).write_bytes(encode(record))


def _finishing(finish: Callable[[Task, V, R], Done], value: V, result: R) -> Callable[[Task], Done]:
    return lambda task: finish(task, value, result)


def digest(path: Path) -> str:
    """The SHA-256 of a user's file; "unreadable" where it cannot be read."""
    try:
        found = stat_of(path)
        return _digest(path, found) if found[0] <= LARGEST else _UNREADABLE
    except OSError:  # reported by the stage that reads it
        return _UNREADABLE


@lru_cache(maxsize=64)  # all interviews share one lexicon
def _digest(path: Path, found: Stat) -> str:
    return sha256(path)


def _taken(corrections: Path, kinds: Sequence[str]) -> str | None:
    from imigue_build.corpus import overrides

    try:
        return overrides.read(corrections).digest(kinds)
    except ImigueError:  # reported by the stage
        return _UNREADABLE


def _attempt(task: Task, work: Callable[[Task], Done]) -> Outcome:
    try:
        with guarded(f"cannot work on {task.video_id}"):
            return work(task)
    except ImigueError as error:
        return Failed(str(error))
