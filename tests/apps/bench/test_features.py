"""Features, in one process and in two, computed and from the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imigue_build.apps.bench import sound
from imigue_build.apps.bench.cache import FeatureCache
from imigue_build.apps.bench.features import compute, spec_of
from imigue_build.apps.bench.features.functionals import functionals
from imigue_build.apps.bench.sound import read
from imigue_build.apps.bench.utterances import Utterance
from imigue_build.core.errors import UsageError
from tests.apps.bench.trees import tone


def utterances(folder: Path, count: int = 3) -> list[Utterance]:
    paths = [tone(folder / f"{index}.wav", 0.3 + 0.1 * index, 150.0 + 60 * index) for index in range(count)]
    return [Utterance(path.stem, path, "x") for path in paths]


@pytest.mark.slow
def test_functionals_are_finite_and_named_alike_whatever_is_heard(tmp_path: Path) -> None:
    voice = functionals(read(tone(tmp_path / "voice.wav", 1.0, 220.0)))
    blip = functionals(read(tone(tmp_path / "blip.wav", 0.1)))
    hiss = functionals(np.random.default_rng(0).normal(0, 0.05, 16_000).astype(np.float32))
    assert voice.keys() == blip.keys() == hiss.keys()
    for found in (voice, blip, hiss):
        assert np.isfinite(list(found.values())).all()
    assert voice["pitch_p50"] == pytest.approx(12 * np.log2(2.2), abs=0.3)
    assert voice["voiced_share"] > 0.9 > hiss["voiced_share"]
    assert hiss["centroid_mean"] > voice["centroid_mean"]


def test_silence_around_an_utterance_changes_little(tmp_path: Path) -> None:
    signal = read(tone(tmp_path / "voice.wav", 1.0, 220.0))
    padded = np.concatenate([np.zeros(8000, np.float32), signal, np.zeros(12_000, np.float32)])
    bare, around = functionals(signal), functionals(padded)
    for name in ("log_duration", "loudness_p50", "pitch_p50", "centroid_p50", "mfcc1_p50"):
        assert around[name] == pytest.approx(bare[name], rel=0.05, abs=0.1)


@pytest.mark.slow
def test_neither_processes_nor_the_cache_change_a_value(tmp_path: Path) -> None:
    given = utterances(tmp_path / "wav", 9)  # more than a process takes at once
    one = compute(given, spec_of("builtin"), tmp_path / "one", jobs=1)
    two = compute(given, spec_of("builtin"), tmp_path / "two", jobs=2)
    again = compute(given, spec_of("builtin"), tmp_path / "one", jobs=1)
    assert one.ids == tuple(str(index) for index in range(9)) and one.reused == 0 and again.reused == 9
    assert (one.values == two.values).all() and (one.values == again.values).all()


def test_a_damaged_entry_is_computed_again(tmp_path: Path) -> None:
    given = utterances(tmp_path / "wav", 2)
    first = compute(given, spec_of("builtin"), tmp_path / "cache")
    entry = sorted((tmp_path / "cache").glob("*/*"))[0]
    entry.write_bytes(entry.read_bytes()[:-1] + b"\7")
    second = compute(given, spec_of("builtin"), tmp_path / "cache")
    assert second.reused == 1 and (first.values == second.values).all()
    assert compute(given, spec_of("builtin"), tmp_path / "cache").reused == 2


def test_what_was_read_in_another_way_is_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = utterances(tmp_path / "wav", 1)
    compute(given, spec_of("builtin"), tmp_path / "cache")
    monkeypatch.setattr(sound, "REVISION", sound.REVISION + 1)
    assert compute(given, spec_of("builtin"), tmp_path / "cache").reused == 0


def test_entries_are_of_a_sound_a_stretch_and_settings(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, {"name": "a", "revision": "1"})
    keys = {cache.key("s", None, None), cache.key("t", None, None), cache.key("s", 0.0, 1.0)}
    keys |= {FeatureCache(tmp_path, {"name": "a", "revision": "2"}).key("s", None, None)}
    assert len(keys) == 4


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    found = compute(utterances(tmp_path / "wav", 1), spec_of("builtin"), tmp_path / "cache")
    assert found.ids == ("0",) and "cannot write" in found.cache_error


@pytest.mark.parametrize(("layer", "revision", "said"), [("3", None, "--layer"), ("last", "abc", "--revision")])
def test_what_only_an_encoder_has_is_refused_of_other_features(layer: str, revision: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=f"{said} applies to encoders"):
        spec_of("builtin", layer, revision)


def test_what_is_wrong_with_one_utterance_stops_no_other(tmp_path: Path) -> None:
    given = utterances(tmp_path / "wav", 3)
    given[1].path.write_bytes(b"RIFF")
    given[2].path.unlink()
    found = compute(given, spec_of("builtin"), tmp_path / "cache")
    assert found.ids == ("0",) and found.values.shape[0] == 1
    assert "1.wav is not a readable audio file" in found.failed["1"] and "cannot be read" in found.failed["2"]


def test_the_speaker_vector_is_the_same_in_any_company(tmp_path: Path) -> None:
    given = utterances(tmp_path / "wav", 2)
    both = compute(given, spec_of("builtin+speaker"), tmp_path / "a")
    alone = compute(given[1:], spec_of("speaker"), tmp_path / "b")
    size = alone.values.shape[1]
    assert (both.values[1, -size:] == alone.values[0]).all()
    assert both.values.shape[1] == compute(given[:1], spec_of("builtin"), tmp_path / "c").values.shape[1] + size


@pytest.mark.parametrize(
    ("name", "layer", "said"), [("bulitin", "last", "no features 'bulitin'"), ("a/b", "x", "not a layer")]
)
def test_unknown_features_are_a_usage_error(name: str, layer: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        spec_of(name, layer)


def test_an_extra_that_is_not_installed_says_how(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opensmile", None)
    with pytest.raises(UsageError, match=r"opensmile.*; or take --features builtin"):
        compute([], spec_of("opensmile"), tmp_path)
