"""Rules about the tables at the top of a release: the labels, the card, the list of dropped interviews."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any, Final

import msgspec

from imigue_build.core.untrusted.csv_rows import CsvError, parse
from imigue_build.release.schema.layout import DROPPED, ID_PATTERN, LABELS, LABELS_HEADER, OUTCOMES, README
from imigue_build.release.validate.base import UNDECODABLE, Faults, Tree, control_in, shown
from imigue_build.release.validate.provenance import ProvenanceView

_FORMULA: Final = re.compile("[=+@\t\r-]")
"""What begins a formula of a spreadsheet."""


def check_labels(tree: Tree, folders: list[str], faults: Faults) -> None:
    """`labels.csv` has its header and one row per folder, sorted."""
    text = tree.read_text(LABELS, faults)
    if text is None:
        return
    try:
        rows = [row.fields for row in parse(io.StringIO(text, newline=""))]
    except CsvError as error:
        faults.add(LABELS, "labels-row", f"it is not CSV: {error}")
        return
    if not rows or tuple(rows[0]) != LABELS_HEADER:
        faults.add(LABELS, "labels-header", f"its first line is not {','.join(LABELS_HEADER)}")
        return
    for number, row in enumerate(rows[1:], 2):
        _check_label(row, number, faults)
    _check_label_ids([row[0] for row in rows[1:] if row], folders, faults)


def _check_label(row: list[str], number: int, faults: Faults) -> None:
    if len(row) != len(LABELS_HEADER):
        faults.add(LABELS, "labels-row", f"row {number} has {len(row)} cells instead of {len(LABELS_HEADER)}")
    elif row[3] not in OUTCOMES:
        faults.add(LABELS, "labels-outcome", f"row {number}: {shown(row[3])} is neither Win, Lose nor empty")
    for cell in row[1:]:
        if cell != " ".join(cell.split()) or control_in(cell):
            faults.add(LABELS, "labels-cell", f"row {number}: {shown(cell)} is not one line without blanks around")
        elif _FORMULA.match(cell):
            faults.add(LABELS, "labels-cell", f"row {number}: {shown(cell)} is a formula to spreadsheets")
    if row and not ID_PATTERN.fullmatch(row[0]):
        faults.add(LABELS, "labels-id", f"row {number}: {shown(row[0])} is not an id")


def _check_label_ids(ids: list[str], folders: list[str], faults: Faults) -> None:
    if ids != sorted(ids):
        faults.add(LABELS, "labels-sorted", "its rows are not sorted by video_id")
    for video_id, count in sorted(Counter(ids).items()):
        if count > 1:
            faults.add(LABELS, "labels-unique", f"{shown(video_id)} has {count} rows")
    for video_id in sorted(set(folders) - set(ids)):
        faults.add(LABELS, "labels-folders", f"the folder {video_id} has no row")
    for video_id in sorted(set(ids) - set(folders)):
        if ID_PATTERN.fullmatch(video_id):
            faults.add(LABELS, "labels-folders", f"the row {video_id} has no folder")


def check_card(tree: Tree, view: ProvenanceView, faults: Faults) -> None:
    """`README.md` has statistics, a licence note, a citation, and every tool and model with its revision."""
    text = tree.read_text(README, faults)
    if text is None:
        return
    if control := control_in(text):
        faults.add(README, "readme-content", f"it has the control character {control}")
    for content, pattern in {
        "statistics": r"\d",
        "licence note": r"licen[cs]",
        "citation": r"cit(e|ation)",
    }.items():
        if not re.search(pattern, text, re.IGNORECASE):
            faults.add(README, "readme-content", f"it has no {content}")
    for name, version in _texts(view.document.get("tools")).items():
        if name not in text or version not in text:
            faults.add(README, "readme-content", f"it does not name the tool {shown(name)} with {shown(version)}")
    for model in _objects(view.document.get("models")):
        if not all(part in text for part in (model.get("name"), model.get("revision")) if isinstance(part, str)):
            faults.add(README, "readme-content", f"it does not name the model {shown(str(model.get('name')))}")


def check_dropped(tree: Tree, folders: list[str], faults: Faults) -> None:
    """Every line of `dropped.jsonl` is an object with a `reason` and the `video_id` of a folder, and is there once."""
    if DROPPED not in tree.files:
        return
    lines = tree.read_lines(DROPPED, faults) or []
    twice = {line for line, count in Counter(lines).items() if count > 1}
    for number, line in enumerate(lines, 1):
        if line in twice:
            faults.add(DROPPED, "dropped-row", f"line {number} is there twice")
        try:
            row = msgspec.json.decode(line)
        except UNDECODABLE as error:
            faults.add(DROPPED, "dropped-row", f"line {number} is not JSON: {error}")
            continue
        for key in ("video_id", "reason"):
            if not isinstance(row, dict) or not isinstance(row.get(key), str) or not row[key]:
                faults.add(DROPPED, "dropped-row", f"line {number} has no {key}")
            elif key == "video_id" and row[key] not in folders:
                faults.add(DROPPED, "dropped-row", f"line {number}: {shown(row[key])} has no folder")
            elif control := control_in(row[key]):
                faults.add(DROPPED, "dropped-row", f"line {number}: its {key} has the control character {control}")


def _texts(value: object) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
