"""Out of memory on a GPU: work goes on with half the batch, down to one at a time."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Final, TypeVar

from imigue_build.core.errors import BackendError

T = TypeVar("T")

# CTranslate2 and the CUDA libraries raise plain RuntimeErrors; torch has a class of its own for most.
_SIGNS: Final = (
    "out of memory",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "cuda_error_out_of_memory",
    "failed to allocate memory",
)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch, CTranslate2 or a CUDA library says that the GPU's memory is full."""
    if any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def release_memory() -> None:
    """Gives back what torch keeps of the GPU's memory without using it."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


class BatchSize:
    """How many pieces a model takes at once; it shrinks where they do not fit, and stays so.

    Args:
        size: The first size.
        setting: The setting that it comes from, for the message.
    """

    def __init__(self, size: int, setting: str) -> None:
        self.size = size
        self._setting = setting

    def fit(self, work: Callable[[int], T]) -> T:
        """What `work` returns for a size that fits; it is called again, with half of it, until one does.

        Raises:
            BackendError: If not even one at a time fits.
        """
        while True:
            try:
                return work(self.size)
            except Exception as error:
                if not out_of_memory(error):
                    raise
                if self.size == 1:
                    raise self._too_little(error) from error
            # here, as the error holds the frames, and they hold what filled the memory
            self.size //= 2
            release_memory()

    def _too_little(self, error: Exception) -> BackendError:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        what = f"the GPU's memory does not hold one piece at a time ({reason}; {self._setting} was halved down to 1)"
        return BackendError(what, "end other programs on this GPU, choose a smaller model, or set device to cpu")
