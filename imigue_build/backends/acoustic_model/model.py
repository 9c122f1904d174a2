"""The English acoustic model in the pocketsphinx wheel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef, Provenance
from imigue_build.models.digests import remembered

FRAME: Final = 0.010
"""Frame shift of the model in seconds."""
REMEDY: Final = "reinstall it: pip install --force-reinstall pocketsphinx"


def model_folder() -> Path:
    """The folder that holds the acoustic model `en-us` and the dictionary.

    Raises:
        BackendError: If pocketsphinx is not installed.
    """
    try:
        version("pocketsphinx")
        from pocketsphinx import get_model_path
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", REMEDY) from error
    return Path(get_model_path("en-us"))


@cache
def model_provenance() -> Provenance:
    """Versions of the tools, and the model with a hash over its files.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    folder = model_folder()
    files = sorted([*(folder / "en-us").glob("*"), folder / "cmudict-en-us.dict"])
    try:
        digest = remembered("model", files, lambda: _digest(files))
    except OSError as error:
        raise BackendError(f"pocketsphinx's model {folder} cannot be read ({error.strerror})", REMEDY) from error
    release = version("pocketsphinx")
    model = ModelRef("pocketsphinx en-us acoustic and dictionary", release, digest)
    return Provenance({name: version(name) for name in ("num2words", "numpy")} | {"pocketsphinx": release}, (model,))


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()
