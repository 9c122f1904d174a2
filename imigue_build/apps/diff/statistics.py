"""The figures of a release, from its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from imigue_build.apps.diff.opened import Release, Row
from imigue_build.apps.diff.result import Statistic
from imigue_build.core.records import ROLES


@dataclass
class Tally:
    """Sums over rows; seconds. `places` says where in the manifest an interview's rows are: (first byte, length).

    `digests` are of an interview's rows.
    """

    words: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    segments: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ROLES, 0.0))
    known: int = 0
    confidence: float = 0.0
    roles: dict[str, float] = field(default_factory=dict)
    places: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    digests: dict[str, hashlib._Hash] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Counts a row in."""
        self.words[row.role] += len(row.words)
        if row.clip is not None:
            self.segments[row.role] += 1
            self.seconds[row.role] += row.end - row.start
        known = [word.confidence for word in row.words if word.confidence is not None]
        self.known += len(known)
        self.confidence += sum(known)
        if row.role_confidence is not None:
            self.roles[row.video_id] = row.role_confidence

    def rows_of(self, video_id: str) -> bytes:
        """Digest of an interview's rows."""
        return self.digests[video_id].digest() if video_id in self.digests else b""


def tally(release: Release) -> Tally:
    """The sums over a release's manifest, and where the rows of each interview are.

    Raises:
        ReleaseError: If the manifest cannot be read.
    """
    found = Tally()
    for at, line, row in release.rows():
        found.add(row)
        found.digests.setdefault(row.video_id, hashlib.sha256()).update(line)
        spans = found.places.setdefault(row.video_id, [])
        if spans and sum(spans[-1]) == at:
            spans[-1] = spans[-1][0], spans[-1][1] + len(line)
        else:
            spans.append((at, len(line)))
    return found


def statistics(before: Release, after: Release, tallies: tuple[Tally, Tally]) -> tuple[Statistic, ...]:
    """The figures of both releases side by side."""
    first, second = dict(_figures(before, tallies[0])), dict(_figures(after, tallies[1]))
    return tuple(Statistic(name, first[name], second[name]) for name in first)


def _figures(release: Release, found: Tally) -> Iterator[tuple[str, float | None]]:
    yield "interviews", len(release.ids)
    yield "hours", round(sum(one.duration_s for one in release.origins.videos.values()) / 3600, 4)
    yield "words", sum(found.words.values())
    for role in ROLES:
        yield f"words of {role}", found.words[role]
        yield f"segments of {role}", found.segments[role]
        yield f"seconds in segments of {role}", round(found.seconds[role], 3)
    yield "segments dropped", sum(map(len, release.drops.values()))
    yield "mean confidence of words", round(found.confidence / found.known, 4) if found.known else None
    yield "mean confidence of roles", round(sum(found.roles.values()) / len(found.roles), 4) if found.roles else None
