"""What the check on a GPU carries and compares; it runs itself without a GPU too, by hand: it takes minutes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.gpu import bundle, check


def test_every_wheel_to_carry_is_in_the_lock_list_with_its_hashes() -> None:
    lock = bundle.LOCK.read_text(encoding="utf-8")
    names = bundle.WHEELS.read_text(encoding="utf-8").split()
    entries = bundle.requirements(names, lock)
    assert names == sorted(set(names))
    assert re.findall(r"(?m)^([\w.-]+)==", entries) == names
    assert entries.count("--hash=sha256:") >= len(names)
    with pytest.raises(ValueError, match="lacks no-such-wheel"):
        bundle.requirements(["no-such-wheel"], lock)


def test_interviews_have_the_length_asked_for_and_begin_at_different_points() -> None:
    demo = np.arange(16000 * 10, dtype=np.int32).astype(np.int16)
    first, second = (check.interview(demo, number, 25.0) for number in (0, 1))
    assert len(first) == len(second) == 25 * 16000
    assert (first[: len(demo)] == demo).all() and (second[:100] == demo[round(7.3 * 16000) :][:100]).all()


def test_equal_results_do_not_differ_and_others_do_by_their_share() -> None:
    words = [
        [0.5 * number, 0.5 * number + 0.4, word] for number, word in enumerate(("one", "match", "was", "very", "long"))
    ]
    assert check.difference("whisperx", words, words) == 0
    assert check.difference("whisperx", words, words[:4]) == pytest.approx(0.2)
    turns = [[0.0, 6.0, "SPEAKER_00"], [6.0, 10.0, "SPEAKER_01"]]
    renamed = [[0.0, 6.0, "SPEAKER_01"], [6.0, 10.0, "SPEAKER_00"]]
    assert check.difference("pyannote", turns, renamed) == 0
    assert check.difference("pyannote", turns, [[0.0, 10.0, "SPEAKER_00"]]) == pytest.approx(0.4)


def test_a_tool_that_fails_is_reported_with_its_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "in_a_process", lambda *_: check.Outcome("RuntimeError: libcublas.so.12 is not found"))
    assert check.check("whisperx", bundle.WHEELS.parent, "cuda", 60)
    assert capsys.readouterr().out == "whisperx on cuda: not possible: RuntimeError: libcublas.so.12 is not found\n"
