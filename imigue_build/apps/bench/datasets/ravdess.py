"""RAVDESS speech (Livingstone and Russo 2018): `Actor_01/03-01-06-01-02-01-01.wav`. Leave one speaker out.

The name says modality, vocal channel, class, intensity, statement, repetition and actor; songs are left out. Folders
play no part, so that the zip as it is published, one of its halves unpacked twice, or all files in one folder will do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import Options, judged, sounds
from imigue_build.apps.bench.utterances import Dataset, Utterance, counts, listed, made, require_counts

CLASSES: Final = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
COUNTS: Final = {name: 96 if name == "neutral" else 192 for name in CLASSES.values()}
ACTORS: Final = 24
_NAME: Final = re.compile(
    r"(?P<modality>0[13])-(?P<channel>0[12])-(?P<label>0[1-8])-0[12]-0[12]-0[12]-(?P<actor>\d\d)", re.ASCII
)
_SPEECH: Final = "01"


def load(root: Path, options: Options, expected: Mapping[str, int] = COUNTS) -> Dataset:
    """RAVDESS's speech from its folder.

    A part that still has all actors and all classes is taken with a warning: single files are missing from many copies.

    Raises:
        UsageError: If it is not there, or actors or classes are missing.
    """
    takes: dict[str, Utterance] = {}
    stray, twice = [], []
    for path in sounds(root):
        match = _NAME.fullmatch(path.stem)
        if match is None:
            stray.append(path.name)
        elif match["channel"] == _SPEECH:
            take = path.stem[3:]  # the sound of a video and the sound alone are one take; the latter goes first
            known = takes.get(take)
            if known is not None:
                twice.append(path.name)
            if known is None or path.stem > known.id:
                takes[take] = Utterance(path.stem, path, CLASSES[match["label"]], match["actor"])
    warnings = [f"RAVDESS: {len(twice)} files are there twice, one of each is taken: {listed(twice)}"] if twice else []
    if stray:
        warnings.append(f"RAVDESS: {len(stray)} files have other names and are left out: {listed(stray)}")
    dataset = made("RAVDESS", takes.values(), tuple(CLASSES.values()), "speaker", warnings=tuple(warnings))
    actors = {utterance.speaker for utterance in dataset.utterances}
    fault = require_counts("RAVDESS", counts(dataset.utterances, tuple(expected)), dict(expected), "classes")
    if fault and len(actors) != ACTORS:
        fault += f"; {len(actors)} of {ACTORS} actors"
    elif len(dataset.labels) == len(CLASSES):
        options = Options(options.labels, allow_partial=True)
    return judged(dataset, fault, (), options)
