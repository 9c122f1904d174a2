"""How good the release is, as far as it can tell: confidences, what people corrected, and known limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from imigue_build.config import STAGE_OF
from imigue_build.core.plurals import counted
from imigue_build.core.untrusted.markdown import plain
from imigue_build.release.build.card.backends import Describe, used
from imigue_build.release.build.card.forms import MOST_NAMED, quantile, table
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.reader.composition import SegmentFigures
from imigue_build.release.reader.doubts import LOW_ROLE_CONFIDENCE
from imigue_build.release.schema.layout import MANIFEST, PROVENANCE
from imigue_build.release.schema.provenance import Provenance

_QUANTILES: Final = ((0.05, "5 % are below"), (0.25, "25 %"), (0.5, "median"), (0.75, "75 %"), (0.95, "95 %"))


def quality(
    facts: Sequence[InterviewFacts], segments: SegmentFigures, provenance: Provenance, describe: Describe
) -> str:
    """The section."""
    parts = ["## Quality\n", _distributions(facts, segments), _flags(segments), _to_check(facts), _corrected(facts)]
    return "\n".join(part for part in (*parts, _limits(provenance, describe)) if part)


def _distributions(facts: Sequence[InterviewFacts], segments: SegmentFigures) -> str:
    rows = {
        "confidence of the transcript, by segment": segments.measures["asr_confidence"],
        "confidence of the roles, by interview": [interview.role_confidence for interview in facts],
        "signal to noise by segment, dB": segments.measures["snr_db"],
        "words a second, by segment": segments.measures["words_per_second"],
    }
    shown = ((name, *_quantiles(values)) for name, values in rows.items())
    how = "Confidences are the tools' own, in [0, 1]; they are not calibrated and not comparable between tools.\n"
    return table(("", *(name for _, name in _QUANTILES)), shown) + "\n" + how


def _quantiles(values: Sequence[float]) -> Iterator[str]:
    ordered = sorted(values)
    for part, _ in _QUANTILES:
        yield f"{quantile(ordered, part):.2f}" if ordered else "-"


def _flags(segments: SegmentFigures) -> str:
    if not segments.flags:
        return ""
    found = ", ".join(f"{count:,} `{flag}`" for flag, count in sorted(segments.flags.items()))
    return f"Segments with a flag (a segment may have several): {found}. `{MANIFEST}` has them by segment.\n"


def _to_check(facts: Sequence[InterviewFacts]) -> str:
    doubtful = sorted(
        (interview for interview in facts if interview.role_confidence < LOW_ROLE_CONFIDENCE), key=_least_sure
    )
    if not doubtful:
        return ""
    shown = ", ".join(f"{interview.video_id} ({interview.role_confidence:.2f})" for interview in doubtful[:MOST_NAMED])
    more = f", and {len(doubtful) - MOST_NAMED} more" if len(doubtful) > MOST_NAMED else ""
    unlike = ", or names contradict them" if any(interview.roles_by for interview in doubtful) else ""
    return (
        f"Roles to check, because the speaking times are close or one speaker is alone{unlike} (confidence below "
        f"{LOW_ROLE_CONFIDENCE}): {shown}{more}.\n"
    )


def _least_sure(facts: InterviewFacts) -> tuple[float, str]:
    return facts.role_confidence, facts.video_id


def _corrected(facts: Sequence[InterviewFacts]) -> str:
    fixes = [fix for interview in facts for fix in interview.corrections]
    if not fixes:
        return "No person's corrections are applied.\n"
    count = sum(bool(interview.corrections) for interview in facts)
    lost = sum(not fix.applied for fix in fixes)
    unfit = f"; {lost:,} more no longer fit and were not applied" if lost else ""
    made = counted(len(fixes) - lost, "correction")
    return f"People made {made} in {counted(count, 'interview')}{unfit}; `{PROVENANCE}` lists them.\n"


def _by_names(provenance: Provenance) -> Iterator[str]:
    """How many interviews have the interviewee by names; nothing where none has."""
    named = sum(video.roles is not None for video in provenance.videos.values())
    if named:
        yield (
            f"- Not so in {named:,} of {counted(len(provenance.videos), 'interview')}: there the names in given files "
            f"say who the interviewee is. `{PROVENANCE}` lists these, each with who speaks longest."
        )


def _limits(provenance: Provenance, describe: Describe) -> str:
    backends = set(used(provenance))
    found = [(key, describe(*key)) for stage in STAGE_OF.values() for key in sorted(backends) if key[0] == stage]
    measured = [facts.limits for _, facts in found if facts and facts.measured]
    others = [facts.limits for _, facts in found if facts and facts.limits and not facts.measured]
    unknown = [key for key, facts in found if not (facts and facts.limits)]
    others += [f"Stage {stage}, by {plain(backend)}: its errors are not known here." for stage, backend in unknown]
    lines = ["### Known limits\n", "This release itself was not scored. What is known of its backends:\n"]
    if measured:
        where = (
            "Measured by imigue-build on six interviews of 41-58 s with references, read sentences as two-sided "
            "interviews; expect somewhat less on spontaneous speech:"
        )
        lines += [where, "", *(f"- {text}" for text in measured), ""]
    lines += [f"- {text}" for text in others] + [""] * bool(others)
    lines += [
        "- The interviewee is whoever speaks longest, which a talkative interviewer can be; `role_confidence` says how "
        "clear it was.",
        *_by_names(provenance),
        "- All interviewers are one role; whether the same one asks in two interviews is not known.",
        "- Speech recognition often gets names of people and places wrong.",
        "- `snr_db` and `alignment` are estimates from the recording itself.",
        "",
        "To measure a part of it, label some interviews and run `imigue-build score REFERENCE RELEASE`.",
        "",
    ]
    return "\n".join(lines)
