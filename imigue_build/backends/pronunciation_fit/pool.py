"""Pronunciation fits of many utterances by several processes: one process can run one pocketsphinx decoder.

They are reached by pipes: the queues of `concurrent.futures` have named semaphores, which are left over, with a
warning, where this process is killed.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Final, NamedTuple

from imigue_build.backends.base import AlignmentTask
from imigue_build.backends.pronunciation_fit.gop import (
    NOT_SCORED,
    PronunciationFit,
    ScoringTask,
    score,
    scoring_task,
    with_pronunciation_fit,
)
from imigue_build.core.process_tree import die_with_parent
from imigue_build.core.records import Utterance

_MIN_UTTERANCES: Final = 16
"""Fewer are done in this process before others would have started."""


class _Scorer(NamedTuple):
    """A process that scores one utterance after the other."""

    process: BaseProcess
    connection: Connection


class PronunciationFitPool:
    """`jobs` worker processes, which stay alive until this process ends."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._scorers: list[_Scorer] = []

    def with_pronunciation_fits(self, aligned: Sequence[tuple[AlignmentTask, Utterance]]) -> list[Utterance]:
        """The utterances with their pronunciation fits, in the same order, as by `with_pronunciation_fit`.

        Raises:
            BackendError: If pocketsphinx or its model is missing.
        """
        inputs = [
            scoring_task(task.audio, utterance, task.language, task.lexicon)
            if any(word.aligned for word in utterance.words)
            else None
            for task, utterance in aligned
        ]
        scorable = [scoring_input for scoring_input in inputs if scoring_input is not None]
        if self._jobs == 1 or len(scorable) < _MIN_UTTERANCES:
            return [with_pronunciation_fit(task, utterance) for task, utterance in aligned]
        fits = self._scored(scorable)
        if fits is None:
            return [with_pronunciation_fit(task, utterance) for task, utterance in aligned]
        following = iter(fits)
        return [
            with_pronunciation_fit(task, utterance, next(following) if scoring_input is not None else NOT_SCORED)
            for (task, utterance), scoring_input in zip(aligned, inputs, strict=True)
        ]

    def _scored(self, tasks: Sequence[ScoringTask]) -> list[PronunciationFit] | None:
        """The fit of each task, in order; None where a process was killed, usually for lack of memory."""
        while len(self._scorers) < self._jobs:
            self._scorers.append(_started())
        idle: SimpleQueue[_Scorer] = SimpleQueue()
        for scorer in self._scorers:
            idle.put(scorer)

        def one(task: ScoringTask) -> PronunciationFit:
            scorer = idle.get()
            try:
                scorer.connection.send(task)
                found: PronunciationFit | Exception = scorer.connection.recv()
            finally:
                idle.put(scorer)
            if isinstance(found, Exception):
                raise found
            return found

        try:
            with ThreadPoolExecutor(self._jobs) as threads:
                return list(threads.map(one, tasks))
        except (EOFError, OSError):
            for scorer in self._scorers:
                scorer.process.kill()
            self._scorers = []
            return None


def _started() -> _Scorer:
    context = multiprocessing.get_context("spawn")
    connection, other = context.Pipe()
    process = context.Process(target=_serve, args=(other,), daemon=True)
    process.start()
    other.close()
    return _Scorer(process, connection)


def _serve(connection: Connection) -> None:
    """What a scorer does until the other end closes."""
    die_with_parent()
    with suppress(EOFError, OSError):
        while True:
            task: ScoringTask = connection.recv()
            try:
                found: PronunciationFit | Exception = score(task)
            except Exception as error:  # raised by who asked
                found = error
            connection.send(found)
