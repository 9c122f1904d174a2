"""A split into training and test that a table gives, such as iMiGUE's official one: by subject, or by interview."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from imigue_build.apps.bench.corpus import Corpus
from imigue_build.apps.bench.utterances import listed
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus.splits import read_split_table

PARTS: Final = ("train", "test")


def read_split(path: Path, corpus: Corpus) -> tuple[dict[str, str], tuple[str, ...]]:
    """Video id -> `train` or `test`, of the interviews in the split; and warnings.

    Args:
        path: A CSV with the columns `split` and `subject_id`, or `split` and `video_id`.
        corpus: The release; a split by subject needs its subjects.

    Raises:
        UsageError: If it is not such a table, contradicts itself, or matches no interview.
    """
    table = read_split_table(path, _part, "the parts are train and test")
    found = table.of({interview.video_id: interview.subject for interview in corpus.interviews})
    if missing := [part for part in PARTS if part not in found.values()]:
        names = listed(sorted(table.parts))
        message = f"{shown(path)} assigns no interview of {shown(corpus.root)} to {' or '.join(missing)}"
        raise UsageError(f"{message} (it lists {names})", "check its ids")
    return found, table.warnings


def _part(cell: str) -> str | None:
    return part if (part := cell.casefold()) in PARTS else None
