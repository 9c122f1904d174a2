"""The card's statistics: interviews, recordings, words and segments, by role, outcome, gender and nationality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from imigue_build.core.durations import duration_text
from imigue_build.core.plurals import counted
from imigue_build.core.records import ROLES, Label
from imigue_build.core.untrusted.markdown import plain
from imigue_build.release.build.card.forms import MOST_NAMED, mean, quantile, share, table
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.reader.composition import (
    LABELLED,
    NOT_LABELLED,
    RoleFigures,
    SegmentFigures,
    drop_causes,
    outcomes,
    overlap_text,
    summed,
    unlabelled,
)
from imigue_build.release.schema.layout import DROPPED

LENGTHS: Final = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds at which the table of lengths is cut."""
_QUANTILES: Final = (
    ("shortest", 0.0),
    ("5 % are shorter than", 0.05),
    ("median", 0.5),
    ("95 %", 0.95),
    ("longest", 1.0),
)


def composition(facts: Sequence[InterviewFacts], labels: Mapping[str, Label], segments: SegmentFigures) -> str:
    """The section, with its tables."""
    known = [labels.get(interview.video_id, Label(interview.video_id)) for interview in facts]
    parts = [
        "## Statistics\n",
        _whole(facts, known),
        _by_role(facts),
        _by_label(facts, known, "outcome", lambda label: label.win_or_lose),
        _by_label(facts, known, "gender of the interviewee", lambda label: label.subject_gender),
        _nationalities(known),
        _lengths(segments),
        _dropped(facts),
    ]
    return "\n".join(part for part in parts if part)


def _whole(facts: Sequence[InterviewFacts], labels: Sequence[Label]) -> str:
    confidences = [interview.asr_confidence for interview in facts if interview.asr_confidence is not None]
    durations = sorted(interview.duration for interview in facts)
    detected = [interview.overlap for interview in facts if interview.overlap is not None]
    spoken = sum(role.seconds for interview in facts for role in interview.roles.values())
    rows = {
        "interviews": f"{len(facts):,}",
        "recordings": duration_text(sum(durations)),
        "shortest, median, longest recording": ", ".join(
            duration_text(quantile(durations, part)) for part in (0.0, 0.5, 1.0)
        ),
        **_outcomes(labels),
        "overlapped speech": overlap_text(detected, len(facts)),
        **({"share of overlap in speaking time": share(sum(detected), spoken)} if len(detected) == len(facts) else {}),
        "mean confidence of the transcripts": mean(confidences),
        "mean confidence of the roles": mean([interview.role_confidence for interview in facts]),
        "transcripts with punctuation": f"{sum(interview.punctuated for interview in facts):,}",
        "transcripts with upper and lower case": f"{sum(interview.cased for interview in facts):,}",
    }
    return table(("", ""), rows.items(), numbers=False)


def _outcomes(labels: Sequence[Label]) -> dict[str, str]:
    """The outcomes, and a row that says so for everything that no interview is labelled with."""
    missing = unlabelled(labels)
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes(labels).items()))
    return {
        name: NOT_LABELLED if name in missing else counts for name in LABELLED if name in missing or name == "outcome"
    }


def _by_role(facts: Sequence[InterviewFacts]) -> str:
    rows: dict[str, Callable[[RoleFigures], str]] = {
        "speakers, summed over interviews": lambda role: f"{role.speakers:,}",
        "speaking time": lambda role: duration_text(role.seconds),
        "segments": lambda role: f"{role.segments:,}",
        "time in segments": lambda role: duration_text(role.clip_seconds),
        "mean segment": lambda role: f"{role.clip_seconds / role.segments:.1f} s" if role.segments else "-",
        "words": lambda role: f"{role.words:,}",
        "words in segments": lambda role: f"{role.words_in_clips:,}",
        "words that could not be aligned": lambda role: f"{role.unaligned:,}",
    }
    figures = [summed(interview.roles[role] for interview in facts) for role in ROLES]
    return table(("", *ROLES), ((name, *map(text, figures)) for name, text in rows.items()))


def _by_label(
    facts: Sequence[InterviewFacts], labels: Sequence[Label], name: str, value: Callable[[Label], str]
) -> str:
    """A row for each value; nothing where no interview has a value."""
    groups: dict[str, list[InterviewFacts]] = {}
    for interview, label in zip(facts, labels, strict=True):
        groups.setdefault(value(label), []).append(interview)
    if not groups.keys() - {""}:
        return ""
    header = (name, "interviews", "recordings", "interviewees' speaking time", "their segments", "their words")
    return table(header, _label_rows(groups))


def _label_rows(groups: Mapping[str, Sequence[InterviewFacts]]) -> Iterator[tuple[str, ...]]:
    for value, group in sorted(groups.items(), key=lambda item: (not item[0], item[0])):
        figures = summed(interview.roles["interviewee"] for interview in group)
        recorded = duration_text(sum(interview.duration for interview in group))
        cells = (f"{len(group):,}", recorded, duration_text(figures.seconds))
        yield plain(value) or NOT_LABELLED, *cells, f"{figures.segments:,}", f"{figures.words:,}"


def _nationalities(labels: Sequence[Label]) -> str:
    counts = Counter(label.subject_nationality for label in labels if label.subject_nationality)
    if not counts:
        return ""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{plain(name)} {count:,}" for name, count in ordered[:MOST_NAMED])
    more = f", and {len(ordered) - MOST_NAMED} more" if len(ordered) > MOST_NAMED else ""
    return f"Interviews by the interviewee's nationality ({len(ordered)}): {named}{more}.\n"


def _lengths(segments: SegmentFigures) -> str:
    """How long the segments are, by role."""
    ordered = {role: sorted(segments.seconds[role]) for role in ROLES}
    if not any(ordered.values()):
        return ""
    cuts = [f"{cut:g}" for cut in LENGTHS]
    names = [f"below {cuts[0]} s", *(f"{low}-{high} s" for low, high in pairwise(cuts)), f"{cuts[-1]} s and more"]
    counts = [by_length(ordered[role]) for role in ROLES]
    rows = [(name, *(f"{count:,}" for count in row)) for name, *row in zip(names, *counts, strict=True)]
    for name, part in _QUANTILES:
        rows.append((name, *(f"{quantile(ordered[role], part):.2f} s" if ordered[role] else "-" for role in ROLES)))
    return table(("segments by length", *ROLES), rows)


def by_length(seconds: Sequence[float]) -> list[int]:
    """How many lengths lie below the first of `LENGTHS`, between it and the next, ..., and above the last."""
    counts = Counter(sum(length >= cut for cut in LENGTHS) for length in seconds)
    return [counts[number] for number in range(len(LENGTHS) + 1)]


def _dropped(facts: Sequence[InterviewFacts]) -> str:
    """How many segments each filter dropped; a segment that several filters dropped counts for each."""
    if not any(interview.filtered for interview in facts):
        return ""
    dropped = [segment for interview in facts for segment in interview.dropped]
    causes = ", ".join(f"{count:,} for {name}" for name, count in sorted(drop_causes(dropped).items()))
    count = counted(len(dropped), "segment")
    return f"Filters dropped {count}{': ' + causes if causes else ''}; `{DROPPED}` lists them.\n"
