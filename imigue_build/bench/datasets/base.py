"""What the loaders share: their options, the files of a tree, and what a wrong count leads to."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imigue_build.bench.utterances import Dataset, listed
from imigue_build.errors import UsageError

SUFFIXES: Final = (".wav", ".flac", ".ogg")
PARTIAL: Final = "get the whole corpus, or take what is here with --allow-partial"


@dataclass(frozen=True)
class Options:
    """What a user says beside the root: a file of labels, and whether a part of a corpus will do."""

    labels: Path | None = None
    allow_partial: bool = False


WHOLE: Final = Options()


def sounds(root: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """The sound files under a folder, sorted; hidden ones are left out.

    Raises:
        UsageError: If it is no folder or holds none.
    """
    require_folder(root)
    found = [
        path
        for path in root.rglob("*")
        if path.suffix.lower() in suffixes
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and path.is_file()
    ]
    if not found:
        raise UsageError(f"{root} holds no sound file ({', '.join(suffixes)})", "name the corpus's folder as --root")
    return sorted(found)


def require_folder(root: Path) -> None:
    """Refuses what is no folder.

    Raises:
        UsageError: If it is none.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no folder", "name the corpus's folder as --root")


def judged(dataset: Dataset, fault: str, stray: Sequence[str], options: Options) -> Dataset:
    """The dataset, with its faults as warnings where a part will do.

    Raises:
        UsageError: If counts are wrong, or there are files without a label, and `--allow-partial` was not given.
    """
    faults = [fault] if fault else []
    if stray:
        faults.append(f"{dataset.name}: {len(stray)} sound files have no label: {listed(sorted(stray))}")
    if faults and not options.allow_partial:
        raise UsageError("\n  ".join(faults), PARTIAL)
    return dataclasses.replace(dataset, warnings=(*dataset.warnings, *faults))
