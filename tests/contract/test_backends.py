"""The contract of every backend that runs in the base environment; `tests/real_models` has the others'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from imigue_build.backends import registry
from imigue_build.backends.alignment.pocketsphinx.aligner import PocketsphinxAligner
from imigue_build.backends.alignment.pocketsphinx.settings import PocketsphinxAlign
from imigue_build.backends.asr.pocketsphinx.settings import PocketsphinxTranscribe
from imigue_build.backends.asr.pocketsphinx.transcriber import PocketsphinxTranscriber
from imigue_build.backends.asr.precomputed.settings import GivenTranscribe
from imigue_build.backends.base import Aligner, AudioTask, Diarizer, Transcriber
from imigue_build.backends.diarization.dvector.diarizer import DvectorDiarizer
from imigue_build.backends.diarization.dvector.settings import DvectorDiarize
from imigue_build.backends.diarization.precomputed.settings import GivenDiarize
from imigue_build.pipeline.demo import DEMO
from tests.backends.alignment.mfa_fake import installed
from tests.contract.doubles import FakeDiarizer, FakeTranscriber
from tests.contract.suites import EARLY, LATE, AlignerContract, DiarizerContract, TranscriberContract

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


class TestFakeTranscriber(TranscriberContract):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Transcriber:
        return FakeTranscriber()


@pytest.mark.slow
class TestPocketsphinx(TranscriberContract):
    spec = registry.registry().find("asr", "pocketsphinx")

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
    spec = registry.registry().find("diarization", "dvector")

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Diarizer:
        return DvectorDiarizer(DvectorDiarize(backend="dvector", embedding="builtin"))


@pytest.fixture(scope="session")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of the two cuts, and none for the bad recordings."""
    folder = tmp_path_factory.mktemp("labels")
    for name, (start, end) in (("0001", EARLY), ("0002", LATE)):
        words = [
            {**word, "start": word["start"] - start, "end": word["end"] - start}
            for word in json.loads((DEMO / "demo.json").read_text())["words"]
            if start <= word["start"] and word["end"] <= end
        ]
        (folder / f"{name}.json").write_text(json.dumps({"words": words}))
        lines = (f"{name} 1 {word['speaker']} {word['start']} {word['end']} x\n" for word in words)
        (folder / f"{name}.stm").write_text("".join(lines))
    return folder


class TestGivenTranscriber(TranscriberContract):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _folder(cls, labels: Path) -> None:
        cls.config = GivenTranscribe(backend="given", folder=str(labels))

    config: ClassVar[GivenTranscribe]

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, _folder: None) -> Transcriber:
        return registry.transcriber(cls.config)

    @classmethod
    def task(cls, video_id: str, audio: Samples) -> AudioTask:
        return AudioTask(video_id, audio, registry.given_file(cls.config, video_id))


class TestGivenDiarizer(DiarizerContract):
    spec = registry.registry().find("diarization", "given")

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _folder(cls, labels: Path) -> None:
        cls.config = GivenDiarize(backend="given", folder=str(labels))

    config: ClassVar[GivenDiarize]

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, _folder: None) -> Diarizer:
        return registry.diarizer(cls.config)

    @classmethod
    def task(cls, video_id: str, audio: Samples) -> AudioTask:
        return AudioTask(video_id, audio, registry.given_file(cls.config, video_id))


class TestPocketsphinxAligner(AlignerContract):
    spec = registry.registry().find("alignment", "pocketsphinx")

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Aligner:
        return PocketsphinxAligner(PocketsphinxAlign(backend="pocketsphinx", passes=1))


class TestMfaAlignerWithTheFakeMfa(AlignerContract):
    """The backend is real; the program that it runs is the stand-in, which spreads words evenly."""

    spec = registry.registry().find("alignment", "mfa")

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, tmp_path_factory: pytest.TempPathFactory) -> Aligner:
        fake = installed(tmp_path_factory.mktemp("mfa"))
        return fake.aligner()
