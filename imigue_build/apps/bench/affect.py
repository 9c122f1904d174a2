"""Emotion of every segment of the interviewees, and winners compared with losers.

A probe that `bench ser --save-probe` trained predicts categories; pretrained models with their heads predict valence,
arousal and dominance, or categories; the sentiment of the words is added. Without a probe or a model there is what
needs no training: that sentiment, and the voice's pitch, loudness and rate. These are correlates of emotion, not
emotion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from imigue_build.apps.bench.comparison import DEFINITIONS, MIN_SPEAKERS, Sample, compare, compare_shares, holm
from imigue_build.apps.bench.corpus import OUTCOMES, Corpus, Interview, Segment, two_outcomes
from imigue_build.apps.bench.features import Features
from imigue_build.apps.bench.plots import Values, distributions, shares
from imigue_build.apps.bench.sentiment.scorers import Scorer
from imigue_build.apps.bench.ser import layer_of, tools
from imigue_build.apps.bench.views import audio_digest
from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.probe_file import LoadedProbe
    from imigue_build.apps.bench.speech_head import SpeechHead

    Floats = NDArray[np.floating[Any]]

CORRELATES: Final = {
    "pitch": "pitch_p50",
    "pitch range": "pitch_std",
    "loudness": "loudness_p50",
    "loudness range": "loudness_std",
}
"""Of the voice: the built-in feature that measures it."""
UNITS: Final = {
    "sentiment": "score from -1 to 1",
    "pitch": "median, semitones above 100 Hz",
    "pitch range": "standard deviation, semitones",
    "loudness": "median, dB",
    "loudness range": "standard deviation, dB",
    "speech rate": "words per second",
}

_Units = dict[tuple[str, str], list[int]]
"""The indices of the segments of each speaker and outcome."""


@dataclass(frozen=True)
class Affect:
    """Predictions or measures of segments, in the order of `segments`.

    `dimensions` are name -> (segments,) values; `categories` name the columns of `probabilities`,
    (segments, categories).
    """

    segments: tuple[Segment, ...]
    dimensions: Mapping[str, Floats]
    categories: tuple[str, ...]
    probabilities: Floats
    about: dict[str, Any]

    def indices(self, segments: Sequence[Segment]) -> list[int]:
        """The indices of some of its segments."""
        known = {segment.name: index for index, segment in enumerate(self.segments)}
        return [known[segment.name] for segment in segments]

    def category(self, index: int) -> str:
        """The most probable category of a segment."""
        return self.categories[int(self.probabilities[index].argmax())]


def by_probe(segments: Sequence[Segment], features: Features, saved: LoadedProbe) -> Affect:
    """The predictions of a probe for segments that have features."""
    values = layer_of(features.values, saved.about.layer)
    about = {
        "kind": "probe",
        "categories": saved.about.labels,
        "features": _identity(features),
        "trained_on": saved.about.trained_on,
    }
    return Affect(tuple(segments), {}, tuple(saved.about.labels), saved.probe.probabilities(values), about)


def by_model(segments: Sequence[Segment], features: Features, head: SpeechHead) -> Affect:
    """The predictions of a pretrained model for segments that have its encoder's features."""
    import numpy as np

    outputs = head.outputs(features.values)
    about = {**head.about, "features": _identity(features)}
    if head.dimensional:
        dimensions = {label: outputs[:, index] for index, label in enumerate(head.labels)}
        return Affect(tuple(segments), dimensions, (), np.zeros((len(outputs), 0)), about)
    return Affect(tuple(segments), {}, head.labels, outputs, about)


def by_words(segments: Sequence[Segment], scorer: Scorer) -> Affect:
    """The sentiment of the words alone, as a dimension."""
    import numpy as np

    scores = np.array([scored.score for scored in scorer.score([segment.text for segment in segments])])
    about = {"kind": "words", "sentiment": scorer.about}
    return Affect(tuple(segments), {"sentiment": scores}, (), np.zeros((len(scores), 0)), about)


def merged(parts: Sequence[Affect], segments: Sequence[Segment]) -> Affect:
    """Several predictions for the same segments, as one.

    Args:
        parts: One or more; each has all of `segments`, perhaps more.
        segments: Those that are kept.

    Raises:
        UsageError: If two predict categories, or the same dimension.
    """
    if len(parts) == 1:
        return parts[0]
    categorical = [part for part in parts if part.categories]
    if len(categorical) > 1:
        raise UsageError("two of the models predict categories", "compare them in runs of their own")
    dimensions: dict[str, Floats] = {}
    for part in parts:
        if both := sorted(dimensions.keys() & part.dimensions.keys()):
            raise UsageError(f"two of the models predict {', '.join(both)}", "compare them in runs of their own")
        kept = part.indices(segments)
        dimensions |= {name: values[kept] for name, values in part.dimensions.items()}
    main = (categorical or parts)[0]
    about = {"kind": " and ".join(str(part.about["kind"]) for part in parts), "parts": [part.about for part in parts]}
    return Affect(tuple(segments), dimensions, main.categories, main.probabilities[main.indices(segments)], about)


def by_correlates(segments: Sequence[Segment], features: Features, names: Sequence[str], scorer: Scorer) -> Affect:
    """The sentiment of the words and the voice's pitch, loudness and rate.

    Args:
        segments: Those that have features.
        features: The built-in features.
        names: The features' names, in order.
        scorer: Of sentiment; its classes are the categories.
    """
    import numpy as np

    scored = scorer.score([segment.text for segment in segments])
    rate = np.array([len(segment.normalized.split()) / segment.seconds for segment in segments])
    dimensions = {
        "sentiment": np.array([found.score for found in scored]),
        **{name: features.values[:, names.index(of)].astype(np.float64) for name, of in CORRELATES.items()},
        "speech rate": rate,
    }
    labels = np.array([[float(found.label == label) for label in scorer.labels] for found in scored])
    about = {"kind": "correlates", "units": UNITS, "sentiment": scorer.about, "features": _identity(features)}
    return Affect(tuple(segments), dimensions, tuple(scorer.labels), labels, about)


def _identity(features: Features) -> dict[str, Any]:
    return {**features.identity, "sound_sha256": audio_digest(features)}


def builtin_names() -> list[str]:
    """The names of the built-in features, in order."""
    import numpy as np

    from imigue_build.apps.bench.features.functionals import functionals

    noise = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    return list(functionals(noise))


def winners_against_losers(corpus: Corpus, affect: Affect, seed: int = 0) -> dict[str, Any]:
    """Winners compared with losers, in every dimension and category.

    Raises:
        UsageError: If the release has no winners or no losers.
    """
    interviews = two_outcomes(corpus)
    units = _units(interviews, affect)
    dimensions = {name: compare(_samples(units, values.tolist()), seed) for name, values in affect.dimensions.items()}
    predicted = [affect.category(index) for index in range(len(affect.segments))] if affect.categories else []
    categories = {
        name: _samples(units, [float(category == name) for category in predicted]) for name in affect.categories
    }
    probabilities = {
        name: compare(_samples(units, affect.probabilities[:, at].tolist()), seed)
        for at, name in enumerate(affect.categories)
    }
    own: dict[str, list[int]] = {}
    for index, segment in enumerate(affect.segments):
        own.setdefault(segment.video_id, []).append(index)
    decided = [interview for interview in interviews if interview.video_id in own]
    return {
        "dimensions": holm(dimensions),
        "categories": compare_shares(categories, seed),
        "probabilities": {} if affect.about.get("kind") == "correlates" else holm(probabilities),
        "interviews": {
            interview.video_id: _interview(interview, own[interview.video_id], affect, predicted)
            for interview in decided
        },
        "n": sum(map(len, units.values())),
        "counts": dict(Counter(interview.outcome for interview in decided)),
        "speakers": len({interview.speaker for interview in decided}),
        "grouped_by": corpus.grouped_by,
        "model": affect.about,
        "data": {"release": corpus.root.resolve().name, "sha256": corpus.sha256},
        "seed": seed,
        "tools": tools(),
        "warnings": [*corpus.warnings, *_few(units)],
        "definitions": DEFINITIONS,
    }


def _few(units: _Units) -> list[str]:
    """A warning where the speakers of an outcome are too few."""
    won, lost = (sum(outcome == wanted for _, outcome in units) for wanted in OUTCOMES)
    warning = f"{counted(won, 'speaker')} who won and {lost} who lost are too few to conclude anything"
    return [warning] if min(won, lost) < MIN_SPEAKERS else []


def _units(interviews: Sequence[Interview], affect: Affect) -> _Units:
    unit_of = {interview.video_id: (interview.speaker, interview.outcome) for interview in interviews}
    units: _Units = {}
    for index, segment in enumerate(affect.segments):
        if segment.video_id in unit_of:
            units.setdefault(unit_of[segment.video_id], []).append(index)
    return units


def _samples(units: _Units, values: Sequence[float]) -> list[Sample]:
    return [Sample(*unit, [values[index] for index in own]) for unit, own in sorted(units.items())]


def _interview(interview: Interview, own: Sequence[int], affect: Affect, predicted: Sequence[str]) -> dict[str, Any]:
    counts = Counter(predicted[index] for index in own) if predicted else Counter[str]()
    return {
        "outcome": interview.outcome,
        "speaker": interview.speaker,
        "segments": len(own),
        "dimensions": {name: float(values[list(own)].mean()) for name, values in affect.dimensions.items()},
        "categories": {name: counts[name] / len(own) for name in affect.categories},
    }


def rows_of(affect: Affect) -> tuple[list[str], list[list[object]]]:
    """A header, and for each segment a row: its values, its category and the categories' probabilities."""
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
        values = [round(float(of[index]), 6) for of in affect.dimensions.values()]
        predicted = [affect.category(index)] if affect.categories else []
        probabilities = [round(float(probability), 6) for probability in affect.probabilities[index]]
        rows.append(
            [segment.video_id, segment.segment_id, round(segment.seconds, 3), *values, *predicted, *probabilities]
        )
    return header, rows


def plots(corpus: Corpus, affect: Affect, result: Mapping[str, Any]) -> dict[str, str]:
    """The plots, by file name: the dimensions' distributions and the categories' shares, winners and losers."""
    units = _units(two_outcomes(corpus), affect)
    found = {}
    if affect.dimensions:
        panels = {name: _panel(units, values.tolist()) for name, values in affect.dimensions.items()}
        found["distributions.svg"] = distributions("Segments (areas) and speakers' means (ticks)", panels)
    if affect.categories:
        rows = {name: {"Win": row["win"], "Lose": row["lose"]} for name, row in result["categories"].items()}
        found["shares.svg"] = shares("Shares of segments, mean over speakers", rows)
    return found


def _panel(units: _Units, values: Sequence[float]) -> dict[str, Values]:
    samples = _samples(units, values)
    return {
        outcome: Values(
            [value for sample in samples if sample.outcome == outcome for value in sample.values],
            [sum(sample.values) / len(sample.values) for sample in samples if sample.outcome == outcome],
        )
        for outcome in OUTCOMES
    }
