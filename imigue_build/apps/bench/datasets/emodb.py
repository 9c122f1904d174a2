"""EmoDB (Burkhardt et al. 2005): `wav/03a01Fa.wav` (speaker, text, class, version). Leave one speaker out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import Options, require_complete, sounds
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset, counts, require_counts

CLASSES: Final = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happiness",
    "T": "sadness",
    "N": "neutral",
}
COUNTS: Final = {
    "anger": 127,
    "boredom": 81,
    "disgust": 46,
    "fear": 69,
    "happiness": 71,
    "sadness": 62,
    "neutral": 79,
}
_NAME: Final = re.compile(r"(?P<speaker>\d\d)[ab]\d\d(?P<label>[WLEAFTN])[a-z]?")


def load(root: Path, options: Options, expected: Mapping[str, int] = COUNTS) -> Dataset:
    """EmoDB from its folder, or from the folder of its WAVs.

    Raises:
        UsageError: If it is missing or incomplete.
    """
    found, stray = [], []
    for path in sounds(root):
        match = _NAME.fullmatch(path.stem)
        if match is None:
            stray.append(path.name)
        else:
            found.append(Utterance(path.stem, path, CLASSES[match["label"]], match["speaker"]))
    dataset = build_dataset("EmoDB", found, tuple(CLASSES.values()), "speaker")
    fault = require_counts("EmoDB", counts(found, tuple(expected)), dict(expected), "classes")
    return require_complete(dataset, fault, stray, options)
