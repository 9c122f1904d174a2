"""The command `imigue-build`. Commands are listed in the order in which their modules are imported here."""

# ruff: noqa: E402, F401, I001

from __future__ import annotations

import gc
import os
import signal
from types import FrameType

gc.set_threshold(100_000)  # new objects after which Python looks for garbage; a start makes nearly as many that stay

from imigue_build.cli import completion
from imigue_build.cli.output import kept_going
from imigue_build.cli.root import INTERRUPTED, app
from imigue_build.cli import demo, run
from imigue_build.cli import inspect, report, review, override, score
from imigue_build.cli import validate, gestures, convert, compare, reproduce
from imigue_build.cli import bench_ser, bench_text, bench_affect
from imigue_build.cli import doctor, models
from imigue_build.core.telemetry import no_telemetry


__all__ = ["app", "main"]


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 failures, 2 usage or configuration, 130 interrupted."""
    no_telemetry()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them takes long
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    try:
        with kept_going():
            completion.serve(lambda: app(prog_name="imigue-build"))
    finally:
        gc.freeze()  # Python searches all that is left for garbage when it ends


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """The first interrupt lets a run clean up, which takes a moment; a second one ends it at once."""
    signal.signal(signum, _leave)
    raise KeyboardInterrupt


def _leave(signum: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
