"""The whole card, from its parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from imigue_build.config import STAGE_OF
from imigue_build.core.durations import duration_text
from imigue_build.core.plurals import counted
from imigue_build.core.records import ROLES, Label
from imigue_build.release.build.card.backends import Describe, nothing_known
from imigue_build.release.build.card.composition import composition
from imigue_build.release.build.card.corpus import citation, head, heading, licence, recordings
from imigue_build.release.build.card.forms import named
from imigue_build.release.build.card.making import making
from imigue_build.release.build.card.quality import quality
from imigue_build.release.build.card.texts import HEAD, NO_OVERLAP, OVERLAP, USE, USES, WARNING
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.reader.composition import LABELLED, SegmentFigures, summed, unlabelled
from imigue_build.release.schema.layout import DROPPED, LABELS, MANIFEST, PROVENANCE, SUMS
from imigue_build.release.schema.provenance import Provenance

_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(
    facts: Sequence[InterviewFacts],
    labels: Mapping[str, Label],
    provenance: Provenance,
    segments: SegmentFigures,
    describe: Describe = nothing_known,
) -> str:
    """The card as Markdown with the YAML head that dataset hubs read; the same input gives the same text.

    Args:
        facts: Of every interview in the release, sorted by id.
        labels: By id; an interview may be missing.
        provenance: The release's.
        segments: Figures of all segments.
        describe: What is known of the backends.
    """
    names = {"labels": LABELS, "manifest": MANIFEST, "dropped": DROPPED, "provenance": PROVENANCE, "sums": SUMS}
    count = sum(role.segments for interview in facts for role in interview.roles.values())
    known = [labels.get(interview.video_id, Label(interview.video_id)) for interview in facts]
    missing = unlabelled(known)
    corpus = provenance.corpus
    overlap = OVERLAP if any(interview.overlap is not None for interview in facts) else NO_OVERLAP
    parts = [
        head(
            corpus,
            {interview.language for interview in facts},
            len(missing) < len(LABELLED),
            next((name for limit, name in _SIZES if count < limit), "n>1M"),
            MANIFEST,
        ),
        HEAD.format(heading=heading(corpus), version=provenance.imigue_build, summary=_summary(facts)),
        *_warnings(facts, provenance, describe),
        composition(facts, labels, segments),
        recordings(corpus, known),
        making(provenance, describe),
        USE.format(overlap=overlap.format(**names), **names),
        quality(facts, segments, provenance, describe),
        _uses(missing),
        licence(corpus),
        citation(corpus),
    ]
    return "\n".join(part for part in parts if part)


def _summary(facts: Sequence[InterviewFacts]) -> str:
    """The release in one sentence."""
    figures = summed(interview.roles[role] for interview in facts for role in ROLES)
    recorded = duration_text(sum(interview.duration for interview in facts))
    held = f"{counted(figures.segments, 'segment')}, {counted(figures.words, 'word')}"
    return f"In this release: {counted(len(facts), 'interview')}, {recorded} of recordings, {held}."


def _uses(missing: Collection[str]) -> str:
    """The sections on uses and privacy; `missing` are the labels that no interview has."""
    outcome = " Outcomes are none: who has won may be sad." if "outcome" not in missing else ""
    return USES.format(labelled="" if len(missing) == len(LABELLED) else "of labelled groups, and on ", outcome=outcome)


def _warnings(facts: Sequence[InterviewFacts], provenance: Provenance, describe: Describe) -> Iterator[str]:
    """One for each backend whose transcripts are not of research quality."""
    stage = STAGE_OF["asr"]
    by_backend: dict[str, list[str]] = {}
    for interview in facts:
        own = provenance.videos.get(interview.video_id)
        settings = {**provenance.config, **(own.config if own else {})}.get(stage) or {}
        by_backend.setdefault(str(settings.get("backend")), []).append(interview.video_id)
    for backend, ids in sorted(by_backend.items()):
        known = describe(stage, backend)
        if known is not None and known.unfit:
            some = f"Those of {len(ids)} of {counted(len(facts), 'interview')} ({named(ids)}) were"
            yield WARNING.format(which="They were" if len(ids) == len(facts) else some, why=known.unfit)
