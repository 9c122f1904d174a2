"""No tool reports home: the switches of those that would, for this process and those that it starts."""

from __future__ import annotations

import os
from typing import Final

NO_TELEMETRY: Final = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYANNOTE_METRICS_ENABLED": "0",  # on by default
    "RAY_USAGE_STATS_ENABLED": "0",
}


def no_telemetry() -> None:
    """Sets the switches; to be called before a library that reads them is imported."""
    os.environ.update(NO_TELEMETRY)
