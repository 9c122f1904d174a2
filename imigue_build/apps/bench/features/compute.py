"""Features of many utterances: from the cache, else computed, in several processes or in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.apps.bench import sound
from imigue_build.apps.bench.cache import FeatureCache
from imigue_build.apps.bench.features.base import Extractor, FeatureSpec
from imigue_build.apps.bench.features.extractors import open_extractor
from imigue_build.apps.bench.processes import each
from imigue_build.apps.bench.utterances import Dataset, Utterance, repeated
from imigue_build.core.errors import MOST_LISTED, ImigueError, MediaError
from imigue_build.store.disk import guarded, sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.features.base import Values

Progress = Callable[[int, int], None]
"""Told how many of how many utterances are done."""

_CHUNK: Final = 8
"""Utterances that a process takes at once."""
_READ_AHEAD: Final = 64
"""Utterances whose sound is held at once for a batching encoder."""


@dataclass(frozen=True)
class Features:
    """Features of those utterances that have some.

    `values` is (utterances, size), or (utterances, layers, size) of an encoder, in the order of `ids`; `digests` are
    the SHA-256 of the sound files, `forms` their rates and channels, `failed` says why an utterance has no features;
    `reused` came from the cache, `unkept` says why others do not go there.
    """

    ids: tuple[str, ...]
    values: NDArray[np.float32]
    digests: dict[str, str]
    identity: dict[str, object]
    failed: dict[str, str]
    reused: int
    forms: dict[str, sound.Form] = field(default_factory=dict)
    unkept: str = ""


@dataclass(frozen=True)
class _Task:
    """One utterance to compute, and where its features are kept."""

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
        utterances: Whose features.
        spec: Which features.
        cache: The folder of the cache.
        jobs: Processes at the most; an encoder has one, and batches.
        progress: Told how far it is.

    Raises:
        BackendError: If the extractor cannot work at all; what is wrong with one utterance is in `failed`.
    """
    import numpy as np

    extractor = open_extractor(spec)
    store = FeatureCache(cache, extractor.identity)
    found: dict[str, Values] = {}
    failed: dict[str, str] = {}
    digests: dict[str, str] = {}
    forms: dict[str, sound.Form] = {}
    tasks: list[_Task] = []
    for utterance in utterances:
        try:
            digests[utterance.id] = _digest(utterance.path)
        except ImigueError as error:
            failed[utterance.id] = str(error)
            continue
        if (form := sound.form_of(utterance.path)) is not None:
            forms[utterance.id] = form
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
    return Features(ids, values, digests, extractor.identity, failed, reused, forms, store.fault)


def _digest(path: Path) -> str:
    sound.require_size(path)
    with guarded(f"cannot read {path}"):
        return sha256(path)


def _computed(
    tasks: list[_Task], extractor: Extractor, spec: FeatureSpec, jobs: int
) -> Iterator[tuple[_Task, Values | str]]:
    """Each task with its features, or why it has none."""
    if not extractor.parallel:
        for first in range(0, len(tasks), _READ_AHEAD):
            yield from _batch(tasks[first : first + _READ_AHEAD], extractor)
        return
    chunks = [(tasks[first : first + _CHUNK], spec) for first in range(0, len(tasks), _CHUNK)]
    for outcomes in each(_chunk, chunks, jobs):
        yield from outcomes


def _chunk(work: tuple[list[_Task], FeatureSpec]) -> list[tuple[_Task, Values | str]]:
    tasks, spec = work
    return _batch(tasks, open_extractor(spec))


def _batch(tasks: Sequence[_Task], extractor: Extractor) -> list[tuple[_Task, Values | str]]:
    import numpy as np

    failed: list[tuple[_Task, Values | str]] = []
    read: list[_Task] = []
    signals = []
    for task in tasks:
        try:
            signals.append(sound.read(task.path, task.start, task.end))
            read.append(task)
        except ImigueError as error:
            failed.append((task, str(error)))
    for task, values in zip(read, extractor.extract(signals), strict=True):
        whole = bool(np.isfinite(values).all())
        failed.append((task, values if whole else f"{task.path.name}: its features are not finite"))
    return failed


def usable(corpus: Dataset, found: Features, allow_partial: bool) -> Dataset:
    """The corpus without the utterances that have no features, if that is allowed, and with what is to be known.

    Raises:
        MediaError: If an utterance has none and that is not allowed, or none has any.
    """
    warnings = (*corpus.warnings, *sound.remarks(found.forms), *repeated(corpus, found.digests))
    corpus = replace(corpus, warnings=warnings)
    if not found.failed:
        return corpus
    faults = list(found.failed.values())
    more = [f"... and {len(faults) - MOST_LISTED} more"] if len(faults) > MOST_LISTED else []
    what = f"{len(faults)} utterances cannot be used:\n  " + "\n  ".join(faults[:MOST_LISTED] + more)
    if not allow_partial or not found.ids:
        raise MediaError(what, "correct them, or leave them out with --allow-partial")
    return corpus.without(found.failed, what)
