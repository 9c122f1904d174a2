"""An iMiGUE-Speech release with a user's own labels of its segments.

The labels are a CSV with the columns `segment` (`0440/interviewee/segment_001`, with or without `.wav`) and `label`;
or `video_id`, `segment` (`segment_001`), perhaps `role`, and `label`. `speaker` and `fold` mean the same as in a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from imigue_build.apps.bench.datasets.base import NOTHING, Options, faulty, table
from imigue_build.apps.bench.datasets.table import fold_of, protocol_of
from imigue_build.apps.bench.utterances import Dataset, Utterance, made
from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.core.untrusted.bounded_csv import Record
from imigue_build.release.schema.layout import MANIFEST

_REMEDY: Final = "see what `imigue-build validate` says of the release"
_SUFFIX: Final = re.compile(r"\.wav$", re.IGNORECASE)


class Segment(msgspec.Struct):
    """What is used of a manifest's row; `clip` is None where a segment has no sound of its own."""

    video_id: str
    role: str
    segment_id: str | None
    speaker: str
    clip: str | None


def segments(release: Path) -> Iterator[Segment]:
    """The rows of a release's manifest.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its manifest cannot be read.
    """
    path = release / MANIFEST
    if not path.is_file():
        raise UsageError(f"{release} is no release: it holds no {MANIFEST}", "name the folder of a release")
    try:
        rows = path.read_bytes().splitlines()
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read ({error.strerror})", _REMEDY) from error
    for number, line in enumerate(rows, 1):
        try:
            row = msgspec.json.decode(line, type=Segment)
        except msgspec.DecodeError as error:
            raise ReleaseError(f"{path}, line {number}: {error}", _REMEDY) from error
        if row.clip and (PurePosixPath(row.clip).is_absolute() or ".." in PurePosixPath(row.clip).parts):
            raise ReleaseError(f"{path}, line {number}: the clip {row.clip} is not in the release", _REMEDY)
        yield row


def load(root: Path, options: Options) -> Dataset:
    """The labelled clips of a release. An athlete's interviews count as different speakers unless the labels name them.

    Raises:
        UsageError: If there are no labels, or they have faults; all of them are named.
        ReleaseError: If the release cannot be read.
    """
    if options.labels is None:
        raise UsageError("a release has no emotion labels of its own", "give a CSV segment,label as --labels")
    clips = {_SUFFIX.sub("", one.clip): one for one in segments(root) if one.clip}
    faults: list[str] = []
    found: list[Utterance] = []
    unnamed = False
    rows, notes = table(options.labels, ("segment", "label"))
    for row in rows:
        name = clip_name(row)
        clip = clips.get(name)
        label = row.fields["label"]
        if clip is None or clip.clip is None:
            faults.append(f"line {row.line}: the release has no clip {name}")
        elif label.lower() in NOTHING:
            faults.append(f"line {row.line}: {name} has no label")
        else:
            speaker = row.fields.get("speaker") or None
            unnamed = unnamed or speaker is None
            speaker = speaker or f"{clip.video_id}/{clip.speaker}"
            found.append(Utterance(name, root / clip.clip, label, speaker, fold=fold_of(row.fields.get("fold"))))
    if faults:
        raise faulty(options.labels, faults)
    if unnamed:
        notes += ("the labels name no speakers: a speaker of several interviews counts as several",)
    labels = sorted({one.label for one in found})
    return made("release", found, labels, protocol_of(found, options.labels), warnings=notes)


def clip_name(row: Record) -> str:
    """`0440/interviewee/segment_001` of a row of labels."""
    segment = _SUFFIX.sub("", row.fields["segment"]).replace("\\", "/")
    video = row.fields.get("video_id", "")
    if not video or "/" in segment:
        return segment
    return f"{video}/{row.fields.get('role') or 'interviewee'}/{segment}"
