"""The corpora: one loader each, with its layout, labels, folds and expected counts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import DEFAULT_OPTIONS, Options
from imigue_build.apps.bench.utterances import Dataset
from imigue_build.core.errors import UsageError

NAMES: Final = ("emodb", "ravdess", "iemocap", "msp_improv", "emotiontalk", "emobox", "table", "release")
"""The modules of this package with a function `load`."""


def load(name: str, root: Path, options: Options = DEFAULT_OPTIONS) -> Dataset:
    """Loads a corpus from its folder (or its table).

    Raises:
        UsageError: If there is no loader of that name, or the corpus is incomplete.
    """
    module = name.lower().replace("-", "_")
    if module not in NAMES:
        raise UsageError(f"there is no dataset {name!r}", f"choose one of {', '.join(NAMES)}")
    dataset: Dataset = import_module(f"imigue_build.apps.bench.datasets.{module}").load(root, options)
    return dataset
