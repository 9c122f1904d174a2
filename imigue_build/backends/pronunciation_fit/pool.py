"""The fits of many utterances, judged by several processes: pocketsphinx keeps a process to itself."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from imigue_build.backends.base import AlignmentTask
from imigue_build.backends.pronunciation_fit.fit import checked, spoken, verdict
from imigue_build.core.process_tree import dying_with_us
from imigue_build.core.records import Utterance

_FEW: Final = 16
"""Utterances that one process is done with before others have started."""


class FitPool:
    """At most `jobs` processes, which stay until this one ends."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def checked(self, placed: Sequence[tuple[AlignmentTask, Utterance]]) -> list[Utterance]:
        """The utterances with their fits, in their order; as `fit.checked` gives them one by one.

        Raises:
            BackendError: If pocketsphinx or its model is missing.
        """
        heard = [
            spoken(task.audio, utterance, task.language, task.lexicon)
            if any(word.aligned for word in utterance.words)
            else None
            for task, utterance in placed
        ]
        if self._jobs == 1 or sum(one is not None for one in heard) < _FEW:
            return [checked(task, utterance) for task, utterance in placed]
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_begin)
        try:
            verdicts = iter(list(self._pool.map(verdict, [one for one in heard if one is not None], chunksize=4)))
        except BrokenProcessPool:  # one was killed, for want of memory as a rule
            self._pool = None
            return [checked(task, utterance) for task, utterance in placed]
        return [
            checked(task, utterance, next(verdicts) if one is not None else (None, False))
            for (task, utterance), one in zip(placed, heard, strict=True)
        ]


def _begin() -> None:
    if (die := dying_with_us()) is not None:
        die()
