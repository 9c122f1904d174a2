"""Leases: who may work on what, and what becomes of those whose holder is gone."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from imigue_build.core import process_identity
from imigue_build.core.errors import StoreError
from imigue_build.store import disk
from imigue_build.store import lease_files as module
from imigue_build.store.lease_files import EXPIRES
from imigue_build.store.leases import RUN, Leases

ONE, TWO = ("0001",), ("0002",)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `Leases` is made on another machine, as far as names tell."""
    numbers = itertools.count()
    monkeypatch.setattr(module, "place", lambda: f"machine {next(numbers)}")
    monkeypatch.setattr(socket, "gethostname", lambda: f"host-{next(numbers)}")


def age(work: Path, by: float) -> None:
    """Lets all leases of WORK grow older."""
    for path in (work / "leases").iterdir():
        then = path.stat().st_mtime - by
        os.utime(path, (then, then))


def test_a_second_run_on_this_machine_is_told_who_holds_the_workspace(tmp_path: Path) -> None:
    with Leases(tmp_path).joined(ONE):
        who = f"another run holds .*pid {os.getpid()} on .*, started 20.*stop it"
        with pytest.raises(StoreError, match=who), Leases(tmp_path).joined(ONE + TWO):
            pass
        with Leases(tmp_path).joined(TWO):  # the one that was refused left nothing
            pass
    with Leases(tmp_path).joined(ONE):
        pass
    assert list((tmp_path / "leases").iterdir()) == []


@pytest.mark.usefixtures("elsewhere")
def test_a_run_elsewhere_with_other_settings_is_refused_and_with_the_same_ones_shares(tmp_path: Path) -> None:
    first, second = Leases(tmp_path, "a"), Leases(tmp_path, "b")
    with first.joined(ONE), pytest.raises(StoreError, match="other settings or tools"), second.joined(ONE):
        pass
    with Leases(tmp_path, "a").joined(ONE) as first, Leases(tmp_path, "a").joined(ONE) as second:
        assert first.claim("0001") is None
        assert (held := second.claim("0001")) is not None and held.run == first.run
        first.release("0001")
        assert second.claim("0001") is None
        assert first.claim("0001") is not None
        assert first.runs() == second.runs() == {first.run, second.run}


@pytest.mark.usefixtures("elsewhere")
def test_a_lease_elsewhere_lives_while_it_is_renewed(tmp_path: Path) -> None:
    with Leases(tmp_path).joined(ONE) as first:
        assert first.claim("0001") is None
        age(tmp_path, EXPIRES - 5)
        with Leases(tmp_path).joined(ONE) as second:
            assert second.claim("0001") is not None
            age(tmp_path, 10)  # the second one's own run lease is renewed by every look
            assert second.claim("0001") is None
            assert second.runs() == {second.run}


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("alive", [True, False])
def test_a_lease_of_the_future_lasts_no_longer_than_any_other(tmp_path: Path, alive: bool) -> None:
    """The clock was set back by a year; the holder renews its lease, or its machine is dead."""
    with Leases(tmp_path, "a").joined(ONE) as first:
        assert first.claim("0001") is None
        age(tmp_path, -365 * 86400)
        with pytest.raises(StoreError, match="other settings"), Leases(tmp_path, "b").joined(ONE):
            pass
        with Leases(tmp_path, "a").joined(ONE) as second:
            assert (held := second.claim("0001")) is not None and held.run == first.run
            age(tmp_path, EXPIRES + 5)
            if alive:
                for path in (tmp_path / "leases").glob(f"*@{first.run}.json"):
                    os.utime(path)
            assert (second.claim("0001") is not None) == alive
            assert (second.runs() == {first.run, second.run}) == alive


def test_a_lease_of_another_user_that_may_not_be_read_or_dated_counts_until_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Leases(tmp_path).joined(ONE) as run:
        other = tmp_path / "leases" / "0001@abcabcabcabc.json"
        other.write_text("theirs")
        real = disk.read

        def read(path: Path) -> bytes:
            if path == other and path.exists():
                raise PermissionError(13, "Permission denied")
            return real(path)

        monkeypatch.setattr(module, "read", read)
        assert (held := run.claim("0001")) is not None and "unknown host" in str(held)
        age(tmp_path, EXPIRES + 1)
        assert run.claim("0001") is None


def test_a_live_run_of_another_user_keeps_its_interviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Leases(tmp_path).joined(ONE) as first:
        assert first.claim("0001") is None
        monkeypatch.setattr(process_identity, "started", lambda _: "")
        with pytest.raises(StoreError, match="another run holds"), Leases(tmp_path).joined(ONE):
            pass
        with Leases(tmp_path).joined(TWO) as second:
            assert second.claim("0001") is not None


def test_leases_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RENEWED", 0.01)
    with Leases(tmp_path).joined(ONE) as run:
        run.claim("0001")
        age(tmp_path, 1000)
        deadline = time.monotonic() + 10
        while min(path.stat().st_mtime for path in (tmp_path / "leases").iterdir()) < time.time() - 500:
            assert time.monotonic() < deadline, "not renewed"
            time.sleep(0.01)


def _hold(work: Path, ready: object) -> None:
    leases = Leases(work)
    with leases.joined(ONE):
        leases.claim("0001")
        (work / "leases" / f".0002@{leases.run}.json.77.tmp").write_text("half")
        ready.set()  # type: ignore[attr-defined]
        time.sleep(60)


def test_what_a_killed_run_held_is_free_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, ready))
    process.start()
    assert ready.wait(30) and process.pid is not None
    with pytest.raises(StoreError, match=f"pid {process.pid} on"), Leases(tmp_path).joined(ONE):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    with Leases(tmp_path).joined(ONE) as run:
        assert [path.name for path in (tmp_path / "leases").iterdir()] == [f"+run@{run.run}.json"]
        assert run.claim("0001") is None


def test_an_unreadable_lease_counts_until_it_is_old(tmp_path: Path) -> None:
    with Leases(tmp_path).joined(ONE) as run:
        (tmp_path / "leases" / "0001@abcabcabcabc.json").write_text('{"of": "another version"}')
        assert (held := run.claim("0001")) is not None and "unknown host" in str(held)
        age(tmp_path, EXPIRES + 1)
        assert run.claim("0001") is None


def vast(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 36)


@pytest.mark.parametrize("put", [Path.mkdir, vast], ids=["a folder", "64 GB of zeros"])
def test_what_is_no_lease_of_that_name_keeps_nobody_out_for_long(put: Callable[[Path], None], tmp_path: Path) -> None:
    """Nor does it stop a run that begins."""
    with Leases(tmp_path).joined(ONE) as run:
        for name in (RUN, "0001"):
            put(tmp_path / "leases" / f"{name}@abcabcabcabc.json")
        assert (held := run.claim("0001")) is not None and "unknown host" in str(held)
        age(tmp_path, EXPIRES + 1)
        assert run.claim("0001") is None
        put(tmp_path / "leases" / f"0002@{12 * 'd'}.json")
    with Leases(tmp_path).joined(ONE) as run:
        assert run.runs() == {run.run}


@pytest.mark.parametrize("left", [b"", bytes(100)])
def test_a_lease_that_a_power_cut_emptied_counts_for_nothing(tmp_path: Path, left: bytes) -> None:
    with Leases(tmp_path).joined(ONE) as run:
        (tmp_path / "leases" / "0001@abcabcabcabc.json").write_bytes(left)
        assert run.claim("0001") is None


@pytest.mark.usefixtures("elsewhere")
def test_of_many_that_claim_at_once_never_two_hold(tmp_path: Path) -> None:
    runs = [Leases(tmp_path) for _ in range(6)]
    holds: list[str] = []
    most: list[int] = []
    guard = threading.Lock()

    def work(run: Leases) -> None:
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            if run.claim("0001") is None:
                with guard:
                    holds.append(run.run)
                    most.append(len(holds))
                with guard:
                    holds.remove(run.run)
                run.release("0001")

    with ExitStack() as stack:
        for run in runs:
            stack.enter_context(run.joined(ONE))
        threads = [threading.Thread(target=work, args=(run,)) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert max(most) == 1 and len(most) > 3
