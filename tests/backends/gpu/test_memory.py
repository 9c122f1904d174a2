"""The batch is halved where the GPU's memory is full, by whatever error says so; nothing else is taken for that."""

from __future__ import annotations

import pytest

from imigue_build.backends.gpu.batch_size import BatchSize, out_of_memory
from imigue_build.core.errors import BackendError


class OutOfMemoryError(RuntimeError):
    """As `torch.cuda.OutOfMemoryError`, which is known by its name: torch need not be there."""


FULL = [
    OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("CUDA failed with error out of memory"),
    RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
]


class Gpu:
    """Holds so many at once; `asked` are the sizes that were tried, `done` the pieces that are done."""

    def __init__(self, room: int, error: Exception = FULL[0]) -> None:
        self.room, self.error = room, error
        self.asked: list[int] = []
        self.done: list[int] = []

    def work(self, size: int) -> str:
        """Goes on where it was, as the backends do; the first piece always fits."""
        self.asked.append(size)
        while len(self.done) < 5:
            if size > self.room and self.done:
                raise self.error
            self.done += range(len(self.done), min(len(self.done) + size, 5)) if self.done else [0]
        return "done"


@pytest.mark.parametrize("error", FULL, ids=str)
def test_half_the_batch_until_it_fits_and_work_goes_on_where_it_was(error: Exception) -> None:
    gpu, batch = Gpu(room=3, error=error), BatchSize(16, "transcribe.batch_size")
    assert batch.fit(gpu.work) == "done"
    assert gpu.asked == [16, 8, 4, 2]
    assert gpu.done == [0, 1, 2, 3, 4]


def test_the_size_that_fits_is_kept() -> None:
    batch = BatchSize(8, "transcribe.batch_size")
    batch.fit(Gpu(room=4).work)
    later = Gpu(room=4)
    batch.fit(later.work)
    assert later.asked == [4] and batch.size == 4


@pytest.mark.parametrize("size", [1, 5, 16])
def test_where_not_even_one_fits_the_setting_is_named(size: int) -> None:
    gpu = Gpu(room=0)
    with pytest.raises(BackendError, match=r"does not hold one piece.*diarize\.batch_size was halved down to 1"):
        BatchSize(size, "diarize.batch_size").fit(gpu.work)
    assert gpu.asked[-1] == 1


@pytest.mark.parametrize("error", [ValueError("out of memory"), RuntimeError("shapes do not match"), MemoryError()])
def test_other_errors_are_nobodys_memory(error: Exception) -> None:
    assert not out_of_memory(error)
    gpu = Gpu(room=1, error=error)
    with pytest.raises(type(error)):
        BatchSize(4, "transcribe.batch_size").fit(gpu.work)
    assert gpu.asked == [4]
