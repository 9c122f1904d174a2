"""The stage extract: what two channels say reaches the diarizer, and nothing else is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.config import Extract
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Diarization
from imigue_build.engine.stage import VIDEO, Done, Task
from imigue_build.stages.common import AUDIO, BALANCE, AudioWorker
from imigue_build.stages.extract import ExtractStage
from tests.media import tone, write_wav

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imigue_build.backends.base import AudioTask


@pytest.mark.parametrize(("peak", "decibels"), [(0.5, set()), (0.05, {20})])
def test_the_balance_of_two_channels_reaches_the_diarizer(tmp_path: Path, peak: float, decibels: set[int]) -> None:
    out = tmp_path / "extract"
    out.mkdir()
    video = write_wav(tmp_path / "1.wav", tone(1.0), tone(1.0, peak=peak))
    (outcome,) = ExtractStage(Extract()).run([Task("0001", {VIDEO: video}, out)])
    assert isinstance(outcome, Done)
    assert sorted(path.name for path in out.iterdir()) == [
        "audio.16k.wav",
        "audio.44k.wav",
        "balance.json",
        "recording.json",
    ]
    given: list[AudioTask] = []

    def capture(batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        given.extend(batch)
        return [BackendError("nobody speaks", "none")]

    AudioWorker(capture, "unused.json").run([Task("0001", {name: tmp_path / name for name in (AUDIO, BALANCE)}, out)])
    assert set(np.frombuffer(given[0].balance.decibels, np.int8)[1:-1]) == decibels
