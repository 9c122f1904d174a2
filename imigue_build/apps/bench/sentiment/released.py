"""Sentiment of a release: of every segment of the interviewees, of interviews, of winners and losers."""

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
from imigue_build.apps.bench.sentiment.scorers import Scorer, Sentiment
from imigue_build.apps.bench.ser import tools
from imigue_build.core.errors import ReleaseError, UsageError


class SegmentSentiment(NamedTuple):
    """A segment and its sentiment."""

    segment: Segment
    sentiment: Sentiment


def of_release(
    corpus: Corpus,
    scorer: Scorer,
    seed: int = 0,
    progress: Progress | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The sentiment of a release's interviewees, and a comparison of winners with losers if both are known.

    Args:
        corpus: The release.
        scorer: The scorer.
        seed: Of the permutations and bootstraps.
        progress: Called after every batch.
        labels: Manual labels by segment name (`0440/segment_001`), with the scorer's classes; of some or all segments.

    Raises:
        ReleaseError: If no interviewee has a segment with text.
        UsageError: If the scorer's classes are not polarities.
    """
    if not {"negative", "positive"} <= set(scorer.labels):
        message = f"the model's classes are {', '.join(scorer.labels)}, not positive and negative"
        raise UsageError(message, "map them, e.g. --model-labels 'LABEL_0=negative,LABEL_1=positive'")
    segments = [segment for segment in corpus.segments if segment.text.strip()]
    if not segments:
        raise ReleaseError(f"{corpus.root} has no clip of an interviewee with text", "check it with `validate`")
    results: list[SegmentSentiment] = []
    for start in range(0, len(segments), CHUNK):
        chunk = segments[start : start + CHUNK]
        scores = scorer.score([segment.text for segment in chunk])
        results += [SegmentSentiment(segment, sentiment) for segment, sentiment in zip(chunk, scores, strict=True)]
        if progress:
            progress(len(results))
    by_video: dict[str, list[SegmentSentiment]] = {}
    for item in results:
        by_video.setdefault(item.segment.video_id, []).append(item)
    interviews = [interview for interview in corpus.interviews if interview.video_id in by_video]
    return {
        **(_evaluated(results, labels, seed) if labels else {}),
        "n": len(results),
        "segments": [_segment(item) for item in results],
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


def _evaluated(results: Sequence[SegmentSentiment], labels: Mapping[str, str], seed: int) -> dict[str, Any]:
    """The measures on the labelled segments."""
    pairs = Counter(
        (labels[item.segment.name], item.sentiment.label) for item in results if item.segment.name in labels
    )
    return {**measures(pairs, seed), "labelled": pairs.total()}


def read_labels(
    path: Path, corpus: Corpus, scorer: Scorer, names: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Reads manual labels of segments, by segment name; and warnings.

    Args:
        path: A CSV with `segment` (`0440/interviewee/segment_001`; or `video_id` and `segment`) and `label`.
        corpus: The release that has them.
        scorer: Its classes are the allowed labels.
        names: Label, in lower case -> the scorer's class, besides those of the same name.

    Raises:
        UsageError: If a row has an unknown segment or label, or contradicts another row.
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
            faults.append(f"line {row.line}: {segment.name} has two different labels")
    if faults:
        raise faulty(path, faults)
    if len(set(found.values())) < 2:
        raise UsageError(f"{path} has one label only", "two classes are needed")
    return found, notes


def _segment(labelled: SegmentSentiment) -> dict[str, Any]:
    segment = labelled.segment
    return {
        "video_id": segment.video_id,
        "segment_id": segment.segment_id,
        "seconds": round(segment.seconds, 3),
        "label": labelled.sentiment.label,
        "score": labelled.sentiment.score,
    }


def _statistics(results: Sequence[SegmentSentiment]) -> dict[str, Any]:
    scores = [item.sentiment.score for item in results]
    labels = Counter(item.sentiment.label for item in results)
    shares = {label: count / len(results) for label, count in sorted(labels.items())}
    return {"segments": len(results), "score": fmean(scores), "sd": pstdev(scores), "shares": shares}


def _interview(interview: Interview, results: Sequence[SegmentSentiment]) -> dict[str, Any]:
    return {"outcome": interview.outcome, "subject": interview.subject, **_statistics(results)}


def _outcome(interviews: Sequence[Sequence[SegmentSentiment]]) -> dict[str, Any] | None:
    """The interviews of an outcome; `score` is the mean over all segments. None if there are none."""
    if not interviews:
        return None
    mean = fmean(fmean(item.sentiment.score for item in results) for results in interviews)
    return {
        "interviews": len(interviews),
        "interview_mean": mean,
        **_statistics([item for results in interviews for item in results]),
    }


def _comparison(
    interviews: Sequence[Interview], by_video: dict[str, list[SegmentSentiment]], labels: Sequence[str], seed: int
) -> dict[str, Any] | None:
    """Compares winners with losers; None if one of them is missing."""
    units: dict[tuple[str, str], list[Sentiment]] = {}
    for interview in interviews:
        if interview.outcome:
            units.setdefault((interview.speaker, interview.outcome), []).extend(
                result.sentiment for result in by_video[interview.video_id]
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
