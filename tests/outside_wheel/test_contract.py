"""What the author of an outside ASR runs: the contract of all ASR backends, and what its spec says of it."""

from __future__ import annotations

import pytest

from imigue_build.backends.base import Transcriber
from imigue_build.models import fetch
from tests.contract.suites import TranscriberContract, demo_audio
from tests.outside_wheel.outside_speech.spec import SPEC, LoudnessTranscribe, wanted

__all__ = ["demo_audio"]


class TestLoudness(TranscriberContract):
    spec = SPEC

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
        section = LoudnessTranscribe(backend="loudness")
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("HF_HUB_OFFLINE", raising=False)
            patch.setenv("OUTSIDE_SPEECH", str(tmp_path_factory.mktemp("models")))
            fetched = fetch(wanted(section), lambda done, total: None)
        local = LoudnessTranscribe(backend="loudness", words=str(fetched.located.path))
        backend: Transcriber = SPEC.factory(local)  # type: ignore[assignment]
        return backend
