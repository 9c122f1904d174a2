"""What a benchmark leaves in its folder: the result, its tables, and more."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from imigue_build.bench.tables import Results, latex, markdown
from imigue_build.store.disk import guarded, make_folder, write_atomically


def write(out: Path, result: Mapping[str, Any], tables: Sequence[Results], more: Mapping[str, str]) -> None:
    """Writes result.json, table.md, table.tex and `more` (name -> text), each whole or not at all.

    Raises:
        StoreError: If the folder cannot be written.
    """
    files = {
        "result.json": json.dumps(result, indent=1) + "\n",
        "table.md": markdown(tables),
        "table.tex": latex(tables),
        **more,
    }
    with guarded(f"cannot write {out}"):
        make_folder(out)
        for name, content in files.items():
            write_atomically(out / name, content.encode())


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
