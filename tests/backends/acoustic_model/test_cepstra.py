"""The cepstra: equal to those of pocketsphinx's own front end, and their means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imigue_build.backends.acoustic_model.cepstra import COEFFICIENTS, cepstra, normalised


def test_cepstra_equal_those_of_the_decoders_front_end(tmp_path: Path) -> None:
    from pocketsphinx import Decoder

    tone = 6000 * np.sin(np.arange(16100) * 2 * np.pi * 440 / 16000) * np.linspace(0, 1, 16100)
    audio = (tone + np.random.default_rng(0).normal(0, 300, 16100)).astype(np.int16)
    decoder = Decoder(loglevel="FATAL", mfclogdir=str(tmp_path))
    decoder.start_utt()
    decoder.process_raw(audio.tobytes(), no_search=True, full_utt=True)
    decoder.end_utt()
    (log,) = tmp_path.iterdir()
    theirs = np.fromfile(log, dtype=">f4")[1:].reshape(-1, COEFFICIENTS)
    assert cepstra(audio) == pytest.approx(theirs, abs=1e-3)


def test_cepstra_of_next_to_nothing() -> None:
    assert cepstra(np.zeros(0, dtype=np.int16)).shape == (0, COEFFICIENTS)
    assert cepstra(np.zeros(1, dtype=np.int16)).shape == (1, COEFFICIENTS)
    assert np.isfinite(cepstra(np.zeros(1000, dtype=np.int16))).all()


def test_an_utterances_mean_leans_on_the_recordings() -> None:
    rng = np.random.default_rng(0)
    spoken = [rng.normal(5.0, 1.0, (100, COEFFICIENTS)), rng.normal(1.0, 1.0, (300, COEFFICIENTS))]
    own = normalised(spoken, 0.0)
    assert all(abs(features.mean(axis=0)).max() < 1e-9 for features in own)
    leaning = normalised(spoken, 2.0)
    whole = np.concatenate(spoken).mean(axis=0)
    expected = (spoken[0].sum(axis=0) + 200 * whole) / 300
    assert spoken[0] - leaning[0] == pytest.approx(np.broadcast_to(expected, (100, COEFFICIENTS)))
    assert normalised([np.zeros((0, COEFFICIENTS))], 2.0)[0].shape == (0, COEFFICIENTS)
