"""Python and the packages that a config's backends import: are they here, in versions that fit together."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from itertools import zip_longest

from imigue_build.apps.doctor import gpu
from imigue_build.backends import registry
from imigue_build.backends.check import Check, installed
from imigue_build.backends.spec import Package
from imigue_build.config import Config


def python() -> list[Check]:
    """Python itself."""
    ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return [Check("python", ok, sys.version.split()[0], "use Python 3.11, 3.12 or 3.13")]


def examine(config: Config) -> list[Check]:
    """Each package of a backend, needed by the config or not; what it needs comes first."""
    must = needed(config)
    others = _each_once(package for spec in registry.registry() for package in spec.packages)
    return [_check(package, config, package in must) for package in _each_once([*must, *others])]


def needed(config: Config) -> list[Package]:
    """The packages that a config's backends import, each once."""
    sections = [inner for section in config.backends.values() for inner in registry.working(section)]
    return _each_once(package for section in sections for package in registry.spec_of(section).packages)


def _each_once(packages: Iterable[Package]) -> list[Package]:
    """The first of each name."""
    found: dict[str, Package] = {}
    for package in packages:
        found.setdefault(package.name, package)
    return list(found.values())


def _check(package: Package, config: Config, must: bool) -> Check:
    found = installed(package.name)
    if found is None:
        return Check(package.name, False, "not installed", package.install, needed=must)
    on_gpu = gpu.used(config) and (gpu.needed(config) or gpu.visible())
    ok = fits(found, package.versions if on_gpu or not package.on_cpu else package.on_cpu)
    detail = found if ok else f"{found} does not go with the others"
    return Check(package.name, ok, detail, f"pip install {package.requirement}", needed=must)


def fits(version: str, versions: str) -> bool:
    """Whether a version is among those that pip would take; of what follows its numbers nothing counts.

    >>> fits("1.2.10", ">=1.2.1,<2"), fits("2.8.0+cu128", "==2.8.*"), fits("2.13.0", "==2.8.*"), fits("2", ">=2.0")
    (True, True, False, True)
    """
    return all(_meets(version, clause.strip()) for clause in versions.split(",") if clause.strip())


def _meets(version: str, clause: str) -> bool:
    parsed = re.fullmatch(r"(==|>=|<=|<|>|!=|~=)\s*([\d.]+?)(\.\*)?", clause)
    if parsed is None:
        return True  # what is not understood here, pip has seen to
    found, stated = _numbers(version), _numbers(parsed[2])
    if parsed[3]:
        found = found[: len(stated)]
    pairs = list(zip_longest(found, stated, fillvalue=0))
    order = next((left - right for left, right in pairs if left != right), 0)
    if parsed[1] == "~=":
        return order >= 0 and found[: len(stated) - 1] == stated[:-1]
    return {"==": order == 0, "!=": order != 0, ">=": order >= 0, "<=": order <= 0, "<": order < 0, ">": order > 0}[
        parsed[1]
    ]


def _numbers(version: str) -> list[int]:
    """The numbers at the beginning of a version."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return [int(part) for part in found[0].split(".")] if found else []
