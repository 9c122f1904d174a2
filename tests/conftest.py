"""Numeric libraries get one thread, as in the workers of a run: more only get in each other's way here.

Property tests take the same examples every time; `--hypothesis-profile=search` draws many others.

Ctrl-C reaches the programs that tests start, also where the tests run in a shell's background, which ignores it.

What a test, or code that it runs, sets in the environment ends with it. The user's seal has a key of its own.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from imigue_build.engine.worker import thread_limits

_STATE = tempfile.TemporaryDirectory(prefix="imigue-tests-")
os.environ.update(thread_limits(1))
os.environ["XDG_STATE_HOME"] = _STATE.name

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if find_spec("hypothesis"):
    from hypothesis import settings

    settings.register_profile("same", deadline=None, derandomize=True, database=None)
    settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
    settings.load_profile("same")


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    if os.environ != before:
        os.environ.clear()
        os.environ.update(before)
