"""Python runs this at its start where this folder is on PYTHONPATH; so it runs in every process of a run.

Whatever turns to a network, a name service included, is written down in the file `QUIET_LOG`, and refused.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (
        event in ("socket.connect", "socket.bind", "socket.sendto") and not isinstance(arguments[1], str | bytes)
    ):
        with open(os.environ["QUIET_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{event} {arguments[1:]}\n")
        raise ConnectionError(f"a test used the network: {event}")


if "QUIET_LOG" in os.environ:
    sys.addaudithook(_refuse)
