"""`labels.csv`: what is known of the person interviewed, and how the match ended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from imigue_build.core.records import Label
from imigue_build.core.untrusted.formula_cells import shielded
from imigue_build.release.schema.layout import LABELS_HEADER


def encode(labels: Iterable[Label]) -> bytes:
    """The file's content: one row an interview, in the order given; no spreadsheet takes a cell for a formula."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(LABELS_HEADER)
    for label in labels:
        facts = (label.subject_gender, label.subject_nationality, label.win_or_lose)
        table.writerow((label.video_id, *map(shielded, facts)))
    return text.getvalue().encode()
