"""Numeric libraries get one thread, as in the workers of a run: more only get in each other's way here.

Ctrl-C reaches the programs that tests start, also where the tests run in a shell's background, which ignores it.
"""

from __future__ import annotations

import os
import signal

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
