"""Win or lose, told from how the interviewee speaks, from what is said, from gestures, and from them together.

An interview is one example: its segments' features are averaged, its words and gestures counted. Nothing of a test part
is used before it is predicted, and no athlete is in training and test. `both` is the mean of the probabilities of a
win by speech and by text (late fusion), `all` that of every view there is.
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
from imigue_build.apps.bench.processes import one_thread
from imigue_build.apps.bench.ser import DEFINITIONS as OF_SER
from imigue_build.apps.bench.ser import rounded, tools
from imigue_build.apps.bench.utterances import Utterance, listed, made
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]  # (interviews, size)

Source = Literal["speech", "text", "gestures"]
System = Literal["speech", "text", "gestures", "both", "all"]

LEAST: Final = 3
"""Speakers that each outcome needs: fewer leave a training part with one."""
FEW: Final = 30
"""Fewer interviews than this say little, whatever the figure."""
LABELS: Final = tuple(reversed(OUTCOMES))
"""The classes in the order of every table: 1 is a win."""
DEFINITIONS: Final = {
    "accuracy": "share of interviews told right, over all tested interviews",
    "uar": OF_SER["uar"].replace("utterances", "interviews"),
    "majority": "accuracy of always naming the training part's more frequent outcome",
    "chance": "expected accuracy of guessing at the training part's frequencies",
    "ci95": OF_SER["ci95"].replace("utterances", "interviews"),
    "both": "mean of the probabilities of speech and text",
    "all": "mean of the probabilities of all views, gestures among them",
}


class View(Protocol):
    """One way to look at interviews: features of a training part, and of a test part without its outcomes."""

    @property
    def about(self) -> dict[str, Any]: ...

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]: ...


@dataclass(frozen=True)
class Task:
    """The interviews that are told, their folds, and their speakers."""

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
        interviews = tuple(one for one in interviews if one.video_id in split)
        parts, protocol = [split[one.video_id] for one in interviews], "official"
        if idle := sorted(one.video_id for one in corpus.decided if one.video_id not in split):
            warnings.append(f"{len(idle)} interviews are in no part of the split: {listed(idle)}")
    examples = [
        Utterance(one.video_id, corpus.root, one.outcome, one.speaker, fold=part)
        for one, part in zip(interviews, parts, strict=True)
    ]
    name = shown(corpus.root.resolve().name)
    dataset = made(name, examples, LABELS, "official" if protocol == "official" else "given")
    folds = make_folds(dataset)
    if len(interviews) < FEW:
        warnings.append(f"{len(interviews)} interviews are too few to conclude anything: mind the intervals")
    return Task(interviews, folds, corpus.sha256, corpus.grouped_by, (*warnings, *folds.warnings))


def _require(corpus: Corpus, interviews: Sequence[Interview]) -> None:
    speakers = {outcome: {one.speaker for one in interviews if one.outcome == outcome} for outcome in OUTCOMES}
    if min(map(len, speakers.values())) < LEAST:
        found = " and ".join(f"{len(names)} of outcome {outcome}" for outcome, names in speakers.items())
        by = "athletes" if corpus.grouped_by == "subject" else "interviews"
        raise UsageError(
            f"{shown(corpus.root)} has {found} ({by})", f"{LEAST} of each are needed, and many more wanted"
        )


def _folds(interviews: Sequence[Interview], count: int, seed: int) -> list[str]:
    """The fold in which each interview is tested, by name."""
    from sklearn.model_selection import StratifiedGroupKFold

    outcomes, speakers = [one.outcome for one in interviews], [one.speaker for one in interviews]
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
    """Trains and tests every view, speech and text together, and all together where gestures are among them.

    Raises:
        UsageError: As `train` does.
    """
    truth = [LABELS.index(one.outcome) for one in task.interviews]
    told: dict[System, dict[int, float]] = {}
    with one_thread():
        for name, view in views.items():
            told[name] = {}
            for fold in task.folds.folds:
                told[name] |= _tested(task, fold, view, truth, learner)
    if {"speech", "text"} <= views.keys():
        told["both"] = _fused([told["speech"], told["text"]])
    if "gestures" in views and len(views) > 1:
        told["all"] = _fused([told[name] for name in views])
    systems = {name: _measured(task, truth, wins, learner.seed) for name, wins in told.items()}
    fused: tuple[System, ...] = ("all", "both")
    main = next((name for name in fused if name in systems), next(iter(systems)))
    return {
        **systems[main],
        "system": main,
        **_baselines(task, truth),
        "systems": systems,
        "n": len(told[main]),
        "counts": dict(Counter(one.outcome for one in task.interviews)),
        "speakers": len({one.speaker for one in task.interviews}),
        "grouped_by": task.grouped_by,
        "protocol": "official" if task.folds.protocol == "official" else "grouped folds",
        "speakers_apart": task.folds.speakers_apart,
        "interviews": _interviews(task, told),
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
    learnt, held = view.features(fold.train, fold.test)
    groups = [task.interviews[index].speaker for index in fold.train]
    probe = train(learnt, [truth[index] for index in fold.train], groups, learner)
    wins = probe.probabilities(held)[:, list(probe.classes).index(1)]
    return {index: round(float(win), 6) for index, win in zip(fold.test, wins, strict=True)}


def _fused(told: Sequence[Mapping[int, float]]) -> dict[int, float]:
    return {index: sum(one[index] for one in told) / len(told) for index in told[0]}


def _measured(task: Task, truth: Sequence[int], wins: Mapping[int, float], seed: int) -> dict[str, Any]:
    """A system's figures over all tested interviews, and by fold."""
    folds = []
    for fold in task.folds.folds:
        counts = metrics.confusion([truth[index] for index in fold.test], [_told(wins[i]) for i in fold.test], 2)
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
    true, guessed = [truth[index] for index in tested], [_told(wins[index]) for index in tested]
    counts = metrics.confusion(true, guessed, 2)
    speakers = [task.interviews[index].speaker for index in tested]
    accuracy, uar = metrics.intervals(true, guessed, 2, speakers, seed)
    return {
        "accuracy": rounded(metrics.war(counts)),
        "uar": rounded(metrics.uar(counts)),
        "macro_f1": rounded(metrics.macro_f1(counts)),
        "ci95": {"accuracy": [rounded(one) for one in accuracy], "uar": [rounded(one) for one in uar]},
        "confusion": counts.tolist(),
        "labels": list(LABELS),
        "folds": folds,
    }


def _told(win: float) -> int:
    return int(win >= 0.5)


def _baselines(task: Task, truth: Sequence[int]) -> dict[str, Any]:
    """What needs no look at an interview: the training part's majority, and guesses at its frequencies."""
    right, expected, true, guessed = 0, 0.0, [], []
    for fold in task.folds.folds:
        wins = sum(truth[index] for index in fold.train) / len(fold.train)
        majority = _told(wins)
        for index in fold.test:
            right += truth[index] == majority
            expected += wins if truth[index] else 1 - wins
            true.append(truth[index])
            guessed.append(majority)
    uar = metrics.uar(metrics.confusion(true, guessed, 2))
    baselines = {
        "majority": {"accuracy": rounded(right / len(true)), "uar": rounded(uar)},
        "chance": {"accuracy": rounded(expected / len(true)), "uar": 0.5},
    }
    return {"majority": rounded(right / len(true)), "baselines": baselines}


def _interviews(task: Task, told: Mapping[System, Mapping[int, float]]) -> dict[str, Any]:
    found = {}
    for fold in task.folds.folds:
        for index in fold.test:
            one = task.interviews[index]
            wins = {name: rounded(system[index]) for name, system in told.items()}
            found[one.video_id] = {"outcome": one.outcome, "speaker": one.speaker, "fold": fold.name, "p_win": wins}
    return dict(sorted(found.items()))
