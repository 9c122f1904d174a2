"""An ASR and an export format that are not part of imigue-build."""

from __future__ import annotations

from typing import Final

VERSION: Final = "1.0"
