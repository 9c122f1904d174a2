"""Features of utterances: built in, openSMILE's, or those of a speech encoder."""

from __future__ import annotations

from imigue_build.apps.bench.features.base import BUILTIN_NAMES, Extractor, FeatureSpec, spec_of
from imigue_build.apps.bench.features.compute import Features, compute, usable
from imigue_build.apps.bench.features.extractors import open_extractor

__all__ = ["BUILTIN_NAMES", "Extractor", "FeatureSpec", "Features", "compute", "open_extractor", "spec_of", "usable"]
