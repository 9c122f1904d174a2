"""Models that a config names: which they are, where they lie on this machine, how they get there."""

from __future__ import annotations

from imigue_build.models.locate import Kind, Located, Wanted, locate

__all__ = ["Kind", "Located", "Wanted", "locate"]
