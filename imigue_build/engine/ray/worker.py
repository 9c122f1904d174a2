"""What runs in an actor on a node: a worker host, and the check whether the node can take part."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imigue_build import __version__
from imigue_build.core.errors import ImigueError
from imigue_build.core.records import Provenance
from imigue_build.engine.stage import Stage
from imigue_build.engine.worker import Job, Result, WorkerHost
from imigue_build.store.workspace import Workspace

_PATIENCE: Final = 5.0
"""Seconds that a network file system gets to show what another machine wrote."""


@dataclass(frozen=True)
class Expected:
    """What a node must have in common with the driver.

    `shared` are files and folders that all nodes see under the same path, `provenance` the tools and models of
    the actor's stages, `folder` the working folder, from which relative paths start.
    """

    folder: Path
    shared: tuple[Path, ...]
    provenance: dict[str, Provenance]
    version: str = __version__


class NodeWorker:
    """The actor class. Jobs and results are small records: audio stays in WORK."""

    def __init__(self, stages: dict[str, Stage], work: Workspace, expected: Expected) -> None:
        self._stages = stages
        self._expected = expected
        self._host = WorkerHost(stages, work, f"{socket.gethostname()} {os.getpid()}")

    def lacks(self) -> str:
        """Why this node cannot take part, with what to do about it; empty where it can."""
        expected = self._expected
        if expected.version != __version__:
            return f"it has imigue-build {__version__}, not {expected.version}: install the same on every node"
        try:
            os.chdir(expected.folder)
        except OSError:
            return f"it has no {expected.folder}: WORK, VIDEOS and that folder have to be on a shared file system"
        for path in expected.shared:
            if not _appears(path):
                return f"it does not see {path}: WORK and VIDEOS have to be on a file system that all nodes share"
        for name, provenance in expected.provenance.items():
            try:
                found = self._stages[name].provenance()
            except ImigueError as error:
                return f"{name} cannot run there: {error}"
            if found != provenance:
                return f"{name} has other tools there: {_difference(found, provenance)}; install the same on every node"
        return ""

    def run(self, jobs: list[Job]) -> list[Result]:
        """A batch; each job gets its own result."""
        return self._host.run(jobs)


def _appears(path: Path) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while not path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _difference(found: Provenance, expected: Provenance) -> str:
    for name in sorted(found.tools.keys() | expected.tools.keys()):
        if found.tools.get(name) != expected.tools.get(name):
            return f"{name} {found.tools.get(name, 'is missing')}, not {expected.tools.get(name, 'there at all')}"
    return "the models differ"
