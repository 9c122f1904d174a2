"""What is packaged beside the code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DEMO: Final = Path(__file__).parent
"""The folder of the demo interview: `demo.mp4`, `demo.json` (what is said, by whom, when), `labels.csv`."""
