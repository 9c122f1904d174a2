"""The bundled demo interview, and the request that builds its release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imigue_build.pipeline.request import Request

DEMO: Final = Path(__file__).parent
"""The folder of the demo interview: `demo.mp4`, `demo.json` (what is said, by whom, when), `labels.csv`."""


def request_of(work: Path, release: Path, jobs: int) -> Request:
    """The request that builds the demo's release, with the embedded recipe."""
    from imigue_build.backends.configs import load
    from imigue_build.pipeline.request import Request

    return Request(DEMO, work, release, load("embedded"), labels=DEMO / "labels.csv", jobs=jobs)
