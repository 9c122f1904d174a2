"""The cepstra: equal to those of pocketsphinx's front end, and their mean normalisation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imigue_build.backends.acoustic_model.cepstra import COEFFICIENTS, cepstra, mean_normalised


def test_cepstra_equal_those_of_the_decoders_front_end(tmp_path: Path) -> None:
    from pocketsphinx import Decoder

    tone = 6000 * np.sin(np.arange(16100) * 2 * np.pi * 440 / 16000) * np.linspace(0, 1, 16100)
    audio = (tone + np.random.default_rng(0).normal(0, 300, 16100)).astype(np.int16)
    decoder = Decoder(loglevel="FATAL", mfclogdir=str(tmp_path))
    decoder.start_utt()
    decoder.process_raw(audio.tobytes(), no_search=True, full_utt=True)
    decoder.end_utt()
    (log,) = tmp_path.iterdir()
    expected = np.fromfile(log, dtype=">f4")[1:].reshape(-1, COEFFICIENTS)
    assert cepstra(audio) == pytest.approx(expected, abs=1e-3)


def test_cepstra_of_very_short_audio() -> None:
    assert cepstra(np.zeros(0, dtype=np.int16)).shape == (0, COEFFICIENTS)
    assert cepstra(np.zeros(1, dtype=np.int16)).shape == (1, COEFFICIENTS)
    assert np.isfinite(cepstra(np.zeros(1000, dtype=np.int16))).all()


def test_an_utterances_mean_is_smoothed_with_the_recordings() -> None:
    rng = np.random.default_rng(0)
    utterances = [rng.normal(5.0, 1.0, (100, COEFFICIENTS)), rng.normal(1.0, 1.0, (300, COEFFICIENTS))]
    without_prior = mean_normalised(utterances, 0.0)
    assert all(abs(features.mean(axis=0)).max() < 1e-9 for features in without_prior)
    smoothed = mean_normalised(utterances, 2.0)
    whole = np.concatenate(utterances).mean(axis=0)
    expected = (utterances[0].sum(axis=0) + 200 * whole) / 300
    assert utterances[0] - smoothed[0] == pytest.approx(np.broadcast_to(expected, (100, COEFFICIENTS)))
    assert mean_normalised([np.zeros((0, COEFFICIENTS))], 2.0)[0].shape == (0, COEFFICIENTS)
