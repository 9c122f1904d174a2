"""What the release's card is to say of the backends: the release itself knows none of them."""

from __future__ import annotations

from imigue_build.backends.registry import registry
from imigue_build.config import STAGE_OF
from imigue_build.release.build.card.backends import BackendFacts


def describe(stage: str, backend: str) -> BackendFacts | None:
    """The facts of a stage's backend; None where there is none of that name here."""
    task = next((task for task, name in STAGE_OF.items() if name == stage), None)
    spec = registry().find(task, backend) if task else None
    if spec is None:
        return None
    quality = spec.quality
    return BackendFacts(quality.limits, quality.measured, quality.unfit, spec.defaults, spec.model_settings)
