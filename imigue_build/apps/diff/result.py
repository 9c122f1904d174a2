"""What a comparison of two releases finds: values that go into JSON as they are. Times are seconds."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from imigue_build.core.records import Record

Kind = Literal["version", "setting", "tool", "model", "input"]
Aspect = Literal[
    "recording", "words", "confidence", "times", "phones", "turns", "speakers", "roles", "clips", "drops", "measures"
]
"""What of an interview can differ; `measures` are the numbers beside the words in the manifest."""
ASPECTS: Final[tuple[Aspect, ...]] = (
    "recording",
    "words",
    "confidence",
    "times",
    "phones",
    "turns",
    "speakers",
    "roles",
    "clips",
    "drops",
    "measures",
)
UNEXPLAINED: Final = "unexplained"
"""The cause of a change that no known difference can have caused."""


class Origin(Record, frozen=True):
    """A difference in how two releases were made: a setting, a tool, a model, an input, or the program itself.

    Attributes:
        kind: Of what.
        name: A setting's dotted key, a tool's or model's name, an input.
        before: In the first release; None where it has none.
        after: In the second.
        stages: Those that it enters first.
        interviews: Ids for which it differs; None where for all that both releases hold.
        touched: Ids of interviews in which it may be a cause of what changed.
    """

    kind: Kind
    name: str
    before: Any
    after: Any
    stages: tuple[str, ...]
    interviews: tuple[str, ...] | None = None
    touched: tuple[str, ...] = ()


class Piece(Record, frozen=True):
    """Consecutive words of one side; `changed` where the other side has not the same."""

    text: str
    changed: bool


class Place(Record, frozen=True):
    """A place where the words differ, with some words around it: both sides, and when it begins in either."""

    before_at: float | None
    after_at: float | None
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


class Words(Record, frozen=True):
    """Words compared, in the order of their starts, by the fewest edits.

    `moved` of the words that are the same have another start or end, by `moved_median_ms` and at the most by
    `moved_max_ms`; `confidences` have another confidence; `speakers` are another's. `respelled` of the substituted
    differ in case or punctuation alone. `places` are the first places that differ, of `all_places`.
    """

    before: int
    after: int
    substituted: int
    respelled: int
    inserted: int
    deleted: int
    moved: int
    moved_median_ms: float | None
    moved_max_ms: float | None
    confidences: int
    speakers: int
    places: tuple[Place, ...]
    all_places: int


class Turns(Record, frozen=True):
    """Diarizations compared, under the mapping of speakers that share most time.

    `other_speaker` is the share of the time in which anybody speaks, on either side, where others do.
    """

    before: int
    after: int
    speakers_before: int
    speakers_after: int
    other_speaker: float
    mapping: dict[str, str]


class Clips(Record, frozen=True):
    """Clips compared: those of the same sound under the same name are not counted.

    `renumbered` have another name, `recut` other ends, `other_role` went over to the other role, `other_content` have
    the same ends and another sound or text.
    """

    before: int
    after: int
    added: int
    removed: int
    recut: int
    renumbered: int
    other_role: int
    other_content: int


class Interview(Record, frozen=True):
    """One interview that differs.

    Attributes:
        changed: What of it.
        because: By aspect, the names of the differences that can have caused it, or `UNEXPLAINED`.
        files: How many of its files differ, come or go.
        interviewee: Who that is before and after, where it is another voice.
        drops: How many segments filters dropped, before and after, where it differs.
        measures: Names of the numbers that differ between rows of the same role, ends and text.
        labels: Column -> its values before and after, where they differ.
    """

    changed: tuple[Aspect, ...]
    because: dict[str, tuple[str, ...]]
    files: int
    words: Words | None = None
    turns: Turns | None = None
    interviewee: tuple[str, str] | None = None
    clips: Clips | None = None
    drops: tuple[int, int] | None = None
    measures: tuple[str, ...] = ()
    labels: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)


class Statistic(Record, frozen=True):
    """A figure of both releases; None where a release does not have it."""

    name: str
    before: float | None
    after: float | None


class Diff(Record, frozen=True):
    """Two releases compared.

    Attributes:
        same: Whether both hold the same files with the same content.
        files: How many files both hold with the same content.
        all_files: How many there are in either.
        documents: Files at the top that differ.
        origins: What differs in how they were made.
        only_before: Interviews that only the first holds.
        only_after: Interviews that only the second holds.
        identical: How many interviews are the same, file by file.
        statistics: Figures of both.
        interviews: Those that differ, by id.
    """

    same: bool
    files: int
    all_files: int
    documents: tuple[str, ...]
    origins: tuple[Origin, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    identical: int
    statistics: tuple[Statistic, ...]
    interviews: dict[str, Interview]
