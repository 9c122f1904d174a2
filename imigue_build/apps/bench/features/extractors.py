"""The extractor of a spec. Its module is imported when it is opened, with the libraries that it needs."""

from __future__ import annotations

from imigue_build.apps.bench.features.base import Extractor, FeatureSpec


def open_extractor(spec: FeatureSpec) -> Extractor:
    """The extractor of a spec; models are loaded when they are first used.

    Raises:
        BackendError: If a library or a model that it needs is not on this machine.
    """
    if spec.name == "opensmile":
        from imigue_build.apps.bench.features.egemaps import Egemaps

        return Egemaps()
    if spec.own:
        from imigue_build.apps.bench.features.builtin import Builtin

        return Builtin(spec.name)
    from imigue_build.apps.bench.features.encoder import Encoder

    return Encoder(spec)
