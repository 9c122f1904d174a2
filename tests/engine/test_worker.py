"""What a worker says of an error that no stage expected."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from imigue_build.core.errors import BackendError
from imigue_build.core.records import Provenance
from imigue_build.engine.stage import Failed, Outcome, Stage, Task
from imigue_build.engine.worker import Job, WorkerHost
from imigue_build.store.leases import Leases
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import FakeStage


@dataclass(frozen=True)
class Raising(FakeStage):
    """A fake whose work raises."""

    error: Exception | None = None

    def open(self) -> Raising:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        assert self.error is not None
        raise self.error


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


NO_LIBRARY = ImportError("libopenblas.so: failed to map segment from shared object")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "not enough memory: run with fewer --jobs"),
        (NO_LIBRARY, "not enough memory: run with fewer --jobs"),
        (caused(ImportError("numpy"), NO_LIBRARY), "not enough memory: run with fewer --jobs"),
        (caused(BackendError("x cannot be imported", "install it"), NO_LIBRARY), "not enough memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "not enough memory: run with fewer --jobs"),
        (ImportError("x.so: cannot allocate memory in static TLS block"), "unexpected ImportError"),
        (ImportError("No module named 'x'"), "unexpected ImportError"),
        (BackendError("the model is missing", "fetch it"), "the model is missing: fetch it"),
    ],
)
def test_want_of_memory_is_named(tmp_path: Path, error: Exception, reason: str) -> None:
    stage: Stage = Raising("first", (), tmp_path / "runs", error=error)
    with Leases(tmp_path / "work").joined(["0001"]) as leases:
        leases.claim("0001")
        host = WorkerHost({"first": stage}, Workspace(tmp_path / "work", leases.run))
        (result,) = host.run([Job("0001", "first", {}, {}, Provenance())])
    assert isinstance(result.outcome, Failed)
    assert result.outcome.reason.startswith(reason)
