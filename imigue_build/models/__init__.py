"""Models that a config names: which they are, where they lie on this machine, how they get there."""

from __future__ import annotations

from imigue_build.models.fetching import Fetched, fetch
from imigue_build.models.locate import Located, locate
from imigue_build.models.wants import Kind, Wanted, wanted

__all__ = ["Fetched", "Kind", "Located", "Wanted", "fetch", "locate", "wanted"]
