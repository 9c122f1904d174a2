"""The checker as a whole: sound releases, lost rows, counting, usage errors, arbitrary damage."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from imigue_build.core.errors import UsageError
from imigue_build.release.validate.base import MAX_MESSAGES, Faults, scan
from imigue_build.release.validate.run import validate
from tests.release.breaking import DROPPED, LABELS, MANIFEST, Case, added, filtered, written
from tests.release.tiny_release import Content, build


def test_a_sound_release_has_no_fault(tmp_path: Path) -> None:
    build(tmp_path / "r", Content())
    assert validate(tmp_path / "r") == []


def test_a_row_lost_from_the_middle_is_a_fault_wherever_its_words_were(tmp_path: Path) -> None:
    found = Case("", "", "", None, filtered(MANIFEST, lambda text: "".join(text.splitlines(keepends=True)[1:]))).found(
        tmp_path / "r"
    )
    rules = {fault.rule for fault in found}
    assert {"raw-lines", "asr-lines", "tier-words", "tier-transcripts", "transcript-words", "file-unexpected"} <= rules


def test_a_dropped_list_is_welcome(tmp_path: Path) -> None:
    case = Case("", "", "", None, written(DROPPED, '{"video_id": "0001", "reason": "too short"}\n'))
    assert case.found(tmp_path / "r") == []


def test_many_faults_of_one_rule_are_counted(tmp_path: Path) -> None:
    found = Case("", "", "", None, added(LABELS, "a b,,,\n" * (MAX_MESSAGES + 7))).found(tmp_path / "r")
    reported = [fault for fault in found if fault.rule == "labels-id"]
    assert len(reported) == MAX_MESSAGES + 1
    assert reported[-1].message == "and 7 more"


def test_what_is_no_release_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name, says in {"none": "does not exist", "file": "is not a folder", "empty": "is not a release"}.items():
        with pytest.raises(UsageError, match=says):
            validate(tmp_path / name)


def test_a_file_that_goes_away_meanwhile_is_a_fault(tmp_path: Path) -> None:
    build(tmp_path, Content())
    tree, faults = scan(tmp_path), Faults()
    (tmp_path / LABELS).unlink()
    assert tree.read_text(LABELS, faults) is None
    assert [(fault.path, fault.rule) for fault in faults.listed()] == [(LABELS, "file-unreadable")]


def test_a_name_that_is_no_text_is_reported_in_text(tmp_path: Path) -> None:
    build(tmp_path, Content())
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).touch()
    except OSError:
        pytest.skip("this file system takes no such name")
    assert [(fault.path, fault.rule) for fault in validate(tmp_path)] == [("caf\\xe9", "file-unexpected")]


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_raises(seed: int, tmp_path: Path) -> None:
    release = build(tmp_path / "r", Content())
    chance = np.random.default_rng(seed)
    paths = sorted(path for path in release.root.rglob("*") if path.is_file())
    for path in chance.choice(np.array(paths, dtype=object), 3, replace=False):
        data = bytearray(path.read_bytes())
        for place in chance.integers(0, min(len(data), 2000), 3):
            data[place] = chance.choice([*b'\x00\xff"{}[]0-9e\n\r ', data[place] ^ 1])
        path.write_bytes(data[: chance.integers(0, len(data))] if chance.random() < 0.2 else data)
    assert validate(release.root)
