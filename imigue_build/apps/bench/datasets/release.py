"""A release with a user's own labels of its segments.

The labels are a CSV with the columns `segment` (`0440/interviewee/segment_001`, with or without `.wav`) and `label`;
or `video_id`, `segment` (`segment_001`), perhaps `role`, and `label`. `speaker` and `fold` mean the same as in a table.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from imigue_build.apps.bench.datasets.base import NOTHING, Options, faulty, table
from imigue_build.apps.bench.datasets.table import fold_of, protocol_of
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.bounded_csv import Record
from imigue_build.release.reader import Release

_SUFFIX: Final = re.compile(r"\.wav$", re.IGNORECASE)


def load(root: Path, options: Options) -> Dataset:
    """The labelled clips of a release; interviews count as different speakers unless the labels name the speakers.

    Raises:
        UsageError: If there are no labels, or they have faults; all of them are named.
        ReleaseError: If the release cannot be read.
    """
    if options.labels is None:
        raise UsageError("a release has no emotion labels of its own", "give a CSV segment,label as --labels")
    clips = {
        _SUFFIX.sub("", segment.clip or ""): (interview.clip_file(segment), f"{segment.video_id}/{segment.speaker}")
        for interview in Release.open(root).interviews()
        for segment in interview.clips
    }
    faults: list[str] = []
    found: list[Utterance] = []
    unnamed = False
    rows, notes = table(options.labels, ("segment", "label"))
    for row in rows:
        name = clip_name(row)
        label = row.fields["label"]
        if name not in clips:
            faults.append(f"line {row.line}: the release has no clip {name}")
        elif label.lower() in NOTHING:
            faults.append(f"line {row.line}: {name} has no label")
        else:
            path, speaker = clips[name]
            named = row.fields.get("speaker")
            unnamed = unnamed or not named
            found.append(Utterance(name, path, label, named or speaker, fold=fold_of(row.fields.get("fold"))))
    if faults:
        raise faulty(options.labels, faults)
    if unnamed:
        notes += ("the labels name no speakers: a speaker of several interviews counts as several",)
    labels = sorted({utterance.label for utterance in found})
    return build_dataset("release", found, labels, protocol_of(found, options.labels), warnings=notes)


def clip_name(row: Record) -> str:
    """`0440/interviewee/segment_001` of a row of labels."""
    segment = _SUFFIX.sub("", row.fields["segment"]).replace("\\", "/")
    video = row.fields.get("video_id", "")
    if not video or "/" in segment:
        return segment
    return f"{video}/{row.fields.get('role') or 'interviewee'}/{segment}"
