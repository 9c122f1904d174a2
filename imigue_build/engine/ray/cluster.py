"""The way to a Ray cluster: one that runs already, or one of this machine alone that nobody else can reach."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from imigue_build.core import extras
from imigue_build.core.errors import UsageError
from imigue_build.engine.ray.placement import Node

_ANSWER: Final = 5.0
"""Seconds within which a cluster has to answer."""
_STORE: Final = 80 << 20
"""Bytes of Ray's object store: its smallest, for nothing but small records travels."""
_LOCAL: Final = "local"


@contextmanager
def connected(address: str | None, cpus: int) -> Iterator[Any]:
    """The module `ray`, connected while inside.

    Args:
        address: HOST:PORT of the cluster's head, or `auto` for the one that this machine belongs to; None is
            what RAY_ADDRESS says, else a cluster of this machine alone, with so many `cpus`, on its loopback.

    Raises:
        UsageError: If Ray is not installed or there is no such cluster.
    """
    extras.require("ray", "--executor ray", ", on every node")
    address = address or os.environ.get("RAY_ADDRESS") or _LOCAL
    _check(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    options: dict[str, Any] = {}
    if address == _LOCAL:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # as there, Ray then stays on the loopback
        os.environ.setdefault("RAY_AUTH_MODE", "token")  # its default; said here, it is not announced
        options = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": _STORE}
        options["_node_ip_address"] = "127.0.0.1"
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    ray._private.worker.print_to_stdstream = _into_the_log  # what Ray would print, whatever log_to_driver says
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    if threading.current_thread() is not threading.main_thread():
        handlers = {}  # then neither Ray nor we may set any
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
        raise UsageError(
            f"--ray-address {address}: {_first_line(error)}",
            "`ray status` says whether it runs; one that asks for a token needs RAY_AUTH_MODE=token here, too",
        ) from error
    finally:
        for number, handler in handlers.items():  # Ray's own would end the process, not the run
            signal.signal(number, handler)
    try:
        yield ray
    finally:
        ray.shutdown()


def living_nodes(ray: Any) -> list[Node]:
    """The nodes that take work just now."""
    return [
        Node(
            node["NodeID"],
            node["NodeManagerHostname"],
            float(node["Resources"].get("CPU", 0)),
            float(node["Resources"].get("GPU", 0)),
        )
        for node in ray.nodes()
        if node["Alive"]
    ]


def how_ended(error: Exception) -> str:
    """How an actor ended, in a few words."""
    text = str(error).strip()
    if "memory" in text and "threshold" in text:
        return "its node ran out of memory"
    if "unexpectedly exits with a connection error" in text:
        return "it was killed or crashed"
    found = re.search(r"exit detail: ([^.\n]+)", text)
    return found[1] if found else text.rpartition("\n")[2] or type(error).__name__


def _check(address: str) -> None:
    """Whether somebody listens at an address; Ray itself waits for minutes before it says so."""
    if address in (_LOCAL, "auto"):
        return
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal():
        raise UsageError(
            f"--ray-address {address} is no address of a cluster's head",
            "write it as HOST:PORT, e.g. 10.0.0.1:6379, or auto; run the command on a node of the cluster",
        )
    try:
        socket.create_connection((host, int(port)), _ANSWER).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"nobody answers at --ray-address {address} ({error})", "start the cluster first: ray start --head"
        ) from error


def _into_the_log(data: dict[str, Any], *_: object, **__: object) -> None:
    logging.getLogger("imigue_build.ray").info("Ray says: %s", "\n".join(data.get("lines", ())))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
