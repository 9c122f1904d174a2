"""How the interviewees sound: emotion of every segment, and winners held against losers.

A probe that `bench ser --save-probe` trained tells categories, pretrained models of the hub with their heads tell
valence, arousal and dominance, or categories; the sentiment of the words goes with them. Without any there is what
needs no training: that sentiment, and the voice's pitch, loudness and rate.
These are correlates of emotion, not emotion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from imigue_build.apps.bench.comparison import DEFINITIONS, FEWEST, Sample, compare, compare_shares, holm
from imigue_build.apps.bench.corpus import OUTCOMES, Corpus, Interview, Segment, two_outcomes
from imigue_build.apps.bench.features import Features
from imigue_build.apps.bench.plots import Values, distributions, shares
from imigue_build.apps.bench.sentiment.scorers import Scorer
from imigue_build.apps.bench.ser import layer_of, tools
from imigue_build.apps.bench.views import heard
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.probe_file import Saved
    from imigue_build.apps.bench.speech_head import SpeechHead

    Floats = NDArray[np.floating[Any]]

CORRELATES: Final = {
    "pitch": "pitch_p50",
    "pitch range": "pitch_std",
    "loudness": "loudness_p50",
    "loudness range": "loudness_std",
}
"""Of the voice, by the built-in feature that tells it."""
UNITS: Final = {
    "sentiment": "score from -1 to 1",
    "pitch": "median, semitones above 100 Hz",
    "pitch range": "standard deviation, semitones",
    "loudness": "median, dB",
    "loudness range": "standard deviation, dB",
    "speech rate": "words a second",
}


@dataclass(frozen=True)
class Affect:
    """What was told of segments, in the order of `segments`.

    `dimensions` are name -> (segments,) values; `categories` name the columns of `probabilities`,
    (segments, categories).
    """

    segments: tuple[Segment, ...]
    dimensions: Mapping[str, Floats]
    categories: tuple[str, ...]
    probabilities: Floats
    about: dict[str, Any]

    def places(self, segments: Sequence[Segment]) -> list[int]:
        """Where some of its segments are."""
        known = {segment.name: index for index, segment in enumerate(self.segments)}
        return [known[segment.name] for segment in segments]

    def category(self, index: int) -> str:
        """The most probable category of a segment."""
        return self.categories[int(self.probabilities[index].argmax())]


def by_probe(segments: Sequence[Segment], features: Features, saved: Saved) -> Affect:
    """What a probe tells of segments that have features."""
    values = layer_of(features.values, saved.about.layer)
    about = {
        "kind": "probe",
        "categories": saved.about.labels,
        "features": _identity(features),
        "trained_on": saved.about.trained_on,
    }
    return Affect(tuple(segments), {}, tuple(saved.about.labels), saved.probe.probabilities(values), about)


def by_model(segments: Sequence[Segment], features: Features, head: SpeechHead) -> Affect:
    """What a pretrained model tells of segments that have its encoder's features."""
    import numpy as np

    outputs = head.outputs(features.values)
    about = {**head.about, "features": _identity(features)}
    if head.dimensional:
        dimensions = {label: outputs[:, at] for at, label in enumerate(head.labels)}
        return Affect(tuple(segments), dimensions, (), np.zeros((len(outputs), 0)), about)
    return Affect(tuple(segments), {}, head.labels, outputs, about)


def by_words(segments: Sequence[Segment], scorer: Scorer) -> Affect:
    """The words' sentiment alone, as a dimension."""
    import numpy as np

    scores = np.array([one.score for one in scorer.score([one.text for one in segments])])
    about = {"kind": "words", "sentiment": scorer.about}
    return Affect(tuple(segments), {"sentiment": scores}, (), np.zeros((len(scores), 0)), about)


def merged(parts: Sequence[Affect], segments: Sequence[Segment]) -> Affect:
    """What several tell of the same segments.

    Args:
        parts: One or more; each tells all of `segments`, perhaps more.
        segments: Those that are kept.

    Raises:
        UsageError: If two tell categories, or the same dimension.
    """
    if len(parts) == 1:
        return parts[0]
    telling = [part for part in parts if part.categories]
    if len(telling) > 1:
        raise UsageError("two of the models tell categories", "compare them in runs of their own")
    dimensions: dict[str, Floats] = {}
    for part in parts:
        if both := sorted(dimensions.keys() & part.dimensions.keys()):
            raise UsageError(f"two of the models tell {', '.join(both)}", "compare them in runs of their own")
        kept = part.places(segments)
        dimensions |= {name: values[kept] for name, values in part.dimensions.items()}
    one = (telling or parts)[0]
    about = {"kind": " and ".join(str(part.about["kind"]) for part in parts), "parts": [part.about for part in parts]}
    return Affect(tuple(segments), dimensions, one.categories, one.probabilities[one.places(segments)], about)


def by_correlates(segments: Sequence[Segment], features: Features, names: Sequence[str], scorer: Scorer) -> Affect:
    """The words' sentiment and the voice's pitch, loudness and rate.

    Args:
        segments: Those that have features.
        features: The built-in ones.
        names: Theirs, in order.
        scorer: Of sentiment; its classes are the categories.
    """
    import numpy as np

    scored = scorer.score([one.text for one in segments])
    spoken = np.array([len(one.words.split()) / one.seconds for one in segments])
    dimensions = {
        "sentiment": np.array([one.score for one in scored]),
        **{name: features.values[:, names.index(of)].astype(np.float64) for name, of in CORRELATES.items()},
        "speech rate": spoken,
    }
    told = np.array([[float(one.label == label) for label in scorer.labels] for one in scored])
    about = {"kind": "correlates", "units": UNITS, "sentiment": scorer.about, "features": _identity(features)}
    return Affect(tuple(segments), dimensions, tuple(scorer.labels), told, about)


def _identity(features: Features) -> dict[str, Any]:
    return {**features.identity, "sound_sha256": heard(features)}


def builtin_names() -> list[str]:
    """The names of the built-in features, in their order."""
    import numpy as np

    from imigue_build.apps.bench.features.functionals import functionals

    noise = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    return list(functionals(noise))


def winners_against_losers(corpus: Corpus, affect: Affect, seed: int = 0) -> dict[str, Any]:
    """The comparison of winners with losers: the paper's rows.

    Raises:
        UsageError: If the release knows no winners or no losers.
    """
    interviews = two_outcomes(corpus)
    places = _places(interviews, affect)
    dimensions = {name: compare(_samples(places, values.tolist()), seed) for name, values in affect.dimensions.items()}
    told = [affect.category(index) for index in range(len(affect.segments))] if affect.categories else []
    categories = {name: _samples(places, [float(one == name) for one in told]) for name in affect.categories}
    probabilities = {
        name: compare(_samples(places, affect.probabilities[:, at].tolist()), seed)
        for at, name in enumerate(affect.categories)
    }
    own: dict[str, list[int]] = {}
    for index, segment in enumerate(affect.segments):
        own.setdefault(segment.video_id, []).append(index)
    decided = [one for one in interviews if one.video_id in own]
    return {
        "dimensions": holm(dimensions),
        "categories": compare_shares(categories, seed),
        "probabilities": {} if affect.about.get("kind") == "correlates" else holm(probabilities),
        "interviews": {one.video_id: _interview(one, own[one.video_id], affect, told) for one in decided},
        "n": sum(map(len, places.values())),
        "counts": dict(Counter(one.outcome for one in decided)),
        "speakers": len({one.speaker for one in decided}),
        "grouped_by": corpus.grouped_by,
        "model": affect.about,
        "data": {"release": corpus.root.resolve().name, "sha256": corpus.sha256},
        "seed": seed,
        "tools": tools(),
        "warnings": [*corpus.warnings, *_few(places)],
        "definitions": DEFINITIONS,
    }


def _few(places: Mapping[tuple[str, str], Sequence[int]]) -> list[str]:
    """A warning where the speakers of an outcome are too few."""
    won, lost = (sum(outcome == one for _, one in places) for outcome in OUTCOMES)
    said = f"{won} speakers who won and {lost} who lost are too few to conclude anything"
    return [said] if min(won, lost) < FEWEST else []


def _places(interviews: Sequence[Interview], affect: Affect) -> dict[tuple[str, str], list[int]]:
    """The segments of each speaker and outcome."""
    units = {one.video_id: (one.speaker, one.outcome) for one in interviews}
    found: dict[tuple[str, str], list[int]] = {}
    for index, segment in enumerate(affect.segments):
        if segment.video_id in units:
            found.setdefault(units[segment.video_id], []).append(index)
    return found


def _samples(places: Mapping[tuple[str, str], Sequence[int]], values: Sequence[float]) -> list[Sample]:
    return [Sample(*unit, [values[index] for index in own]) for unit, own in sorted(places.items())]


def _interview(interview: Interview, own: Sequence[int], affect: Affect, told: Sequence[str]) -> dict[str, Any]:
    counts = Counter(told[index] for index in own) if told else Counter[str]()
    return {
        "outcome": interview.outcome,
        "speaker": interview.speaker,
        "segments": len(own),
        "dimensions": {name: float(values[list(own)].mean()) for name, values in affect.dimensions.items()},
        "categories": {name: counts[name] / len(own) for name in affect.categories},
    }


def rows_of(affect: Affect) -> tuple[list[str], list[list[object]]]:
    """A header, and a row a segment: its values, its category and the categories' probabilities."""
    category = ["category"] if affect.categories else []
    header = [
        "video_id",
        "segment_id",
        "seconds",
        *affect.dimensions,
        *category,
        *map("p({})".format, affect.categories),
    ]
    rows: list[list[object]] = []
    for index, segment in enumerate(affect.segments):
        values = [round(float(one[index]), 6) for one in affect.dimensions.values()]
        told = [affect.category(index)] if affect.categories else []
        chances = [round(float(one), 6) for one in affect.probabilities[index]]
        rows.append([segment.video_id, segment.segment_id, round(segment.seconds, 3), *values, *told, *chances])
    return header, rows


def drawn(corpus: Corpus, affect: Affect, result: Mapping[str, Any]) -> dict[str, str]:
    """The plots, by file name: the dimensions' distributions and the categories' shares, winners and losers."""
    places = _places(two_outcomes(corpus), affect)
    found = {}
    if affect.dimensions:
        panels = {name: _drawn(places, values.tolist()) for name, values in affect.dimensions.items()}
        found["distributions.svg"] = distributions("Segments (areas) and speakers' means (ticks)", panels)
    if affect.categories:
        rows = {name: {"Win": row["win"], "Lose": row["lose"]} for name, row in result["categories"].items()}
        found["shares.svg"] = shares("Shares of segments, mean over speakers", rows)
    return found


def _drawn(places: Mapping[tuple[str, str], Sequence[int]], values: Sequence[float]) -> dict[str, Values]:
    samples = _samples(places, values)
    return {
        outcome: Values(
            [value for one in samples if one.outcome == outcome for value in one.values],
            [sum(one.values) / len(one.values) for one in samples if one.outcome == outcome],
        )
        for outcome in OUTCOMES
    }
