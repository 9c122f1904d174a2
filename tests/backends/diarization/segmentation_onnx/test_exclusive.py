"""Who has the exclusive turn in overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from imigue_build.backends.diarization.segmentation_onnx import exclusive
from imigue_build.backends.diarization.segmentation_onnx.exclusive import dominant_speakers

if TYPE_CHECKING:
    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks

VOICES = np.eye(3, 192, dtype=np.float32)


def fake_embed(audio: Any, windows: Any, networks: Any) -> Any:
    """Windows whose middle is before frame 120 sound like speaker 0, later ones like speaker 2, all a bit like 1."""
    middles = windows.mean(axis=1)
    return np.stack([0.8 * VOICES[0] if middle < 120 else 0.8 * VOICES[2] for middle in middles]) + 0.5 * VOICES[1]


def dominant(labels: Any, active: Any) -> list[int]:
    found: list[int] = dominant_speakers(np.zeros(1, np.int16), labels, active, VOICES, cast("Networks", None)).tolist()
    return found


def test_in_overlap_the_active_speaker_is_chosen_whose_voice_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusive, "embed", fake_embed)
    labels = np.zeros(300, np.int64)
    active = np.zeros((300, 3), np.bool_)
    active[:200, 0] = True
    active[60:180, 2] = True  # speakers 0 and 2
    active[220:300, 1:] = True  # speakers 1 and 2, neither of whom has the label
    found = dominant(labels, active)
    assert found[:117] == [0] * 117 and found[132:180] == [2] * 48
    assert found[180:220] == [0] * 40  # as labelled: one speaker or nobody
    assert found[220:] == [2] * 80


def test_a_moment_of_another_voice_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def blip(audio: Any, windows: Any, networks: Any) -> Any:
        return np.stack([VOICES[0] + (1.05 if 90 < w.mean() < 100 else 0.5) * VOICES[1] for w in windows])

    monkeypatch.setattr(exclusive, "embed", blip)
    active = np.ones((200, 3), np.bool_)
    active[:, 2] = False
    assert dominant(np.ones(200, np.int64), active) == [0] * 200


def test_without_overlap_nothing_changes() -> None:
    labels = np.array([0, 0, -1, 1])
    assert dominant(labels, labels[:, None] == np.arange(3)) == [0, 0, -1, 1]
