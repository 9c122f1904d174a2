"""A given split into training and test, such as iMiGUE's official one: by athlete, or by interview."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from imigue_build.bench.corpus import Corpus
from imigue_build.bench.utterances import listed
from imigue_build.corpus import csvfile, padded
from imigue_build.errors import UsageError
from imigue_build.userfiles import shown

PARTS: Final = ("train", "test")
_KEYS: Final = ("subject_id", "video_id")


def read_split(path: Path, corpus: Corpus) -> dict[str, str]:
    """Video id -> `train` or `test`, of the interviews that the split names.

    Args:
        path: A CSV with the columns `split` and `subject_id`, or `split` and `video_id`.
        corpus: The release; its interviews have subjects where the split is by subject.

    Raises:
        UsageError: If it is no such table, contradicts itself, or fits no interview.
    """
    parts: dict[str, tuple[str, int]] = {}
    key = ""
    for line, fields in csvfile.rows(path, ("split",)):
        key = next((name for name in _KEYS if name in fields), "")
        if not key:
            raise UsageError(f"{shown(path)} has neither {' nor '.join(_KEYS)}", "give it one of these columns")
        name, part = fields[key].strip(), fields["split"].strip().casefold()
        name = padded(name) if key == "video_id" else name
        if part not in PARTS or not name:
            what = f"{shown(path)}, line {line}: {key} {shown(name)!r}, split {shown(part)!r}"
            raise UsageError(what, "the parts are train and test")
        known, at = parts.setdefault(name, (part, line))
        if known != part:
            raise UsageError(
                f"{shown(path)}, line {line}: {shown(name)} is in {part}, on line {at} in {known}", "keep one"
            )
    if not parts:
        raise UsageError(f"{shown(path)} has a header and no row", "give it a row for each subject or video")
    return _by_video(path, corpus, key, {name: part for name, (part, _) in parts.items()})


def _by_video(path: Path, corpus: Corpus, key: str, parts: dict[str, str]) -> dict[str, str]:
    if key == "subject_id" and not any(one.subject for one in corpus.interviews):
        raise UsageError(f"{shown(path)} is by subject, but no subject is known", "name --subjects too")
    found = {}
    for one in corpus.interviews:
        part = parts.get(one.subject if key == "subject_id" else one.video_id)
        if part is not None:
            found[one.video_id] = part
    missing = [part for part in PARTS if part not in found.values()]
    if missing:
        names = listed(sorted(parts))
        what = f"{shown(path)} puts no interview of {shown(corpus.root)} into {' or '.join(missing)} (it names {names})"
        raise UsageError(what, "check its ids")
    return found
