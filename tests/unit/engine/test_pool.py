"""What a worker's process inherits."""

from __future__ import annotations

import os

import pytest

from imigue_build.engine.pool import _inherited


def test_a_process_gets_its_threads_which_sleep_while_they_wait_and_ours_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    before = dict(os.environ)
    with _inherited(3, "1"):
        assert os.environ["OMP_NUM_THREADS"] == os.environ["OPENBLAS_NUM_THREADS"] == "3"
        assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE" and os.environ["CUDA_VISIBLE_DEVICES"] == "1"
    assert dict(os.environ) == before
