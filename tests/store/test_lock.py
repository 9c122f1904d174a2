"""One command at a time at a place, and what becomes of the lock of a dead one."""

from __future__ import annotations

import itertools
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
from imigue_build.store import lease_files, system
from imigue_build.store.lease_files import EXPIRES, Holder, LeaseLostError
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
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".o.lock@")
    half_written = (tmp_path / ".o.lock@0123456789ab.tmp", tmp_path / "..o.lock@0123456789ab.json.77.tmp")
    for path in half_written:
        path.write_text("half")
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


def test_a_lock_whose_holder_cannot_be_read_is_held_until_it_is_old(tmp_path: Path) -> None:
    left = tmp_path / ".o.lock@0123456789ab.json"
    for content in ("{", '{"pid": "x"}'):
        left.write_text(content)
        with pytest.raises(StoreError, match="another command writes --out o: pid 0 on an unknown host"):
            check_free(tmp_path / "o", "--out o")
        os.utime(left, (time.time() - EXPIRES - 5,) * 2)
        check_free(tmp_path / "o", "--out o")
        assert not left.exists()


def test_a_link_in_the_locks_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    link = tmp_path / ".o.lock@0123456789ab.json"
    link.symlink_to(tmp_path / "mine")
    with pytest.raises(StoreError, match="an unknown host"), exclusive_lock(tmp_path / "o", "report", "--out o"):
        pass
    os.utime(link, (0, 0), follow_symlinks=False)
    with exclusive_lock(tmp_path / "o", "report", "--out o"):
        pass
    assert (tmp_path / "mine").read_text() == "kept" and not link.is_symlink()


def test_who_waits_is_told_of_the_holder_once_and_has_its_turn(tmp_path: Path) -> None:
    place, waited, order = tmp_path / "o", list[Holder](), list[str]()
    waiting = threading.Event()

    def waits(holder: Holder) -> None:
        waited.append(holder)
        waiting.set()

    def second() -> None:
        with exclusive_lock(place, "run-all", "--release o", waits):
            order.append("second")

    thread = threading.Thread(target=second)
    with exclusive_lock(place, "export", "--release o"):
        thread.start()
        assert waiting.wait(30)
        order.append("first")
    thread.join(30)
    assert order == ["first", "second"] and [(one.command, one.pid) for one in waited] == [("export", os.getpid())]
    assert list(tmp_path.iterdir()) == []


def test_one_elsewhere_holds_a_place_while_it_renews_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paused for longer, it finds its lock gone, and leaves alone what another one has made since."""
    machines = itertools.count()
    monkeypatch.setattr(lease_files, "place", lambda: f"machine {next(machines)}")
    place = tmp_path / "o"
    with exclusive_lock(place, "run-all", "--release o") as paused:
        with pytest.raises(StoreError, match="another command"), exclusive_lock(place, "run-all", "--release o"):
            pass
        for path in tmp_path.glob(".o.lock@*"):
            os.utime(path, (time.time() - EXPIRES - 5,) * 2)
        paused.check_held()
        with exclusive_lock(place, "run-all", "--release o") as other:
            with pytest.raises(LeaseLostError, match=r"did not renew its lease on .*/o for 60 s"):
                paused.check_held()
            other.check_held()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_links_or_times_of_inodes_shows_not_every_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with exclusive_lock(tmp_path / "o", "run-all", "--release o") as lock:
        assert lock.disk_shows_changes()
        with monkeypatch.context() as patch:
            patch.setattr(system, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
            assert not lock.disk_shows_changes()
        real = Path.stat

        def mirrored(path: Path, **how: bool) -> os.stat_result:
            found = real(path, **how)
            return os.stat_result(
                [*found[:9], found.st_mtime], {"st_ctime": found.st_mtime, "st_mtime": found.st_mtime}
            )

        monkeypatch.setattr(Path, "stat", mirrored)
        assert not lock.disk_shows_changes()
    assert list(tmp_path.iterdir()) == []
