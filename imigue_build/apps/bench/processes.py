"""Parallel work in processes with one numeric thread each, so that no sum depends on the number of cores or jobs."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Final, TypeVar

from imigue_build.core.errors import BackendError

Argument = TypeVar("Argument")
Result = TypeVar("Result")

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@contextmanager
def single_threaded() -> Iterator[None]:
    """Limits numeric libraries to one thread."""
    import scipy.linalg  # noqa: F401  only loaded libraries can be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def run_parallel(work: Callable[[Argument], Result], arguments: Sequence[Argument], jobs: int) -> Iterator[Result]:
    """The results of `work` for each argument, in any order; in this process if one suffices.

    Args:
        work: A module-level function; it and its arguments are pickled.
        arguments: One for each call.
        jobs: The maximum number of processes.

    Raises:
        BackendError: If a process dies.
    """
    if jobs == 1 or len(arguments) < 2:
        with single_threaded():
            yield from map(work, arguments)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(arguments)), mp_context=context, initializer=_initialise)
    try:
        for done in as_completed([pool.submit(work, item) for item in arguments]):
            yield done.result()
    except BrokenProcessPool as error:
        raise BackendError("a process ended unexpectedly", "give it more memory, or fewer --jobs") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _initialise() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # for libraries that are loaded later
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)
