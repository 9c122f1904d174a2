"""What this machine has: processor cores, memory, GPUs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from typing import Final, NamedTuple

from imigue_build.core.secrets import without_tokens

_QUICK: Final = 20.0
_USUAL_GIB: Final = 24.0


class Gpu(NamedTuple):
    """A GPU as the driver shows it; `device` is what CUDA_VISIBLE_DEVICES calls it."""

    name: str
    gib: float
    driver: str
    device: str


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory() -> int:
    """Bytes of memory that programs can still take."""
    import psutil

    return int(psutil.virtual_memory().available)


def gpus() -> tuple[Gpu, ...]:
    """The NVIDIA GPUs that the driver shows and CUDA_VISIBLE_DEVICES allows; empty where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = [program, "--query-gpu=name,memory.total,driver_version,uuid", "--format=csv,noheader,nounits"]
    try:
        found = subprocess.run(query, env=without_tokens(), capture_output=True, text=True, timeout=_QUICK, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    rows = [[cell.strip() for cell in line.rsplit(",", 3)] for line in found.stdout.splitlines() if line.strip()]
    numbered = list(enumerate(row for row in rows if len(row) == 4))
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    wanted = allowed.split(",") if allowed is not None else [str(number) for number, _ in numbered]
    return tuple(
        Gpu(name, _number(mib) / 1024, driver, device.strip())
        for device in wanted
        for number, (name, mib, driver, uuid) in numbered
        if device.strip() and (device.strip() == str(number) or uuid.startswith(device.strip()))
    )


def gpu_share(gib: float) -> float:
    """The share in (0, 1] that so much memory is of the smallest GPU here, or of a usual one where there is none."""
    return min(1.0, round(gib / _smallest(), 3))


@cache
def _smallest() -> float:
    return min((gpu.gib for gpu in gpus() if gpu.gib), default=_USUAL_GIB)


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else 0.0
