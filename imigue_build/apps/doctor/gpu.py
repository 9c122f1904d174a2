"""The GPU: is it there, do driver, torch and ctranslate2 get on with it, has it enough memory."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, Final

from imigue_build.apps.doctor.memory import memory
from imigue_build.backends import registry
from imigue_build.backends.check import Check, ask, first_line, installed, last_line
from imigue_build.config import Config
from imigue_build.core.system import Gpu, gpus

_QUICK: Final = 20.0
_TORCH: Final = 120.0
_NO_TORCH: Final = "pip install 'torch==2.8.*' 'torchaudio==2.8.*'"
_OLDEST: Final = {11: 450, 12: 525, 13: 580}
"""CUDA -> the oldest driver that runs it (NVIDIA's table of minor version compatibility)."""
_LIBRARIES: Final = {"libcublas.so.12": "nvidia-cublas-cu12", "libcudnn.so.9": "'nvidia-cudnn-cu12==9.*'"}
"""CUDA library -> the package that holds it."""
_ASK_TORCH: Final = """
import json, torch
found = {"cuda": torch.version.cuda, "available": torch.cuda.is_available(), "error": ""}
try:
    torch.zeros(8, device="cuda").sum().item()
except Exception as error:
    found["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
print("\\n" + json.dumps(found))
"""
_LOAD: Final = """
import ctypes, glob, json, site, sys
found = {}
for name in sys.argv[1:]:
    places = [name] + [p for s in sys.path for p in sorted(glob.glob(f"{s}/nvidia/*/lib/{name}"))]
    for place in places:
        try:
            ctypes.CDLL(place, ctypes.RTLD_GLOBAL)
            found[name] = "" if place == name else "torch"
            break
        except OSError as error:
            found.setdefault("error " + name, str(error))
print("\\n" + json.dumps(found))
"""


def visible() -> list[Gpu]:
    """The NVIDIA GPUs that the driver shows; empty where there is none."""
    return list(gpus())


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else 0.0


def needed(config: Config) -> bool:
    """Whether a config cannot run without a GPU: it says so, or its arithmetic is one of GPUs."""
    return any(registry.needs(section).gpu == "yes" for section in config.backends.values())


def used(config: Config) -> bool:
    """Whether a config's stages would use a GPU if there is one."""
    return any(registry.needs(section).gpu != "no" for section in config.backends.values())


def libraries(config: Config) -> list[str]:
    """The CUDA libraries that the packages of a config's backends open by name."""
    sections = [inner for section in config.backends.values() for inner in registry.working(section)]
    packages = [package for section in sections for package in registry.spec_of(section).packages]
    return list(dict.fromkeys(package.library for package in packages if package.library))


def with_torch(config: Config) -> bool:
    """Whether a config's stages import torch."""
    sections = [inner for section in config.backends.values() for inner in registry.working(section)]
    return any(package.name == "torch" for section in sections for package in registry.spec_of(section).packages)


def examine(config: Config) -> list[Check]:
    """All that concerns the GPU; but its presence only what a config that uses one needs."""
    found, must = visible(), needed(config)
    checks = [_presence(found, must)]
    if not used(config) or not (found or must):
        return checks
    torch = with_torch(config)
    if names := libraries(config):
        checks.append(_libraries(names, torch, must))
    if torch:
        checks += _torch(found, must)
    return [*checks, *memory(config, min((gpu.gib for gpu in found), default=0.0))]


def _presence(gpus: list[Gpu], must: bool) -> Check:
    detail = ", ".join(f"{gpu.name} ({gpu.gib:.0f} GiB, driver {gpu.driver})" for gpu in gpus)
    remedy = "only a GPU recipe needs one; the others run on the processor"
    if must:
        remedy = (
            "install the NVIDIA driver (Ubuntu: sudo ubuntu-drivers install) until nvidia-smi lists it; without a GPU: "
            "--set transcribe.device=cpu --set transcribe.compute_type=int8 --set diarize.device=cpu"
        )
    return Check("GPU", bool(gpus), detail or "none visible", remedy, needed=must)


def _libraries(names: list[str], torch: bool, must: bool) -> Check:
    """The libraries that packages open by name at first use, not when they are installed."""
    found = _child(_LOAD, names, _QUICK)
    missing = [name for name in names if name not in found]
    outside = [name for name in names if found.get(name) == "torch"] if not torch else []
    remedy = f"pip install {' '.join(_LIBRARIES.get(name, name) for name in missing or names)}"
    if not torch:  # torch loads them from its own folders; without it the loader must be told
        lead = 'print(*__import__("nvidia.cublas.lib").cublas.lib.__path__)'
        remedy += f", then: export LD_LIBRARY_PATH=$(python -c '{lead}')"
    if not missing and not outside:
        return Check("CUDA libraries", True, ", ".join(names), remedy, needed=must)
    faults = [first_line(str(found.get(f"error {name}") or f"{name} cannot be loaded")) for name in missing]
    faults += [f"{name} is installed, but not where it is looked for" for name in outside]
    return Check("CUDA libraries", False, "; ".join(faults), remedy, needed=must)


def _torch(gpus: list[Gpu], must: bool) -> list[Check]:
    """Torch's build against the driver, and a first sum on the GPU."""
    if installed("torch") is None:
        return [Check("torch on the GPU", False, "torch is not installed", f"make gpu, or {_NO_TORCH}", needed=must)]
    found = _child(_ASK_TORCH, [], _TORCH)
    if "cuda" not in found:
        fault = str(found.get("fault", "it cannot be imported"))
        return [Check("torch on the GPU", False, fault, f"pip install --force-reinstall {_NO_TORCH[12:]}", needed=must)]
    build = found["cuda"]
    if build is None:
        remedy = f"pip install --force-reinstall {_NO_TORCH[12:]}"
        return [Check("torch on the GPU", False, "this torch is built for the processor alone", remedy, needed=must)]
    oldest = _OLDEST.get(int(_number(str(build).split(".")[0])), 0)
    old = [gpu.driver for gpu in gpus if 0 < _number(gpu.driver.split(".")[0]) < oldest]
    detail = (
        f"driver {old[0]}, but torch's CUDA {build} needs {oldest} or newer" if old else f"fits torch's CUDA {build}"
    )
    update = f"update the NVIDIA driver to {oldest} or newer (Ubuntu: sudo ubuntu-drivers install), then restart"
    works = bool(found["available"]) and not found["error"]
    said = "a sum was computed on it" if works else found["error"] or "torch sees no GPU"
    remedy = "check CUDA_VISIBLE_DEVICES and nvidia-smi; if the driver was updated, restart the machine"
    return [
        Check("driver", not old and bool(gpus), detail if gpus else "no GPU visible", update, needed=must),
        Check("torch on the GPU", works, str(said)[:200], update if old else remedy, needed=must),
    ]


def _child(script: str, arguments: list[str], timeout: float) -> dict[str, Any]:
    """What a script prints as JSON in its last line, in a Python of its own; `fault` where it prints none."""
    said = ask([sys.executable, "-P", "-c", script, *arguments], timeout)
    try:
        found = json.loads(said.output.strip().splitlines()[-1])
        return found if isinstance(found, dict) else {"fault": "no answer"}
    except (ValueError, IndexError):
        return {"fault": last_line(said.output)}
