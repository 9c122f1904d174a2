"""The remembered hashes: right whatever happens to the file or the cache, and computed once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from imigue_build.core.errors import StoreError
from imigue_build.models import digests, pins
from imigue_build.models.digests import cache_folder, file_digest, remembered


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(b"weights")
    os.utime(path, (1_000_000, 1_000_000))
    return path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Files that were read whole."""
    paths: list[Path] = []

    def sha256(path: Path) -> str:
        paths.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(digests, "sha256", sha256)
    return iter([paths])


def test_a_file_is_read_once(weights: Path, read: Iterator[list[Path]]) -> None:
    (paths,) = read
    assert file_digest(weights) == file_digest(weights) == hashlib.sha256(b"weights").hexdigest()
    assert len(paths) == 1


def test_a_link_is_its_file(weights: Path, read: Iterator[list[Path]]) -> None:
    (paths,) = read
    link = weights.with_name("link")
    link.symlink_to(weights)
    assert file_digest(link) == file_digest(weights)
    assert len(paths) == 1


def test_a_change_is_seen_though_size_and_time_are_the_same(weights: Path) -> None:
    before = file_digest(weights)
    weights.write_bytes(b"weighty")
    os.utime(weights, (1_000_000, 1_000_000))
    assert file_digest(weights) not in (before, None)


def test_what_was_just_written_is_not_remembered(tmp_path: Path, read: Iterator[list[Path]]) -> None:
    (paths,) = read
    (tmp_path / "new").write_bytes(b"x")
    file_digest(tmp_path / "new")
    file_digest(tmp_path / "new")
    assert len(paths) == 2


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b'{"found": 3, "check": 4}', b'{"found": "ab"}', b"\xff"]
)
def test_a_damaged_cache_costs_time_only(weights: Path, damage: bytes) -> None:
    right = file_digest(weights)
    (entry,) = (cache_folder() / "digests").iterdir()
    entry.write_bytes(damage)
    assert file_digest(weights) == right


def test_a_flipped_bit_in_the_cache_shows(weights: Path) -> None:
    right = file_digest(weights)
    (entry,) = (cache_folder() / "digests").iterdir()
    other = chr(ord(right[0]) ^ 1)
    entry.write_text(entry.read_text().replace(right, other + right[1:]))
    assert file_digest(weights) == right


def test_what_follows_from_several_files_is_found_once_until_one_changes(weights: Path) -> None:
    other = weights.with_name("other.bin")
    other.write_bytes(b"more")
    os.utime(other, (1_000_000, 1_000_000))
    calls: list[int] = []

    def find() -> str:
        calls.append(1)
        return other.read_text()

    assert remembered("what", [weights, other], find) == remembered("what", [weights, other], find) == "more"
    assert remembered("else", [weights, other], find) == "more"
    assert len(calls) == 2
    other.write_bytes(b"less")
    os.utime(other, (1_000_000, 1_000_000))
    assert remembered("what", [weights, other], find) == "less"


def test_nothing_found_is_not_remembered(weights: Path) -> None:
    assert remembered("what", [weights], lambda: "") == ""
    assert remembered("what", [weights], lambda: "now") == "now"


def test_a_cache_that_cannot_be_written_stops_nothing(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("IMIGUE_BUILD_CACHE", str(tmp_path / "file" / "cache"))
    assert file_digest(weights) == hashlib.sha256(b"weights").hexdigest()
    with pytest.raises(StoreError, match="cannot write the pin"):
        pins.write(pins.Pin("whisper", "a/b", "c", {"model.bin": "d"}), None)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        file_digest(tmp_path / "nowhere")


def test_where_the_cache_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMIGUE_BUILD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "imigue-build"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "imigue-build"


def test_pins_of_revisions_are_apart_and_a_damaged_one_is_none() -> None:
    pin = pins.Pin("whisper", "a/b", "c" * 40, {"model.bin": "d"})
    pins.write(pin, None)
    assert pins.read("whisper", "a/b", None) == pin
    assert pins.read("whisper", "a/b", "v1") is None
    assert pins.read("pyannote", "a/b", None) is None
    (place,) = (cache_folder() / "pins").iterdir()
    place.write_bytes(b'{"kind": "whisper"')
    assert pins.read("whisper", "a/b", None) is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd"])
def test_a_pin_names_no_file_outside_its_model(name: str) -> None:
    pins.write(pins.Pin("whisper", "a/b", "c" * 40, {name: "d"}), None)
    assert pins.read("whisper", "a/b", None) is None
