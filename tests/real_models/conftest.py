"""Models that the tests make once, and the real backends on them. Nothing here touches the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.suites import demo_audio

__all__ = ["demo_audio"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", r"ignore:\s*torchcodec is not installed")  # waveforms need none


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def whisper(folder: Path) -> Path:
    """It says `making.SENTENCE` to every chunk."""
    from tests.real_models import making

    return making.whisper(folder / "whisper")


@pytest.fixture(scope="session")
def wav2vec2(folder: Path) -> Path:
    from tests.real_models import making

    return making.wav2vec2(folder / "wav2vec2")


@pytest.fixture(scope="session")
def pipeline(folder: Path) -> Path:
    from tests.real_models import making

    return making.diarization_pipeline(folder / "pipeline")
