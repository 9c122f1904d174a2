"""The clips of an interview in two releases. A clip is known by its sound, whatever its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, NamedTuple

from imigue_build.apps.diff.result import Clips
from imigue_build.core.intervals import shared
from imigue_build.core.records import Role
from imigue_build.release.reader import Segment

_SAME: Final = 0.5
"""A clip was recut where what both hold is more than this share of the longer one."""
_FILES: Final = (".wav", ".raw.txt", ".asr.txt")


class Clip(NamedTuple):
    """A clip with its role, its ends in seconds, and the hashes of its sound and texts."""

    start: float
    end: float
    role: Role
    path: str
    content: tuple[str, ...]

    @property
    def duration(self) -> float:
        return self.end - self.start


_Paired = tuple[list[Clip], list[Clip], list[tuple[Clip, Clip]]]


def clips(segments: Sequence[Segment], sums: Mapping[str, str]) -> list[Clip]:
    """The clips of an interview's segments; `sums` are of the files in its folder."""
    found = []
    for segment in segments:
        if segment.clip is not None:
            stem = segment.clip.removesuffix(".wav")
            content = tuple(sums.get(f"{stem}{suffix}", "") for suffix in _FILES)
            found.append(Clip(segment.start, segment.end, segment.role, segment.clip, content))
    return sorted(found)


def compare(before: Sequence[Clip], after: Sequence[Clip]) -> Clips:
    """Both sides' clips compared: one name and content first, then the same ends, then mostly the same."""
    counts: Counter[str] = Counter()
    left, right = list(before), list(after)
    for key in (_whole, _role_and_ends, _ends):
        left, right, pairs = _by_key(left, right, key)
        counts.update(kind for a, b in pairs for kind in _kinds(a, b))
    left, right, pairs = _by_overlap(left, right)
    counts.update(kind for a, b in pairs for kind in _kinds(a, b))
    return Clips(
        before=len(before),
        after=len(after),
        added=len(right),
        removed=len(left),
        recut=counts["recut"],
        renumbered=counts["renumbered"],
        other_role=counts["other_role"],
        other_content=counts["other_content"],
    )


def _kinds(before: Clip, after: Clip) -> list[str]:
    found = []
    if before.role != after.role:
        found.append("other_role")
    elif before.path != after.path and before.content == after.content:
        found.append("renumbered")
    if (before.start, before.end) != (after.start, after.end):
        found.append("recut")
    elif before.content != after.content:
        found.append("other_content")
    return found


def _whole(clip: Clip) -> Hashable:
    return clip.path, clip.content


def _role_and_ends(clip: Clip) -> Hashable:
    return clip.role, clip.start, clip.end


def _ends(clip: Clip) -> Hashable:
    return clip.start, clip.end


def _by_key(left: Sequence[Clip], right: Sequence[Clip], key: Callable[[Clip], Hashable]) -> _Paired:
    """Pairs those that have one key; what is left over on either side comes first."""
    waiting: dict[Hashable, list[Clip]] = {}
    for clip in right:
        waiting.setdefault(key(clip), []).append(clip)
    rest: list[Clip] = []
    pairs: list[tuple[Clip, Clip]] = []
    for clip in left:
        same = waiting.get(key(clip))
        if same:
            pairs.append((clip, same.pop(0)))
        else:
            rest.append(clip)
    return rest, sorted(clip for same in waiting.values() for clip in same), pairs


def _by_overlap(left: Sequence[Clip], right: Sequence[Clip]) -> _Paired:
    """Pairs clips that are mostly the same stretch of the recording; both sides are in order."""
    rest: list[Clip] = []
    pairs: list[tuple[Clip, Clip]] = []
    free = dict.fromkeys(range(len(right)))
    first = 0
    for clip in left:
        while first < len(right) and right[first].end <= clip.start:
            first += 1
        at = first
        while at < len(right) and right[at].start < clip.end and not (at in free and _mostly(clip, right[at])):
            at += 1
        if at < len(right) and right[at].start < clip.end:
            del free[at]
            pairs.append((clip, right[at]))
        else:
            rest.append(clip)
    return rest, [right[at] for at in free], pairs


def _mostly(before: Clip, after: Clip) -> bool:
    return shared(before, after) > _SAME * max(before.duration, after.duration)
