"""Work in several processes, each with one numeric thread, so that no sum depends on the number of cores or jobs."""

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

Given = TypeVar("Given")
Result = TypeVar("Result")

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@contextmanager
def one_thread() -> Iterator[None]:
    """Numeric libraries use one thread inside."""
    import scipy.linalg  # noqa: F401  a library can be limited once it is loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def each(work: Callable[[Given], Result], given: Sequence[Given], jobs: int) -> Iterator[Result]:
    """The result of each, in any order; in this process if one suffices.

    Args:
        work: A function of a module; it and what it is given are sent to the processes.
        given: What it is called with.
        jobs: Processes at the most.

    Raises:
        BackendError: If a process dies.
    """
    if jobs == 1 or len(given) < 2:
        with one_thread():
            yield from map(work, given)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(given)), mp_context=context, initializer=_begin)
    try:
        for done in as_completed([pool.submit(work, item) for item in given]):
            yield done.result()
    except BrokenProcessPool as error:
        raise BackendError("a process ended unexpectedly", "give it more memory, or fewer --jobs") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # for what is not loaded yet
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)
