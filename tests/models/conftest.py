"""Every test has caches of its own, and no token."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache; ours and MFA's folder lie beside it."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("IMIGUE_BUILD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MFA_ROOT_DIR", str(tmp_path / "mfa"))
    return tmp_path / "hub"
