"""The contract of every backend that runs in the base environment; `tests/models` has the others'."""

from __future__ import annotations

import pytest

from imigue_build.backends.base import Diarizer, Transcriber
from imigue_build.backends.dvector import DvectorDiarizer
from imigue_build.backends.pocketsphinx_asr import PocketsphinxTranscriber
from imigue_build.config import DvectorDiarize, PocketsphinxTranscribe
from tests.contract.doubles import FakeDiarizer, FakeTranscriber
from tests.contract.suites import DiarizerContract, TranscriberContract


class TestFakeTranscriber(TranscriberContract):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Transcriber:
        return FakeTranscriber()


class TestPocketsphinx(TranscriberContract):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Transcriber:
        return PocketsphinxTranscriber(PocketsphinxTranscribe(backend="pocketsphinx"))


class TestFakeDiarizer(DiarizerContract):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Diarizer:
        return FakeDiarizer()


class TestDvector(DiarizerContract):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Diarizer:
        return DvectorDiarizer(DvectorDiarize(backend="dvector", embedding="builtin"))


# A backend whose result comes from a file of the user's overrides `task` too, which gives that file to the audio.
