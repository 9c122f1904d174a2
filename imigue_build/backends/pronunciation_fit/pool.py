"""Pronunciation fits of many utterances by several processes: one process can run one pocketsphinx decoder."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from imigue_build.backends.base import AlignmentTask
from imigue_build.backends.pronunciation_fit.gop import NOT_SCORED, score, scoring_task, with_pronunciation_fit
from imigue_build.core.process_tree import dying_with_us
from imigue_build.core.records import Utterance

_MIN_UTTERANCES: Final = 16
"""Fewer are done in this process before others would have started."""


class PronunciationFitPool:
    """At most `jobs` worker processes, which stay alive until this process ends."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

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
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_initialise)
        try:
            fits = iter(list(self._pool.map(score, scorable, chunksize=4)))
        except BrokenProcessPool:  # a worker was killed, usually for lack of memory
            self._pool = None
            return [with_pronunciation_fit(task, utterance) for task, utterance in aligned]
        return [
            with_pronunciation_fit(task, utterance, next(fits) if scoring_input is not None else NOT_SCORED)
            for (task, utterance), scoring_input in zip(aligned, inputs, strict=True)
        ]


def _initialise() -> None:
    if (die := dying_with_us()) is not None:
        die()
