"""Win or lose, predicted from speech, from text, from gestures, and from them together.

An interview is one example: its segments' features are averaged, its words and gestures counted. Nothing of a test part
is used before it is predicted, and no athlete is in training and test. `both` is the mean of the probabilities of a
win by speech and by text (late fusion), `all` that of all views.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from imigue_build.apps.bench import metrics
from imigue_build.apps.bench.corpus import OUTCOMES, Corpus, Interview, two_outcomes
from imigue_build.apps.bench.folds import Fold, Folds, make_folds
from imigue_build.apps.bench.probe import Learner, train
from imigue_build.apps.bench.processes import single_threaded
from imigue_build.apps.bench.ser import DEFINITIONS as OF_SER
from imigue_build.apps.bench.ser import rounded, tools
from imigue_build.apps.bench.utterances import Utterance, build_dataset, listed
from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import counted
from imigue_build.core.untrusted.files import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]  # (interviews, size)

Source = Literal["speech", "text", "gestures"]
System = Literal["speech", "text", "gestures", "both", "all"]

LEAST: Final = 3
"""Speakers that each outcome needs: with fewer, a training part has one."""
FEW: Final = 30
"""With fewer interviews than this, no figure allows a conclusion."""
LABELS: Final = tuple(reversed(OUTCOMES))
"""The classes in the order of every table: 1 is a win."""
DEFINITIONS: Final = {
    "accuracy": "share of interviews predicted right, over all tested interviews",
    "uar": OF_SER["uar"].replace("utterances", "interviews"),
    "majority": "accuracy of always naming the training part's more frequent outcome",
    "chance": "expected accuracy of guessing at the training part's frequencies",
    "ci95": OF_SER["ci95"].replace("utterances", "interviews"),
    "both": "mean of the probabilities of speech and text",
    "all": "mean of the probabilities of all views, gestures among them",
}


class View(Protocol):
    """Features of interviews: of a training part, and of a test part without its outcomes."""

    @property
    def about(self) -> dict[str, Any]: ...

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]: ...


@dataclass(frozen=True)
class Task:
    """The interviews that are predicted, and their folds; `data` is the SHA-256 of the corpus."""

    interviews: tuple[Interview, ...]
    folds: Folds
    data: str
    grouped_by: str
    warnings: tuple[str, ...]


def prepare(corpus: Corpus, count: int = 5, split: Mapping[str, str] | None = None, seed: int = 0) -> Task:
    """The interviews of known outcome, in folds that keep speakers apart.

    Args:
        corpus: The release.
        count: Folds at the most, each with about the same share of winners.
        split: Video id -> `train` or `test`, instead of folds; other interviews are left out.
        seed: Of the folds.

    Raises:
        UsageError: If there are too few interviews, one outcome only, or speakers cross the split.
    """
    interviews = two_outcomes(corpus)
    warnings = list(corpus.warnings)
    if split is None:
        _require(corpus, interviews)
        parts, protocol = _folds(interviews, count, seed), "given"
    else:
        interviews = tuple(interview for interview in interviews if interview.video_id in split)
        parts, protocol = [split[interview.video_id] for interview in interviews], "official"
        if unused := sorted({interview.video_id for interview in corpus.decided} - split.keys()):
            warnings.append(f"in no part of the split: {counted(len(unused), 'interview')} ({listed(unused)})")
    examples = [
        Utterance(interview.video_id, corpus.root, interview.outcome, interview.speaker, fold=part)
        for interview, part in zip(interviews, parts, strict=True)
    ]
    name = shown(corpus.root.resolve().name)
    dataset = build_dataset(name, examples, LABELS, "official" if protocol == "official" else "given")
    folds = make_folds(dataset)
    if len(interviews) < FEW:
        warnings.append(f"{counted(len(interviews), 'interview')}: too few to conclude anything; mind the intervals")
    return Task(interviews, folds, corpus.sha256, corpus.grouped_by, (*warnings, *folds.warnings))


def _require(corpus: Corpus, interviews: Sequence[Interview]) -> None:
    speakers = {
        outcome: {interview.speaker for interview in interviews if interview.outcome == outcome} for outcome in OUTCOMES
    }
    if min(map(len, speakers.values())) < LEAST:
        found = " and ".join(f"{len(names)} of outcome {outcome}" for outcome, names in speakers.items())
        by = "athletes" if corpus.grouped_by == "subject" else "interviews"
        raise UsageError(
            f"{shown(corpus.root)} has {found} ({by})", f"{LEAST} of each are needed, and many more wanted"
        )


def _folds(interviews: Sequence[Interview], count: int, seed: int) -> list[str]:
    """The name of the fold in which each interview is tested."""
    from sklearn.model_selection import StratifiedGroupKFold

    outcomes = [interview.outcome for interview in interviews]
    speakers = [interview.speaker for interview in interviews]
    rarest = min(
        len({speaker for speaker, own in zip(speakers, outcomes, strict=True) if own == outcome})
        for outcome in OUTCOMES
    )
    count = min(count, rarest)
    parts = [""] * len(interviews)
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    for number, (_, test) in enumerate(splitter.split(outcomes, outcomes, speakers), 1):
        for index in test:
            parts[index] = f"{number:0{len(str(count))}d}"
    return parts


def evaluate(task: Task, views: Mapping[Source, View], learner: Learner) -> dict[str, Any]:
    """Trains and tests every view, and the fusions: speech with text, and all where gestures are among them.

    Raises:
        UsageError: As `train` does.
    """
    truth = [LABELS.index(interview.outcome) for interview in task.interviews]
    wins: dict[System, dict[int, float]] = {}
    with single_threaded():
        for name, view in views.items():
            wins[name] = {}
            for fold in task.folds.folds:
                wins[name] |= _tested(task, fold, view, truth, learner)
    if {"speech", "text"} <= views.keys():
        wins["both"] = _fused([wins["speech"], wins["text"]])
    if "gestures" in views and len(views) > 1:
        wins["all"] = _fused([wins[name] for name in views])
    systems = {name: _measured(task, truth, own, learner.seed) for name, own in wins.items()}
    fused: tuple[System, ...] = ("all", "both")
    main = next((name for name in fused if name in systems), next(iter(systems)))
    return {
        **systems[main],
        "system": main,
        **_baselines(task, truth),
        "systems": systems,
        "n": len(wins[main]),
        "counts": dict(Counter(interview.outcome for interview in task.interviews)),
        "speakers": len({interview.speaker for interview in task.interviews}),
        "grouped_by": task.grouped_by,
        "protocol": "official" if task.folds.protocol == "official" else "grouped folds",
        "speakers_apart": task.folds.speakers_apart,
        "interviews": _interviews(task, wins),
        "views": {name: view.about for name, view in views.items()},
        "probe": {"kind": "logistic regression", "class_weight": learner.class_weight},
        "data": {"sha256": task.data},
        "seed": learner.seed,
        "tools": tools(),
        "warnings": list(task.warnings),
        "definitions": DEFINITIONS,
    }


def _tested(task: Task, fold: Fold, view: View, truth: Sequence[int], learner: Learner) -> dict[int, float]:
    """The probability of a win of every interview of a fold's test part."""
    trained, tested = view.features(fold.train, fold.test)
    groups = [task.interviews[index].speaker for index in fold.train]
    probe = train(trained, [truth[index] for index in fold.train], groups, learner)
    wins = probe.probabilities(tested)[:, list(probe.classes).index(1)]
    return {index: round(float(win), 6) for index, win in zip(fold.test, wins, strict=True)}


def _fused(wins: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """The mean over systems of the probability of a win of every interview."""
    return {index: sum(own[index] for own in wins) / len(wins) for index in wins[0]}


def _measured(task: Task, truth: Sequence[int], wins: Mapping[int, float], seed: int) -> dict[str, Any]:
    """A system's figures over all tested interviews, and by fold."""
    folds = []
    for fold in task.folds.folds:
        counts = metrics.confusion([truth[index] for index in fold.test], [_predicted(wins[i]) for i in fold.test], 2)
        folds.append(
            {
                "name": fold.name,
                "accuracy": rounded(metrics.war(counts)),
                "uar": rounded(metrics.uar(counts)),
                "n": len(fold.test),
                "n_train": len(fold.train),
            }
        )
    tested = sorted(wins)
    true, predicted = [truth[index] for index in tested], [_predicted(wins[index]) for index in tested]
    counts = metrics.confusion(true, predicted, 2)
    speakers = [task.interviews[index].speaker for index in tested]
    accuracy, uar = metrics.intervals(true, predicted, 2, speakers, seed)
    return {
        "accuracy": rounded(metrics.war(counts)),
        "uar": rounded(metrics.uar(counts)),
        "macro_f1": rounded(metrics.macro_f1(counts)),
        "ci95": {"accuracy": [rounded(bound) for bound in accuracy], "uar": [rounded(bound) for bound in uar]},
        "confusion": counts.tolist(),
        "labels": list(LABELS),
        "folds": folds,
    }


def _predicted(win: float) -> int:
    """The class of a probability of a win."""
    return int(win >= 0.5)


def _baselines(task: Task, truth: Sequence[int]) -> dict[str, Any]:
    """What needs no features: always the training part's majority, and random guesses at its frequencies."""
    right, expected, true, predicted = 0, 0.0, [], []
    for fold in task.folds.folds:
        wins = sum(truth[index] for index in fold.train) / len(fold.train)
        majority = _predicted(wins)
        for index in fold.test:
            right += truth[index] == majority
            expected += wins if truth[index] else 1 - wins
            true.append(truth[index])
            predicted.append(majority)
    uar = metrics.uar(metrics.confusion(true, predicted, 2))
    baselines = {
        "majority": {"accuracy": rounded(right / len(true)), "uar": rounded(uar)},
        "chance": {"accuracy": rounded(expected / len(true)), "uar": 0.5},
    }
    return {"majority": rounded(right / len(true)), "baselines": baselines}


def _interviews(task: Task, wins: Mapping[System, Mapping[int, float]]) -> dict[str, Any]:
    """By id the outcome, the speaker, the fold and the probability of a win by each system."""
    found = {}
    for fold in task.folds.folds:
        for index in fold.test:
            interview = task.interviews[index]
            found[interview.video_id] = {
                "outcome": interview.outcome,
                "speaker": interview.speaker,
                "fold": fold.name,
                "p_win": {name: rounded(own[index]) for name, own in wins.items()},
            }
    return dict(sorted(found.items()))
