"""The extractor of a spec. Its module is imported when it is opened, with the libraries that it needs."""

from __future__ import annotations

from imigue_build.apps.bench.features.base import Extractor, FeatureSpec


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
    from imigue_build.apps.bench.features.encoder import Encoder

    return Encoder(spec)
