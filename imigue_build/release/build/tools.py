"""The tools whose versions decide what is exported."""

from __future__ import annotations

from importlib.metadata import version

from imigue_build.core.records import Provenance


def provenance() -> Provenance:
    """The tools that make an interview's folder."""
    return Provenance({name: version(name) for name in ("num2words", "numpy", "praatio", "pydub")})
