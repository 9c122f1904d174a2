"""One command at a time at a place, and what becomes of the lock of a dead one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from imigue_build.core.errors import StoreError
from imigue_build.store.lock import check_free, exclusive_lock

REFUSED = f"another command writes --out o: imigue-build report, pid {os.getpid()} on .*, started 20.* UTC: wait for it"


def test_a_second_command_is_refused_with_the_first_ones_pid_host_and_start(tmp_path: Path) -> None:
    place = tmp_path / "o"
    with exclusive_lock(place, "report", "--out o"):
        with pytest.raises(StoreError, match=REFUSED), exclusive_lock(place, "convert", "--out o"):
            pass
        with pytest.raises(StoreError, match=REFUSED):
            check_free(place, "--out o")
        with exclusive_lock(tmp_path / "other", "convert", "--out other"):
            pass
    check_free(place, "--out o")
    with exclusive_lock(place, "convert", "--out o"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), exclusive_lock(tmp_path / "o", "report", "--out o"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def _hold(place: Path, told: Connection) -> None:
    with exclusive_lock(place, "report", "--out o"):
        told.send("held")
        signal.pause()


def test_a_killed_commands_lock_keeps_nobody_out(tmp_path: Path) -> None:
    place = tmp_path / "o"
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(place, theirs))
    process.start()
    assert ours.poll(60) and ours.recv() == "held"
    with pytest.raises(StoreError, match=f"pid {process.pid} "):
        check_free(place, "--out o")
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert {path.name for path in tmp_path.iterdir()} == {".o.lock", ".o.holder"}
    check_free(place, "--out o")
    with exclusive_lock(place, "convert", "--out o"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_of_many_that_come_and_go_never_two_hold(tmp_path: Path) -> None:
    """Each removes its lock file as it leaves, while others have it open and wait for it."""
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            with suppress(StoreError), exclusive_lock(tmp_path / "o", "convert", "--out o"):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1 and len(most) > 6


@pytest.mark.parametrize("content", ["", "{", '{"pid": "x"}', "\x00" * 20])
def test_a_lock_whose_holder_cannot_be_read_is_held_all_the_same(tmp_path: Path, content: str) -> None:
    with exclusive_lock(tmp_path / "o", "report", "--out o"):
        (tmp_path / ".o.holder").write_text(content)
        with pytest.raises(StoreError, match="another command writes --out o"):
            check_free(tmp_path / "o", "--out o")


def test_a_link_in_the_locks_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    (tmp_path / ".o.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic links"), exclusive_lock(tmp_path / "o", "report", "--out o"):
        pass
    (tmp_path / ".o.lock").unlink()
    (tmp_path / ".o.holder").symlink_to(tmp_path / "mine")
    with exclusive_lock(tmp_path / "o", "report", "--out o"):
        pass
    assert (tmp_path / "mine").read_text() == "kept"
