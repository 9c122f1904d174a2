"""The Montreal Forced Aligner, described: a program of its own, in an environment of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.alignment.mfa.settings import MfaAlign, models
from imigue_build.backends.check import Check
from imigue_build.backends.spec import BackendSpec, Needs, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Aligner


def _make(section: MfaAlign) -> Aligner:
    from imigue_build.backends.alignment.mfa.aligner import MfaAligner

    return MfaAligner(section)


def _checks(section: MfaAlign | None) -> Sequence[Check]:
    from imigue_build.backends.alignment.mfa.checks import examine

    return examine(section)


SPEC: Final = BackendSpec(
    name="mfa",
    task="alignment",
    section=MfaAlign,
    factory=_make,
    models=models,
    needs=lambda section: Needs(cores=section.jobs, interviews=section.interviews),
    checks=_checks,
    quality=Quality("Word boundaries, by the Montreal Forced Aligner: not measured here."),
    tools=("montreal-forced-aligner", "pocketsphinx", "num2words", "numpy"),
    model_names=("acoustic", "dictionary", "g2p", "pocketsphinx en-us acoustic and dictionary"),
)
