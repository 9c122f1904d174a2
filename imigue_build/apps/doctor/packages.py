"""Python and the packages that a config's backends import: are they here, in versions that fit together."""

from __future__ import annotations

import re
import sys
from typing import Final, NamedTuple

from imigue_build.apps.doctor import gpu
from imigue_build.apps.doctor.check import Check, installed
from imigue_build.config import Config
from imigue_build.core import extras

_GPU: Final = extras.remedy("gpu")
_LAPTOP: Final = extras.remedy("laptop")


class _Package(NamedTuple):
    """A package, the versions that were made to work together, and how it is installed."""

    name: str
    fits: str
    extra: str
    requirement: str


_PACKAGES: Final = (
    _Package("faster-whisper", r"1\.[2-9].*", _LAPTOP, "'faster-whisper>=1.2.1,<2'"),
    _Package("whisperx", r"3\.8\..*", _GPU, "'whisperx>=3.8.6,<3.9'"),
    _Package("pyannote.audio", r"4\.0\..*", _GPU, "'pyannote.audio>=4.0.7,<4.1'"),
    _Package("torch", r"2\.8\..*", _GPU, "'torch==2.8.*' 'torchaudio==2.8.*'"),
)
_ANY_TORCH: Final = r"2\.([89]|[1-9]\d)\..*"
"""What does where no GPU is used: only builds for CUDA 12 go together with ctranslate2's."""


def python() -> list[Check]:
    """Python itself."""
    ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return [Check("python", ok, sys.version.split()[0], "use Python 3.11, 3.12 or 3.13")]


def examine(config: Config) -> list[Check]:
    """Each package, needed or not."""
    return [_check(package, config) for package in _PACKAGES]


def _check(package: _Package, config: Config) -> Check:
    needed = package.name in _needed(config)
    found = installed(package.name)
    if found is None:
        extra = _GPU if "torch" in _needed(config) else package.extra
        return Check(package.name, False, "not installed", extra, needed=needed)
    fits = package.fits
    if package.name == "torch" and not (gpu.used(config) and (gpu.needed(config) or gpu.visible())):
        fits = _ANY_TORCH
    ok = re.fullmatch(fits, found) is not None
    remedy = f"pip install {package.requirement}"
    return Check(package.name, ok, found if ok else f"{found} does not go with the others", remedy, needed=needed)


def _needed(config: Config) -> set[str]:
    """The packages that a config's backends import; whisperx brings faster-whisper and uses pyannote.audio's VAD."""
    backends = {config.recogniser.backend, config.diarize.backend}
    found: set[str] = set()
    if "faster-whisper" in backends:
        found |= {"faster-whisper"}
    if "whisperx" in backends:
        found |= {"whisperx", "faster-whisper", "pyannote.audio", "torch"}
    if "pyannote" in backends:
        found |= {"pyannote.audio", "torch"}
    return found
