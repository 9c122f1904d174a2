"""Features of many utterances: from the cache, else computed in several processes or in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.apps.bench import sound
from imigue_build.apps.bench.cache import FeatureCache
from imigue_build.apps.bench.features.base import Extractor, FeatureSpec
from imigue_build.apps.bench.features.extractors import open_extractor
from imigue_build.apps.bench.processes import run_parallel
from imigue_build.apps.bench.utterances import Dataset, Utterance, duplicate_warnings
from imigue_build.core.errors import MOST_LISTED, ImigueError, MediaError
from imigue_build.core.plurals import counted
from imigue_build.store.disk import guarded, sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.features.base import Values

Progress = Callable[[int, int], None]
"""Called with the numbers of finished and of all utterances."""

_CHUNK: Final = 8
"""Utterances per task of a process."""
_READ_AHEAD: Final = 64
"""Utterances whose audio is read at once for a batching encoder."""


@dataclass(frozen=True)
class Features:
    """The features of those utterances that have some.

    `values` is (utterances, size), or (utterances, layers, size) of an encoder, in the order of `ids`; `digests` are
    the SHA-256 of the audio files, `formats` their rates and channels; `failed` says why an utterance has no features;
    `reused` is the number from the cache, `cache_error` says why new ones could not be cached.
    """

    ids: tuple[str, ...]
    values: NDArray[np.float32]
    digests: dict[str, str]
    identity: dict[str, object]
    failed: dict[str, str]
    reused: int
    formats: dict[str, sound.AudioFormat] = field(default_factory=dict)
    cache_error: str = ""


@dataclass(frozen=True)
class _Task:
    """An utterance whose features are to be computed, and their cache key."""

    id: str
    path: Path
    start: float | None
    end: float | None
    key: str


def compute(
    utterances: Sequence[Utterance], spec: FeatureSpec, cache: Path, jobs: int = 1, progress: Progress | None = None
) -> Features:
    """The features of utterances; neither `jobs` nor the cache changes a value.

    Args:
        utterances: The utterances.
        spec: Which features.
        cache: The folder of the cache.
        jobs: The maximum number of processes; an encoder has one process, and batches.
        progress: Called after each utterance.

    Raises:
        BackendError: If the extractor cannot work at all; errors of single utterances are in `failed`.
    """
    import numpy as np

    extractor = open_extractor(spec)
    store = FeatureCache(cache, {"sound": sound.REVISION, **extractor.identity})
    found: dict[str, Values] = {}
    failed: dict[str, str] = {}
    digests: dict[str, str] = {}
    formats: dict[str, sound.AudioFormat] = {}
    tasks: list[_Task] = []
    for utterance in utterances:
        try:
            digests[utterance.id] = _digest(utterance.path)
        except ImigueError as error:
            failed[utterance.id] = str(error)
            continue
        if (audio_format := sound.audio_format(utterance.path)) is not None:
            formats[utterance.id] = audio_format
        key = store.key(digests[utterance.id], utterance.start, utterance.end)
        if (values := store.read(key)) is None:
            tasks.append(_Task(utterance.id, utterance.path, utterance.start, utterance.end, key))
        else:
            found[utterance.id] = values
    reused = len(found)
    report = progress or (lambda done, total: None)
    report(len(found) + len(failed), len(utterances))
    for task, outcome in _computed(tasks, extractor, spec, jobs):
        if isinstance(outcome, str):
            failed[task.id] = outcome
        else:
            store.write(task.key, outcome)
            found[task.id] = outcome
        report(len(found) + len(failed), len(utterances))
    ids = tuple(utterance.id for utterance in utterances if utterance.id in found)
    values = np.stack([found[name] for name in ids]) if ids else np.zeros((0, 0), np.float32)
    failed = dict(sorted(failed.items()))
    return Features(ids, values, digests, extractor.identity, failed, reused, formats, store.write_error)


def _digest(path: Path) -> str:
    sound.require_size(path)
    with guarded(f"cannot read {path}"):
        return sha256(path)


def _computed(
    tasks: list[_Task], extractor: Extractor, spec: FeatureSpec, jobs: int
) -> Iterator[tuple[_Task, Values | str]]:
    """Each task with its features, or its error."""
    if not extractor.parallel:
        for first in range(0, len(tasks), _READ_AHEAD):
            yield from _batch(tasks[first : first + _READ_AHEAD], extractor)
        return
    chunks = [(tasks[first : first + _CHUNK], spec) for first in range(0, len(tasks), _CHUNK)]
    for outcomes in run_parallel(_chunk, chunks, jobs):
        yield from outcomes


def _chunk(work: tuple[list[_Task], FeatureSpec]) -> list[tuple[_Task, Values | str]]:
    tasks, spec = work
    return _batch(tasks, open_extractor(spec))


def _batch(tasks: Sequence[_Task], extractor: Extractor) -> list[tuple[_Task, Values | str]]:
    import numpy as np

    outcomes: list[tuple[_Task, Values | str]] = []
    read: list[_Task] = []
    signals = []
    for task in tasks:
        try:
            signals.append(sound.read(task.path, task.start, task.end))
            read.append(task)
        except ImigueError as error:
            outcomes.append((task, str(error)))
    for task, values in zip(read, extractor.extract(signals), strict=True):
        finite = bool(np.isfinite(values).all())
        outcomes.append((task, values if finite else f"{task.path.name}: its features are not finite"))
    return outcomes


def usable(corpus: Dataset, found: Features, allow_partial: bool) -> Dataset:
    """The corpus without the utterances that have no features, if that is allowed, and with warnings.

    Raises:
        MediaError: If an utterance has no features and that is not allowed, or if none has any.
    """
    warnings = (*corpus.warnings, *sound.format_warnings(found.formats), *duplicate_warnings(corpus, found.digests))
    corpus = replace(corpus, warnings=warnings)
    if not found.failed:
        return corpus
    faults = list(found.failed.values())
    more = [f"... and {len(faults) - MOST_LISTED} more"] if len(faults) > MOST_LISTED else []
    what = f"{counted(len(faults), 'utterance')} cannot be used:\n  " + "\n  ".join(faults[:MOST_LISTED] + more)
    if not allow_partial or not found.ids:
        raise MediaError(what, "correct them, or leave them out with --allow-partial")
    return corpus.without(found.failed, what)
