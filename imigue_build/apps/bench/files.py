"""The files that a benchmark writes: the result, its tables, predictions."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from imigue_build.apps.bench.tables import Results, latex, markdown
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import open_regular
from imigue_build.store.disk import guarded, make_folder, write_atomically

NAMES: Final = ("result.json", "table.md", "table.tex", "predictions.csv", "segments.csv")
"""The files that may be written, besides plots."""


def require_place(out: Path | None, probe: Path | None = None) -> None:
    """Checks before the computation that results can be written to these places.

    Args:
        out: The folder of the results.
        probe: The file of a probe.

    Raises:
        UsageError: If there are files that no benchmark wrote.
    """
    if out is not None and out.exists():
        if not out.is_dir():
            raise UsageError(f"--out {out} is not a folder", "name a new one")
        existing = [name for name in NAMES if (out / name).exists()]
        if existing and not _is_result(out / "result.json"):
            message = f"--out {out} contains {', '.join(existing)}, which no benchmark wrote"
            raise UsageError(message, "name another folder")
    if probe is not None and probe.exists() and not (probe.is_file() and zipfile.is_zipfile(probe)):
        raise UsageError(f"--save-probe {probe} exists and is not a probe", "name a new file")


def _is_result(result: Path) -> bool:
    try:
        with open_regular(result) as file:
            return "imigue-build" in json.load(file)["tools"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def write(out: Path, result: Mapping[str, Any], tables: Sequence[Results], more: Mapping[str, str]) -> None:
    """Writes result.json, table.md, table.tex and `more` (name -> text), each atomically.

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
