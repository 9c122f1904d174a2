"""Whatever a user names as a file is a regular one within a limit, or refused without being waited for."""

from __future__ import annotations

import os
import socket
import stat
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from imigue_build.backends.configs import load
from imigue_build.core.errors import ImigueError, UsageError
from imigue_build.core.untrusted.files import LARGEST, Kind, open_regular, read_bytes, shown
from imigue_build.corpus import overrides, read_labels
from imigue_build.corpus.annotations.sources import read_text
from imigue_build.store.disk import sha256
from imigue_build.text.lexicon import read_lexicon

KIND = Kind("the list", UsageError, "name another", most_bytes=10)
READERS: list[Callable[[Path], object]] = [
    read_labels,
    read_lexicon,
    read_text,
    overrides.read,
    lambda path: load(str(path)),
]


def odd_files(folder: Path) -> dict[str, Path]:
    """What is no regular file, by what it is called."""
    os.mkfifo(folder / "pipe")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(os.path.relpath(folder / "socket"))
    bound.close()
    (folder / "link").symlink_to("/dev/zero")
    return {
        "a named pipe": folder / "pipe",
        "a socket": folder / "socket",
        "a device": folder / "link",
        "a folder": folder,
    }


def test_a_file_within_the_limit_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert read_bytes(tmp_path / "a", KIND) == b"0123456789"


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789a")
    with pytest.raises(UsageError, match=r"the list .*/a cannot be read \(larger than 1e-05 MB\): give the right file"):
        read_bytes(tmp_path / "a", KIND)


@pytest.mark.skipif(not Path("/proc/kallsyms").exists(), reason="there is no /proc here")
def test_a_file_that_states_no_size_is_read_up_to_the_limit() -> None:
    path = Path("/proc/kallsyms")  # megabytes long, of stated size 0
    assert path.stat().st_size == 0
    with pytest.raises(UsageError, match="larger than"):
        read_bytes(path, KIND)


@pytest.mark.parametrize(
    "reader", [*READERS, sha256], ids=["labels", "lexicon", "text", "corrections", "config", "hash"]
)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    for what, path in odd_files(tmp_path).items():
        with pytest.raises((ImigueError, OSError), match=f"it is {what}"):
            reader(path)


@pytest.mark.parametrize("reader", READERS, ids=["labels", "lexicon", "text", "corrections", "config"])
def test_100_megabytes_are_not_read(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    path = tmp_path / "1.yaml"
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"a: 1\n" * 200_000)
    tracemalloc.start()
    try:
        with pytest.raises(ImigueError, match=r"1\.yaml cannot be read \(larger than .* MB\): give the right file"):
            reader(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * LARGEST
    finally:
        tracemalloc.stop()


def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Between the look at it and the opening; nobody writes into the pipe."""
    os.mkfifo(tmp_path / "pipe")
    regular = mock.Mock(st_mode=stat.S_IFREG)
    with mock.patch.object(os, "stat", return_value=regular), pytest.raises(OSError, match="it is a named pipe"):
        open_regular(tmp_path / "pipe")


def test_messages_are_one_line_whatever_the_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_bytes(tmp_path / "a\nb\x1b[31m", KIND)
    assert str(caught.value).isprintable()
    assert shown("a\nb") == "a\\nb"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_bytes(tmp_path / "a\0b", KIND)
    with pytest.raises(UsageError, match="File name too long"):
        read_bytes(tmp_path / ("a" * 5000), KIND)
