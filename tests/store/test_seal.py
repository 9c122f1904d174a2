"""Seals: the user's own are known again, others and none are not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from imigue_build.store.seal import is_sealed, key_file, seal


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_a_seal_is_of_one_content_and_one_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not is_sealed(b"x", "") and not is_sealed(b"x", "0" * 64)
    found = seal(b"x")
    assert seal(b"x") == found and is_sealed(b"x", found)
    assert not is_sealed(b"y", found) and not is_sealed(b"x", found[:-1]) and not is_sealed(b"x", "é")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    assert not is_sealed(b"x", found) and seal(b"x") != found


def test_the_key_is_the_users_alone() -> None:
    seal(b"x")
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert os.listdir(key_file().parent) == ["key"]


def test_where_no_key_can_be_kept_nothing_is_sealed(home: Path) -> None:
    (home / "imigue-build").write_text("a file in its place")
    assert seal(b"x") == ""
    assert not is_sealed(b"x", "")


def test_a_key_that_is_cut_off_is_none(home: Path) -> None:
    found = seal(b"x")
    key_file().write_bytes(b"short")
    assert not is_sealed(b"x", found) and seal(b"x") == ""
