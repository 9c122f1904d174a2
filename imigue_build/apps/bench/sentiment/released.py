"""Sentiment over a release: of every segment of the interviewees, of interviews, of winners and losers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, NamedTuple

from imigue_build.apps.bench.comparison import DEFINITIONS, Sample, compare, compare_shares, holm
from imigue_build.apps.bench.corpus import OUTCOMES, Corpus, Interview, Segment
from imigue_build.apps.bench.datasets.base import faulty, table
from imigue_build.apps.bench.datasets.release import clip_name
from imigue_build.apps.bench.sentiment.labelled import CHUNK, Progress, class_names, measures
from imigue_build.apps.bench.sentiment.scorers import Scored, Scorer
from imigue_build.apps.bench.ser import tools
from imigue_build.core.errors import ReleaseError, UsageError


class Told(NamedTuple):
    """A segment with its sentiment."""

    segment: Segment
    scored: Scored


def of_release(
    corpus: Corpus,
    scorer: Scorer,
    seed: int = 0,
    progress: Progress | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The sentiment of a release's interviewees; winners are held against losers where both are known.

    Args:
        corpus: The release.
        scorer: What tells the sentiment.
        seed: Of the permutations and bootstraps.
        progress: Told how far it is.
        labels: A person's, by segment's name (`0440/segment_001`), among the scorer's; of some segments or of all.

    Raises:
        ReleaseError: If no interviewee has a segment with text.
        UsageError: If the scorer tells other classes than polarities.
    """
    if not {"negative", "positive"} <= set(scorer.labels):
        what = f"the model tells {', '.join(scorer.labels)}, not what is positive and negative"
        raise UsageError(what, "say which of them are, e.g. --model-labels 'LABEL_0=negative,LABEL_1=positive'")
    segments = [segment for segment in corpus.segments if segment.text.strip()]
    if not segments:
        raise ReleaseError(f"{corpus.root} holds no clip of an interviewee with text", "look at it with `validate`")
    told: list[Told] = []
    for start in range(0, len(segments), CHUNK):
        chunk = segments[start : start + CHUNK]
        scores = scorer.score([item.text for item in chunk])
        told += [Told(segment, scored) for segment, scored in zip(chunk, scores, strict=True)]
        if progress:
            progress(len(told))
    by_video: dict[str, list[Told]] = {}
    for item in told:
        by_video.setdefault(item.segment.video_id, []).append(item)
    interviews = [interview for interview in corpus.interviews if interview.video_id in by_video]
    return {
        **(_measured(told, labels, seed) if labels else {}),
        "n": len(told),
        "segments": [_segment(item) for item in told],
        "interviews": {
            interview.video_id: _interview(interview, by_video[interview.video_id]) for interview in interviews
        },
        "outcomes": {
            outcome: _outcome(
                [by_video[interview.video_id] for interview in interviews if interview.outcome == outcome]
            )
            for outcome in OUTCOMES
        },
        "comparison": _comparison(interviews, by_video, scorer.labels, seed),
        "left_out": {"empty text": len(corpus.segments) - len(segments)},
        "grouped_by": corpus.grouped_by,
        "model": scorer.about,
        "data": {"release": corpus.root.resolve().name, "sha256": corpus.sha256},
        "seed": seed,
        "tools": tools(),
        "warnings": list(corpus.warnings),
        "definitions": DEFINITIONS,
    }


def _measured(told: Sequence[Told], labels: Mapping[str, str], seed: int) -> dict[str, Any]:
    """How well the labelled segments were told."""
    pairs = Counter((labels[item.segment.name], item.scored.label) for item in told if item.segment.name in labels)
    return {**measures(pairs, seed), "labelled": pairs.total()}


def read_labels(
    path: Path, corpus: Corpus, scorer: Scorer, names: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """A person's labels of segments, by the segments' names; and warnings.

    Args:
        path: A CSV with `segment` (`0440/interviewee/segment_001`; or `video_id` and `segment`) and `label`.
        corpus: The release that has them.
        scorer: Its classes are what labels may be.
        names: Label, in lower case -> the scorer's class, besides those of the same name.

    Raises:
        UsageError: If a row names no segment of an interviewee or no class, or names a segment again.
    """
    classes = class_names(names, scorer.labels)
    known = {segment.clip.relative_to(corpus.root).with_suffix("").as_posix(): segment for segment in corpus.segments}
    found: dict[str, str] = {}
    faults = []
    rows, notes = table(path, ("segment", "label"))
    for row in rows:
        segment, label = known.get(clip_name(row)), classes.get(row.fields["label"].casefold())
        if segment is None:
            faults.append(f"line {row.line}: no interviewee has a clip {clip_name(row)}")
        elif label is None:
            faults.append(f"line {row.line}: the label {row.fields['label']!r} is none of {', '.join(scorer.labels)}")
        elif found.setdefault(segment.name, label) != label:
            faults.append(f"line {row.line}: {segment.name} is there twice with two labels")
    if faults:
        raise faulty(path, faults)
    if len(set(found.values())) < 2:
        raise UsageError(f"{path} has one label only", "two classes are needed to measure anything")
    return found, notes


def _segment(one: Told) -> dict[str, Any]:
    segment = one.segment
    return {
        "video_id": segment.video_id,
        "segment_id": segment.segment_id,
        "seconds": round(segment.seconds, 3),
        "label": one.scored.label,
        "score": one.scored.score,
    }


def _numbers(told: Sequence[Told]) -> dict[str, Any]:
    scores = [item.scored.score for item in told]
    labels = Counter(item.scored.label for item in told)
    shares = {label: count / len(told) for label, count in sorted(labels.items())}
    return {"segments": len(told), "score": fmean(scores), "sd": pstdev(scores), "shares": shares}


def _interview(interview: Interview, told: Sequence[Told]) -> dict[str, Any]:
    return {"outcome": interview.outcome, "subject": interview.subject, **_numbers(told)}


def _outcome(interviews: Sequence[Sequence[Told]]) -> dict[str, Any] | None:
    """An outcome's interviews together: `score` is the mean over all segments; None where there is none."""
    if not interviews:
        return None
    mean = fmean(fmean(item.scored.score for item in told) for told in interviews)
    return {
        "interviews": len(interviews),
        "interview_mean": mean,
        **_numbers([item for told in interviews for item in told]),
    }


def _comparison(
    interviews: Sequence[Interview], by_video: dict[str, list[Told]], labels: Sequence[str], seed: int
) -> dict[str, Any] | None:
    """Winners against losers; None where one of the two is missing."""
    units: dict[tuple[str, str], list[Scored]] = {}
    for interview in interviews:
        if interview.outcome:
            units.setdefault((interview.speaker, interview.outcome), []).extend(
                told.scored for told in by_video[interview.video_id]
            )
    if {outcome for _, outcome in units} != set(OUTCOMES):
        return None
    scores = [Sample(*unit, [item.score for item in own]) for unit, own in units.items()]
    shares = {
        label: [Sample(*unit, [float(item.label == label) for item in own]) for unit, own in units.items()]
        for label in labels
    }
    return {
        "dimensions": holm({"sentiment": compare(scores, seed)}),
        "categories": compare_shares(shares, seed),
    }
