"""The figures of a release, from its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from imigue_build.apps.diff.result import Statistic
from imigue_build.apps.diff.side import naming
from imigue_build.core.records import ROLES
from imigue_build.release.reader import Interview, Release


@dataclass
class Tally:
    """Sums over interviews.

    Attributes:
        words: By role.
        segments: With a clip, by role.
        seconds: In these segments, by role.
        known: Words with a confidence.
        confidence: The sum of these confidences.
        roles: How clear the roles are, by id of the interview.
        digests: SHA-256 of the rows of the manifest, by id.
    """

    words: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    segments: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ROLES, 0.0))
    known: int = 0
    confidence: float = 0.0
    roles: dict[str, float] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, release: Release) -> Self:
        """The sums over a release's manifest.

        Raises:
            ReleaseError: If the manifest cannot be read.
        """
        found = cls()
        with naming(release):
            for interview in release.interviews():
                found._add(interview)
        return found

    def _add(self, interview: Interview) -> None:
        for segment in interview.segments:
            self.words[segment.role] += len(segment.words)
            if segment.clip is not None:
                self.segments[segment.role] += 1
                self.seconds[segment.role] += segment.end - segment.start
            known = [word.confidence for word in segment.words if word.confidence is not None]
            self.known += len(known)
            self.confidence += sum(known)
        if interview.role_confidence is not None:
            self.roles[interview.video_id] = interview.role_confidence
        self.digests[interview.video_id] = hashlib.sha256(b"\n".join(interview.lines)).digest()


def statistics(before: Release, after: Release, tallies: tuple[Tally, Tally]) -> tuple[Statistic, ...]:
    """The figures of both releases side by side."""
    first, second = dict(_figures(before, tallies[0])), dict(_figures(after, tallies[1]))
    return tuple(Statistic(name, first[name], second[name]) for name in first)


def _figures(release: Release, found: Tally) -> Iterator[tuple[str, float | None]]:
    yield "interviews", len(release.ids)
    yield "hours", round(sum(source.duration_s for source in release.provenance.videos.values()) / 3600, 4)
    yield "words", sum(found.words.values())
    for role in ROLES:
        yield f"words of {role}", found.words[role]
        yield f"segments of {role}", found.segments[role]
        yield f"seconds in segments of {role}", round(found.seconds[role], 3)
    yield "segments dropped", sum(map(len, release.dropped.values()))
    yield "mean confidence of words", round(found.confidence / found.known, 4) if found.known else None
    yield "mean confidence of roles", round(sum(found.roles.values()) / len(found.roles), 4) if found.roles else None
