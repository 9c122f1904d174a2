"""RAVDESS speech (Livingstone and Russo 2018): `Actor_01/03-01-06-01-02-01-01.wav`. Leave one speaker out.

The name encodes modality, vocal channel, class, intensity, statement, repetition and actor; songs are left out. Folders
are ignored, so the published archive, duplicates of its halves, or all files in one folder are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import Options, require_complete, sounds
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset, counts, listed, require_counts
from imigue_build.core.plurals import clause

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
    """RAVDESS speech from its folder.

    A copy with all actors and classes is accepted with a warning: single files are missing from many copies.

    Raises:
        UsageError: If it is missing, or actors or classes are.
    """
    takes: dict[str, Utterance] = {}
    other, duplicates = [], []
    for path in sounds(root):
        match = _NAME.fullmatch(path.stem)
        if match is None:
            other.append(path.name)
        elif match["channel"] == _SPEECH:
            take = path.stem[3:]  # the audio of a video and the audio-only file are one take; the latter is preferred
            known = takes.get(take)
            if known is not None:
                duplicates.append(path.name)
            if known is None or path.stem > known.id:
                takes[take] = Utterance(path.stem, path, CLASSES[match["label"]], match["actor"])
    many = clause(len(duplicates), "file", "occurs", "occur")
    warnings = [f"RAVDESS: {many} twice, one of each is used: {listed(duplicates)}"] if duplicates else []
    if other:
        warnings.append(f"RAVDESS: left out because of other names: {listed(other)}")
    dataset = build_dataset("RAVDESS", takes.values(), tuple(CLASSES.values()), "speaker", warnings=tuple(warnings))
    actors = {utterance.speaker for utterance in dataset.utterances}
    fault = require_counts("RAVDESS", counts(dataset.utterances, tuple(expected)), dict(expected), "classes")
    if fault and len(actors) != ACTORS:
        fault += f"; {len(actors)} of {ACTORS} actors"
    elif len(dataset.labels) == len(CLASSES):
        options = Options(options.labels, allow_partial=True)
    return require_complete(dataset, fault, (), options)
