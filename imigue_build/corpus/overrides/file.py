"""The file with a person's corrections of one interview.

A voice is named by a time, in seconds, at which it speaks, or by its label. A new diarization may label the same
voices otherwise, but they still speak at the same times; so the command line writes times.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Self

import msgspec
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from imigue_build.config.faults import by_place, line
from imigue_build.core.errors import AnnotationError, abridged, first_few
from imigue_build.core.records import Role
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.core.untrusted.files import Kind, read_bytes

Seconds = Annotated[float, Field(ge=0)]
Voice = Annotated[Seconds | Annotated[str, Field(pattern=r"^SPEAKER_\d{2,}$")], Field(union_mode="left_to_right")]
"""A time at which the voice speaks, or its label."""
_OTHER_NAME: Final = re.compile(r"(?P<id>[A-Za-z0-9][A-Za-z0-9_-]*?)([ _-]*(\(\d+\)|copy|Copy|Kopie)( ?\d+)?)?\.ya?ml")
_FILE: Final = Kind("corrections", AnnotationError, "give a YAML file", 1_000_000)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class WordCorrection(_Part):
    """The word `was` at the time `at`, or close to it, is replaced by `now`; an empty `now` removes it."""

    at: Seconds
    was: Annotated[str, Field(min_length=1, pattern=r"^\S+$")]
    now: str


class RoleCorrection(_Part):
    """The voice has this role."""

    voice: Voice
    role: Role


class _Stretch(_Part):
    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"it ends at {self.end:g} s, before it begins at {self.start:g} s")
        return self


class SpeakerCorrection(_Stretch):
    """From `start` to `end` this voice alone speaks."""

    voice: Voice


class DroppedSpan(_Stretch):
    """The speech from `start` to `end` goes into no clip."""

    reason: str = "dropped by a person"


class Override(_Part):
    """All corrections of one interview; `date` and `comment` are for people."""

    video_id: str | None = None
    date: str | None = None
    comment: str | None = None
    num_speakers: Annotated[int, Field(ge=1)] | None = None
    merge_speakers: tuple[Annotated[tuple[Voice, ...], Field(min_length=2)], ...] = ()
    speakers: tuple[SpeakerCorrection, ...] = ()
    words: tuple[WordCorrection, ...] = ()
    roles: tuple[RoleCorrection, ...] = ()
    drop: tuple[DroppedSpan, ...] = ()

    def digest(self, kinds: Iterable[str]) -> str | None:
        """The SHA-256 of the corrections of some kinds; None where there are none."""
        own = {kind: value for kind in kinds if (value := self.model_dump(mode="json")[kind])}
        if not own:
            return None
        return hashlib.sha256(msgspec.json.encode(own, order="deterministic")).hexdigest()


KINDS: Final[dict[str, tuple[str, ...]]] = {
    "diarize": ("num_speakers",),
    "speakers": ("merge_speakers", "speakers", "roles"),
    "align": ("speakers", "words"),
    "export": ("drop",),
}
"""By stage the corrections that it applies: a change of another one does not run it again."""
RERUNS: Final[dict[str, tuple[str, ...]]] = {
    "num_speakers": ("diarize", "speakers", "align", "export"),
    "merge_speakers": ("speakers", "align", "export"),
    "speakers": ("speakers", "align", "export"),
    "words": ("align", "export"),
    "roles": ("speakers", "export"),
    "drop": ("export",),
}
"""By kind of correction the stages that run again when one is added or taken away."""


def find(folder: Path, video_id: str) -> Path | None:
    """The file with an interview's corrections; None where there is none."""
    path = folder / f"{video_id}.yaml"
    return path if os.path.lexists(path) else None  # also a broken link: it is an error, not the same as no file


def others(folder: Path, ids: Collection[str]) -> dict[str, Path]:
    """By interview a file that seems to be of it as well: `440.yaml`, `0440.yml`, a browser's `0440 (1).yaml`.

    Args:
        folder: Of the corrections.
        ids: Of all interviews: a file with exactly the name of one is of no other.
    """
    by_name = {video_id.zfill(4): video_id for video_id in ids}
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        match = _OTHER_NAME.fullmatch(path.name)
        if match and match["id"].zfill(4) in by_name and not (path.suffix == ".yaml" and path.stem in ids):
            found.setdefault(by_name[match["id"].zfill(4)], path)
    return found


def read(path: Path) -> Override:
    """The corrections in a file.

    Raises:
        AnnotationError: If it is invalid, with the line of every fault.
    """
    return parse(text(path), path)


def text(path: Path) -> str:
    """The text of a file with corrections.

    Raises:
        AnnotationError: If it cannot be read.
    """
    try:
        return read_bytes(path, _FILE).decode("utf-8")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path} cannot be read ({error})", "correct it") from error


def parse(text: str, path: Path) -> Override:
    """The corrections in the text of the file `path`.

    Raises:
        AnnotationError: If it is invalid, with the line of every fault.
    """
    try:
        node, document = bounded_yaml.load_texts(text)
    except yaml.YAMLError as error:
        raise AnnotationError(f"{path}, {bounded_yaml.problem(error)}", "correct it") from error
    if not isinstance(document, dict):
        raise AnnotationError(f"{path} holds no corrections", f"keys are {', '.join(Override.model_fields)}")
    for key, number in _repeated(node):
        raise AnnotationError(f"{path}, line {number}: {abridged(key)} is there already", "put both under one key")
    try:
        found = Override.model_validate(document)
    except ValidationError as error:
        by_key = [(".".join(place), same) for place, same in by_place(error, document)]
        lines = [f"line {bounded_yaml.line_of(node, same[0]['loc'])}: {line(key, same)}" for key, same in by_key]
        faults = first_few(lines, len(lines))
        raise AnnotationError(f"{path}, {faults}", f"keys are {', '.join(Override.model_fields)}") from error
    if found.video_id is not None and found.video_id.zfill(4) != path.stem.zfill(4):
        raise AnnotationError(f"{path} is of interview {abridged(found.video_id)}", "name it after its interview")
    return found


def _repeated(node: Any) -> Iterator[tuple[str, int]]:
    """Keys that occur twice in a mapping, with the line of the second; YAML would take that one."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, int(key.start_mark.line) + 1
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)
