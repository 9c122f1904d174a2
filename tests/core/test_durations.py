"""Durations for people."""

from __future__ import annotations

import pytest

from imigue_build.core.durations import duration_text


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.2, "8 s"), (59.6, "1 min 0 s"), (724, "12 min 4 s"), (122_760, "34.1 h")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
