"""The whole card, from its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from imigue_build.config import STAGE_OF
from imigue_build.core.durations import duration_text
from imigue_build.core.records import ROLES, Label
from imigue_build.release.build.card.backends import Describe, nothing_known
from imigue_build.release.build.card.composition import composition
from imigue_build.release.build.card.forms import named
from imigue_build.release.build.card.making import making
from imigue_build.release.build.card.quality import quality
from imigue_build.release.build.card.texts import COLLECTION, END, HEAD, USE, WARNING
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.reader.composition import SegmentFigures, summed
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
    languages = sorted({interview.language for interview in facts}) or ["en"]
    parts = [
        HEAD.format(
            languages="\n".join(f"- {language}" for language in languages),
            size=next((name for limit, name in _SIZES if count < limit), "n>1M"),
            version=provenance.imigue_build,
            summary=_summary(facts),
            **names,
        ),
        *_warnings(facts, provenance, describe),
        composition(facts, labels, segments),
        COLLECTION.format(**names),
        making(provenance, describe),
        USE.format(**names),
        quality(facts, segments, provenance, describe),
        END,
    ]
    return "\n".join(part for part in parts if part)


def _summary(facts: Sequence[InterviewFacts]) -> str:
    """The release in one sentence."""
    figures = summed(interview.roles[role] for interview in facts for role in ROLES)
    recorded = duration_text(sum(interview.duration for interview in facts))
    interviews = "1 interview" if len(facts) == 1 else f"{len(facts):,} interviews"
    held = f"{figures.segments:,} segments, {figures.words:,} words"
    return f"In this release: {interviews}, {recorded} of recordings, {held}."


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
            some = f"Those of {len(ids)} of the {len(facts)} interviews ({named(ids)}) were"
            yield WARNING.format(which="They were" if len(ids) == len(facts) else some, why=known.unfit)
