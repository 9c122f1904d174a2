"""What the release holds: interviews, recordings, words and segments, by role, outcome and gender."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from imigue_build.core.records import ROLES, Label
from imigue_build.release.build.card.forms import MOST_NAMED, mean, plain, share, table, time
from imigue_build.release.build.card.segments import LENGTHS, Segments, at, lengths
from imigue_build.release.build.manifest import InterviewFacts, RoleFacts
from imigue_build.release.schema.layout import DROPPED


def composition(facts: Sequence[InterviewFacts], labels: Mapping[str, Label], segments: Segments) -> str:
    """The section, with its tables."""
    parts = [
        "## Statistics\n",
        _whole(facts, labels),
        _by_role(facts),
        _by_label(facts, labels, "outcome", lambda label: label.win_or_lose),
        _by_label(facts, labels, "gender of the interviewee", lambda label: label.subject_gender),
        _nationalities(facts, labels),
        _lengths(segments),
        _dropped(facts),
    ]
    return "\n".join(part for part in parts if part)


def _whole(facts: Sequence[InterviewFacts], labels: Mapping[str, Label]) -> str:
    known = [labels[one.video_id] for one in facts if one.video_id in labels]
    outcomes = Counter(label.win_or_lose or "not known" for label in known)
    outcomes["not known"] += len(facts) - len(known)
    confidences = [one.asr_confidence for one in facts if one.asr_confidence is not None]
    durations = sorted(one.duration for one in facts)
    overlap = sum(one.overlap for one in facts)
    spoken = sum(role.seconds for one in facts for role in one.roles.values())
    rows = {
        "interviews": f"{len(facts):,}",
        "recordings": time(sum(durations)),
        "shortest, median, longest recording": ", ".join(time(at(durations, one)) for one in (0.0, 0.5, 1.0)),
        "outcomes": ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()) if count) or "-",
        "overlapped speech": time(overlap),
        "share of overlap in speaking time": share(overlap, spoken),
        "mean confidence of the transcripts": mean(confidences),
        "mean confidence of the roles": mean([one.role_confidence for one in facts]),
        "transcripts with punctuation": f"{sum(one.punctuated for one in facts):,}",
        "transcripts with upper and lower case": f"{sum(one.cased for one in facts):,}",
    }
    return table(("", ""), rows.items(), numbers=False)


def _by_role(facts: Sequence[InterviewFacts]) -> str:
    rows: dict[str, Callable[[RoleFacts], str]] = {
        "speakers, summed over interviews": lambda role: f"{role.speakers:,}",
        "speaking time": lambda role: time(role.seconds),
        "segments": lambda role: f"{role.segments:,}",
        "time in segments": lambda role: time(role.clip_seconds),
        "mean segment": lambda role: f"{role.clip_seconds / role.segments:.1f} s" if role.segments else "-",
        "words": lambda role: f"{role.words:,}",
        "words in segments": lambda role: f"{role.words_in_clips:,}",
        "words that could not be aligned": lambda role: f"{role.unaligned:,}",
    }
    total = [_summed([one.roles[role] for one in facts]) for role in ROLES]
    return table(("", *ROLES), ((name, *map(show, total)) for name, show in rows.items()))


def _summed(facts: Sequence[RoleFacts]) -> RoleFacts:
    return RoleFacts(
        speakers=sum(one.speakers for one in facts),
        seconds=sum(one.seconds for one in facts),
        segments=sum(one.segments for one in facts),
        clip_seconds=sum(one.clip_seconds for one in facts),
        words=sum(one.words for one in facts),
        words_in_clips=sum(one.words_in_clips for one in facts),
        unaligned=sum(one.unaligned for one in facts),
    )


def _by_label(
    facts: Sequence[InterviewFacts], labels: Mapping[str, Label], name: str, of: Callable[[Label], str]
) -> str:
    """A row a value; nothing where no interview has one."""
    groups: dict[str, list[InterviewFacts]] = {}
    for one in facts:
        groups.setdefault(of(labels.get(one.video_id, Label(one.video_id))), []).append(one)
    if not groups.keys() - {""}:
        return ""
    header = (name, "interviews", "recordings", "interviewees' speaking time", "their segments", "their words")
    return table(header, _label_rows(groups))


def _label_rows(groups: Mapping[str, Sequence[InterviewFacts]]) -> Iterator[tuple[str, ...]]:
    for value, own in sorted(groups.items(), key=lambda item: (not item[0], item[0])):
        total = _summed([one.roles["interviewee"] for one in own])
        recorded = time(sum(one.duration for one in own))
        figures = (f"{len(own):,}", recorded, time(total.seconds), f"{total.segments:,}", f"{total.words:,}")
        yield plain(value) or "not known", *figures


def _nationalities(facts: Sequence[InterviewFacts], labels: Mapping[str, Label]) -> str:
    found = [labels[one.video_id].subject_nationality for one in facts if one.video_id in labels]
    counts = Counter(name for name in found if name)
    if not counts:
        return ""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{plain(name)} {count:,}" for name, count in ordered[:MOST_NAMED])
    more = f", and {len(ordered) - MOST_NAMED} more" if len(ordered) > MOST_NAMED else ""
    return f"Interviews by the interviewee's nationality ({len(ordered)}): {shown}{more}.\n"


def _lengths(segments: Segments) -> str:
    """How long the segments are, by role."""
    cuts = [f"{cut:g}" for cut in LENGTHS]
    names = [
        f"below {cuts[0]} s",
        *(f"{a}-{b} s" for a, b in pairwise(cuts)),
        f"{cuts[-1]} s and more",
    ]
    counts = {role: lengths(segments.seconds[role]) for role in ROLES}
    rows = [(name, *(f"{counts[role][number]:,}" for role in ROLES)) for number, name in enumerate(names)]
    ordered = {role: sorted(segments.seconds[role]) for role in ROLES}
    for name, place in (
        ("shortest", 0.0),
        ("5 % are shorter than", 0.05),
        ("median", 0.5),
        ("95 %", 0.95),
        ("longest", 1.0),
    ):
        rows.append((name, *(f"{at(ordered[role], place):.2f} s" if ordered[role] else "-" for role in ROLES)))
    return table(("segments by length", *ROLES), rows) if any(ordered.values()) else ""


def _dropped(facts: Sequence[InterviewFacts]) -> str:
    """How many segments each filter dropped; one that several dropped counts for each."""
    if not any(one.filtered for one in facts):
        return ""
    rows = [row for one in facts for row in one.dropped]
    why = Counter(cause(reason) for row in rows for reason in row.reason.split("; "))
    causes = ", ".join(f"{count:,} for {name}" for name, count in sorted(why.items()))
    return f"Filters dropped {len(rows):,} segments{': ' + causes if causes else ''}; `{DROPPED}` lists them.\n"


def cause(reason: str) -> str:
    """The name of the value that was out of bounds, or the flag."""
    return reason if reason.startswith("flag") else reason.partition(" ")[0]
