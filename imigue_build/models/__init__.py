"""Models that a config names: which they are, where they lie on this machine, how they get there."""

from __future__ import annotations

from imigue_build.models.fetching import Fetched, fetch, locate
from imigue_build.models.hub_model import HubModel
from imigue_build.models.wants import REMEDY, Located, Progress, Source, Wanted
from imigue_build.models.wheels import WheelFile, WheelModel, WheelPart, installed_file

__all__ = [
    "REMEDY",
    "Fetched",
    "HubModel",
    "Located",
    "Progress",
    "Source",
    "Wanted",
    "WheelFile",
    "WheelModel",
    "WheelPart",
    "fetch",
    "installed_file",
    "locate",
]
