"""Running other programs: each with all that it starts, within a time limit, and never longer than this process.

A program gets a process group (and session) of its own, which is killed when the program ends, takes too long, or is
interrupted. Where this process is killed, its watchdog (`core/watchdog.py`) kills the group; on Linux the system
kills the program itself even if the watchdog is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import IO, Final

from imigue_build.core.process_tree import dying_with_us, kill_tree
from imigue_build.core.secrets import without_tokens

TakeLine = Callable[[bytes], object]

_LONGEST_LINE: Final = 1024
"""Bytes; the rest of a longer line comes as lines of its own."""
_CHUNK: Final = 4096
_PAUSE: Final = 0.05
_AWAKE: Final = 0.2
"""Seconds after which a signal is noticed even if it came in the moment before this thread began to wait."""
_DRAIN: Final = 5.0
"""Seconds for the last output of a group that was killed; a process that left the group may hold it open for ever."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    output: TakeLine,
    errors: TakeLine | None = None,
    started: Callable[[int], object] | None = None,
) -> int:
    """Runs a program, without input, until it ends; whatever it has started and left ends with it.

    Args:
        timeout: Seconds.
        output: Takes each line of standard output as bytes, at most 1024, with its end; called in another thread.
        errors: Takes standard error likewise; by default, both go to `output`.
        started: Is called with the program's process number.

    Returns:
        The exit status; below zero the number of the signal that killed it.

    Raises:
        OSError: If it cannot be started.
        subprocess.TimeoutExpired: If it took longer, and was killed.
    """
    from concurrent.futures import ThreadPoolExecutor, wait

    stop = Event()
    with ThreadPoolExecutor(1) as thread:  # no signal interrupts a thread between start and end of the program
        try:
            done = thread.submit(_run, command, environment, timeout, (output, errors), started, stop)
            while not done.done():
                wait((done,), _AWAKE)
            return done.result()
        finally:
            stop.set()


@contextmanager
def removed_with_us(folder: Path) -> Iterator[None]:
    """Has the watchdog remove a folder if this process is killed within the block."""
    name = _watchdog.new_name()
    _watchdog.note(name, "folder", os.fsencode(folder.absolute()).hex())
    try:
        yield
    finally:
        _watchdog.forget(name)


def killed_by(status: int) -> signal.Signals | None:
    """The signal that killed a program, by its exit status or by that of a shell that ran it; None where none did."""
    number = -status if status < 0 else status - 128
    with suppress(ValueError):
        return signal.Signals(number) if status < 0 or status > 128 else None
    return None


def _run(
    command: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    sinks: tuple[TakeLine, TakeLine | None],
    started: Callable[[int], object] | None,
    stop: Event,
) -> int:
    """As `run`; ends early where `stop` is set."""
    name = _watchdog.new_name()
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if sinks[1] else subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
            preexec_fn=_watchdog.joining(name),
        )
        _watchdog.note(name, "group", str(process.pid))
    except BaseException:
        _watchdog.forget(name)
        raise
    readers: list[Thread] = []
    try:
        readers = [_reader(stream, take) for stream, take in zip((process.stdout, process.stderr), sinks, strict=True)]
        if started:
            started(process.pid)
        _wait(process, readers[0], timeout, stop)
    finally:
        _end(process)
        _watchdog.forget(name)
        for reader in readers:
            reader.join(_DRAIN)
    return process.returncode


def _reader(stream: IO[bytes] | None, take: TakeLine | None) -> Thread:
    def read() -> None:
        if stream is not None and take is not None:
            with stream:
                for line in _lines(stream):
                    take(line)

    thread = Thread(target=read, daemon=True)
    thread.start()
    return thread


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of an unbuffered stream. A buffered one cannot be left alone while a thread waits for it to end."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        rest += chunk
        while (end := rest.find(b"\n", 0, _LONGEST_LINE) + 1) or len(rest) >= _LONGEST_LINE:
            size = end or _LONGEST_LINE
            yield rest[:size]
            rest = rest[size:]
    if rest:
        yield rest


def _wait(process: subprocess.Popen[bytes], reader: Thread, timeout: float, stop: Event) -> None:
    """Waits until a program has ended; it stays a zombie, so that its number is not given to another one."""
    deadline = time.monotonic() + timeout
    pause = 0.001
    while not (_has_ended(process) or stop.is_set()):
        left = deadline - time.monotonic()
        if left <= 0:
            raise subprocess.TimeoutExpired(process.args, timeout)
        if reader.is_alive():
            reader.join(min(_PAUSE, left))  # its end is usually the program's, and known at once
        else:
            time.sleep(min(pause, left))
            pause = min(2 * pause, _PAUSE)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if hasattr(os, "waitid"):
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return process.poll() is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None and not _has_ended(process):
        kill_tree(process.pid)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Watchdog:
    """This process's watchdog, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names = count()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._left: dict[str, tuple[str, str]] = {}

    def new_name(self) -> str:
        """A name for what it has to kill or remove."""
        return str(next(self._names))

    def note(self, name: str, kind: str, value: str) -> None:
        """Says what has to be killed or removed."""
        with self._lock:
            self._ensure()
            self._left[name] = kind, value
            self._say(name, kind, value)

    def forget(self, name: str) -> None:
        """Says what does not have to be killed or removed any more."""
        with self._lock:
            self._left.pop(name, None)
            self._say(name)

    def joining(self, name: str) -> Callable[[], None]:
        """What a new child calls, before it becomes a program, to end with us: there is no moment when it would not."""
        die = dying_with_us()
        with self._lock:
            self._ensure()
            pipe = self._process.stdin if self._process else None

        def join() -> None:
            if die is not None:
                die()
            if pipe is not None:
                with suppress(OSError):
                    os.write(pipe.fileno(), f"{name} group {os.getpid()}\n".encode("ascii"))

        return join

    def _ensure(self) -> None:
        """Starts a watchdog where there is none, or only that of the process from which this one was forked."""
        if self._owner != os.getpid():
            self._process, self._owner, self._left = None, os.getpid(), {}
        if self._process is None or self._process.poll() is not None:
            self._process = _start_watchdog()
            for name, (kind, value) in self._left.items():
                self._say(name, kind, value)

    def _say(self, *words: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # it was killed, and is replaced at the next start
                self._process.stdin.write(f"{' '.join(words)}\n".encode("ascii"))


def _start_watchdog() -> subprocess.Popen[bytes] | None:
    """A new watchdog; None where none can be had, as when memory is short."""
    program = Path(__file__).with_name("watchdog.py")
    with suppress(OSError):
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(program)],
            env=without_tokens(),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
    return None


_watchdog: Final = _Watchdog()
