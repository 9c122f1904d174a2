"""The extractor of a spec. Its module is imported when it is opened, with the libraries that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from imigue_build.apps.bench.features.base import Extractor, FeatureSpec

if TYPE_CHECKING:
    from imigue_build.apps.bench.features.base import Values
    from imigue_build.apps.bench.sound import Signal


def open_extractor(spec: FeatureSpec) -> Extractor:
    """The extractor of a spec; models are loaded at first use.

    Raises:
        BackendError: If a package or model is missing.
    """
    if spec.name == "opensmile":
        from imigue_build.apps.bench.features.egemaps import Egemaps

        return Egemaps()
    if spec.is_builtin:
        from imigue_build.apps.bench.features.builtin import Builtin

        return Builtin(spec.name)
    if spec.whisper is not None:
        from imigue_build.apps.bench.features.whisper import WhisperEncoder

        before, model = spec.whisper
        encoder = WhisperEncoder(model, spec.revision)
        return Joined([open_extractor(FeatureSpec(before)), encoder]) if before else encoder
    from imigue_build.apps.bench.features.encoder import Encoder

    return Encoder(spec)


class Joined:
    """The features of several extractors, each (size,), one after another."""

    def __init__(self, extractors: Sequence[Extractor]) -> None:
        self._extractors = extractors
        self.parallel = all(extractor.parallel for extractor in extractors)
        parts = [dict(extractor.identity) for extractor in extractors]
        tools = [part.pop("tools") for part in parts]
        self.identity: dict[str, object] = {
            "name": "+".join(str(part["name"]) for part in parts),
            "parts": parts,
            "tools": reduce(or_, tools),
        }

    def extract(self, signals: Sequence[Signal]) -> list[Values]:
        """(sum of the sizes,) for each of the signals."""
        import numpy as np

        found = [extractor.extract(signals) for extractor in self._extractors]
        return [np.concatenate(parts) for parts in zip(*found, strict=True)]
