"""What the torch backends share: their environment, versions, the device, and what is said where torch is missing."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from imigue_build.backends.asr.whisperx.settings import WhisperxTranscribe
from imigue_build.backends.asr.whisperx.transcriber import WhisperxTranscriber
from imigue_build.backends.diarization.pyannote.diarizer import PyannoteDiarizer
from imigue_build.backends.diarization.pyannote.settings import PyannoteDiarize
from imigue_build.backends.gpu import torch_tools
from imigue_build.core.errors import BackendError


def test_a_prepared_process_is_offline_and_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "PYANNOTE_METRICS_ENABLED"):
        monkeypatch.setenv(name, "to be overridden")
    torch_tools.prepare()
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"
    assert not logging.getLogger("whisperx.vads.pyannote").isEnabledFor(logging.WARNING)


@pytest.mark.parametrize(
    ("setting", "gpu", "expected"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_the_device(setting: str, gpu: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", _torch(gpu))
    assert torch_tools.device_of(setting, "diarize") == expected


def test_a_gpu_that_is_asked_for_and_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", _torch(False))
    with pytest.raises(BackendError, match=r"diarize\.device is cuda, and torch 2\.8\.0\+cu128 sees no GPU"):
        torch_tools.device_of("cuda", "diarize")


def test_missing_packages_are_said_with_what_installs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for backend in (
        WhisperxTranscriber(WhisperxTranscribe(backend="whisperx", model=str(tmp_path))),
        PyannoteDiarizer(PyannoteDiarize(backend="pyannote", model=str(tmp_path))),
    ):
        with pytest.raises(BackendError, match=r"is not installed: make gpu"):
            backend.provenance()


def test_of_a_tools_error_only_the_first_line_is_told() -> None:
    assert torch_tools.first_line(ValueError("one\ntwo")) == "ValueError: one"
    assert torch_tools.first_line(KeyError()) == "KeyError"


def _torch(gpu: bool) -> SimpleNamespace:
    return SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: gpu), __version__="2.8.0+cu128")


@pytest.mark.parametrize("broken", ["torch", "the tool"])
def test_a_tool_whose_libraries_do_not_go_together_is_named(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(module: str) -> SimpleNamespace:
        if module == "torch" and broken != "torch":
            return _torch(False)
        raise OSError("Could not load this library: libtorchaudio.so\nundefined symbol")

    monkeypatch.setattr(torch_tools, "import_module", found)
    monkeypatch.setattr(torch_tools, "versions", lambda packages: {})
    located = SimpleNamespace(path=tmp_path)
    monkeypatch.setattr(WhisperxTranscriber, "_whisper", lambda self: located)
    monkeypatch.setattr(PyannoteDiarizer, "_located", lambda self: located)
    for tool, work in (
        ("whisperx.asr", WhisperxTranscriber(WhisperxTranscribe(backend="whisperx", model=str(tmp_path))).transcribe),
        ("pyannote.audio", PyannoteDiarizer(PyannoteDiarize(backend="pyannote", model=str(tmp_path))).diarize),
    ):
        with pytest.raises(BackendError) as told:
            work([])
        name = "torch" if broken == "torch" else tool
        assert told.value.what == (
            f"{name} is installed and cannot be imported (OSError: Could not load this library: libtorchaudio.so)"
        )
        assert "doctor --config paper" in told.value.remedy
