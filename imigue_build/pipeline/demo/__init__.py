"""The bundled demo interview, and the request that builds its release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imigue_build.pipeline.request import Request

DEMO: Final = Path(__file__).parent
"""The folder of the demo interview: `demo.mp4`, `demo.json` (what is said, by whom, when), `labels.csv`."""
_CORPUS: Final = {
    "name": "imigue-build demo",
    "title": "The demo interview of imigue-build",
    "origin": "An invented press conference, spoken by two voices of the synthesiser flite. Nobody was recorded.",
    "licence": "MIT",
    "language": "English",
}


def request_of(work: Path, release: Path, jobs: int) -> Request:
    """The request that builds the demo's release, with the embedded recipe and what the demo is."""
    from imigue_build.backends.configs import load
    from imigue_build.config import CorpusSection
    from imigue_build.pipeline.request import Request

    config = load("embedded").model_copy(update={"corpus": CorpusSection(**_CORPUS)})
    return Request(DEMO, work, release, config, labels=DEMO / "labels.csv", jobs=jobs)
