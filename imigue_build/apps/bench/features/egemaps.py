"""openSMILE's eGeMAPS functionals (Eyben et al. 2016), if the extra `opensmile` is installed.

openSMILE is free for research and personal use, not for commercial products: its licence is shown with every use.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core import extras
from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    from imigue_build.apps.bench.features.base import Values
    from imigue_build.apps.bench.sound import Signal

LICENCE: Final = "openSMILE's licence allows research and personal use, not commercial products (audEERING GmbH)"


class Egemaps:
    """88 functionals of eGeMAPS v02.

    Raises:
        UsageError: If opensmile is not installed.
        BackendError: If it does not load.
    """

    parallel = True

    def __init__(self) -> None:
        extras.require("opensmile", "--features opensmile", "; or take --features builtin")
        try:
            import opensmile
        except (ImportError, OSError) as error:
            what = f"the package opensmile does not load ({error})"
            raise BackendError(what, f"{extras.remedy('opensmile')}; or take --features builtin") from error
        kind, level = opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals
        self._smile: Any = opensmile.Smile(feature_set=kind, feature_level=level)
        self.identity: dict[str, object] = {
            "name": "opensmile",
            "revision": "eGeMAPSv02",
            "settings": {"rate": SAMPLE_RATE},
            "tools": {"opensmile": version("opensmile")},
            "licence": LICENCE,
        }

    def extract(self, signals: Sequence[Signal]) -> list[Values]:
        """(88,) for each of the signals."""
        import numpy as np

        return [
            np.asarray(self._smile.process_signal(signal, SAMPLE_RATE).to_numpy()[0], np.float32) for signal in signals
        ]
