"""Which features there are, and the contract of what computes them from sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from imigue_build.config import is_local
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.sound import Signal

    Values = NDArray[np.float32]  # (size,), or (layers, size) of an encoder

BUILTIN_NAMES: Final = ("builtin", "builtin+speaker", "speaker", "opensmile")
"""Features that need no encoder."""
_WHISPER: Final = re.compile(r"(?:(builtin|speaker|builtin\+speaker)\+)?whisper(?::(.+))?")
_REPOSITORY: Final = re.compile(r"[^+:]+/[^+:]+")
"""An encoder's name on the hub."""
_ALIASES: Final = {"built-in": "builtin", "egemaps": "opensmile"}


class WhisperFeatures(NamedTuple):
    """The encoder of a Whisper, by its size, name on the hub or folder, and the built-in features before it, if any."""

    before: str
    model: str


@dataclass(frozen=True)
class FeatureSpec:
    """Which features: one of `BUILTIN_NAMES`; `whisper[:MODEL]`, also after one of them and a plus; or a Hugging Face
    speech encoder by its name or folder.

    `layer` is of encoders alone: a number (0 is the input of the first layer), `last`, `weighted` (a learnt sum), or
    `all`, each by itself.
    """

    name: str = "builtin"
    layer: str = "last"
    revision: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"

    @property
    def is_builtin(self) -> bool:
        """Whether it needs no encoder."""
        return self.name in BUILTIN_NAMES

    @property
    def whisper(self) -> WhisperFeatures | None:
        """What its name says of a Whisper's encoder; None if it names none."""
        if (found := _WHISPER.fullmatch(self.name)) is None:
            return None
        return WhisperFeatures(found[1] or "", found[2] or "base")


def spec_of(
    name: str, layer: str = "last", revision: str | None = None, device: Literal["auto", "cpu", "cuda"] = "auto"
) -> FeatureSpec:
    """A checked spec.

    Raises:
        UsageError: If there are no such features, or no such layer.
    """
    name = _ALIASES.get(name, name)
    spec = FeatureSpec(name, layer, revision, device)
    if not (spec.is_builtin or spec.whisper or is_local(name) or _REPOSITORY.fullmatch(name)):
        raise UsageError(
            f"there are no features {name!r}",
            f"choose {', '.join(BUILTIN_NAMES)}, whisper[:MODEL], builtin+whisper[:MODEL], "
            "or an encoder's name or folder",
        )
    if not (layer in ("last", "weighted", "all") or layer.removeprefix("-").isdecimal()):
        raise UsageError(f"{layer!r} is not a layer", "give a number, last, weighted or all")
    if spec.whisper and layer != "last":
        raise UsageError(
            f"--layer {layer}: CTranslate2 gives the last layer of a Whisper alone", "leave it out, or name an encoder"
        )
    if spec.is_builtin and (revision is not None or layer != "last"):
        given = "layer" if layer != "last" else "revision"
        raise UsageError(
            f"--{given} applies to encoders, not to the features {name}", "leave it out, or name an encoder"
        )
    return spec


class Extractor(Protocol):
    """Features of utterances.

    `identity` holds all that decides their values besides the sound: name, revision, settings, versions of tools.
    `parallel` says whether several processes may each run one at once.
    """

    identity: dict[str, object]
    parallel: bool

    def extract(self, signals: Sequence[Signal]) -> list[Values]:
        """The features of each of the signals."""
        ...
