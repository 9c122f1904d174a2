"""The recording that all suites cut theirs from."""

from __future__ import annotations

from tests.contract.suites import demo_audio

__all__ = ["demo_audio"]
