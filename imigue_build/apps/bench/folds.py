"""Training and test folds; no speaker is in both, which is checked."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imigue_build.apps.bench.utterances import Dataset, Protocol, Utterance, listed
from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import clause

RANDOM_FOLDS: Final = 5
PARTS: Final = ("train", "validation", "test")


@dataclass(frozen=True)
class Fold:
    """A test set and its training set: sorted indices of the dataset's utterances."""

    name: str
    train: tuple[int, ...]
    test: tuple[int, ...]
    validation: tuple[int, ...] = ()


@dataclass(frozen=True)
class Folds:
    """All folds of an evaluation; `speakers_apart` is None if speakers are unknown."""

    protocol: Protocol
    folds: tuple[Fold, ...]
    speakers_apart: bool | None
    warnings: tuple[str, ...] = ()


def make_folds(dataset: Dataset, protocol: Protocol | None = None, seed: int = 0) -> Folds:
    """The folds of a protocol, by default the dataset's; `seed` is for random folds.

    Raises:
        UsageError: If the dataset lacks what the protocol needs, a speaker is on both sides of a split, or a training
            set has only one class.
    """
    protocol = protocol or dataset.protocol
    folds: tuple[Fold, ...]
    if protocol == "official":
        folds = (_official(dataset),)
    elif protocol == "given":
        folds = _given(dataset)
    elif protocol == "random":
        folds = _random(dataset, seed)
    else:
        folds = _leave_one_out(dataset, protocol)
    warnings_: list[str] = []
    for fold in folds:
        _require(dataset, fold, warnings_)
    return Folds(protocol, folds, _speakers_apart(dataset, folds, warnings_), tuple(warnings_))


def _leave_one_out(dataset: Dataset, protocol: Protocol) -> tuple[Fold, ...]:
    keys = [utterance.speaker if protocol == "speaker" else utterance.session for utterance in dataset.utterances]
    lacking = [utterance.id for utterance, key in zip(dataset.utterances, keys, strict=True) if key is None]
    if lacking:
        what = f"{dataset.name}: {clause(len(lacking), 'utterance', 'has', 'have')} no {protocol}: {listed(lacking)}"
        raise UsageError(what, f"give every one a {protocol}, or choose other --folds (random, if it is unknown)")
    names = sorted({key for key in keys if key is not None})
    if len(names) < 2:
        raise UsageError(f"{dataset.name}: there is only one {protocol} ({names[0]})", "two or more are needed")
    return tuple(_by_key(keys, name) for name in names)


def _by_key(keys: Sequence[str | None], name: str) -> Fold:
    test = tuple(index for index, key in enumerate(keys) if key == name)
    return Fold(name, tuple(index for index, key in enumerate(keys) if key != name), test)


def _random(dataset: Dataset, seed: int) -> tuple[Fold, ...]:
    """Stratified folds, grouped by speaker if all speakers are known."""
    from sklearn.model_selection import StratifiedGroupKFold

    speakers = [utterance.speaker or utterance.id for utterance in dataset.utterances]
    if any(utterance.speaker is None for utterance in dataset.utterances):
        speakers = [utterance.id for utterance in dataset.utterances]
    labels = [utterance.label for utterance in dataset.utterances]
    count = min(RANDOM_FOLDS, len(set(speakers)), max(Counter(labels).values()))
    if count < 2:
        what = f"{dataset.name}: {len(labels)} utterances of {len(set(speakers))} speakers cannot be split"
        raise UsageError(what, "two speakers, and two utterances of a class, are needed")
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # classes with fewer utterances than folds are reported by `_require`
        splits = list(splitter.split(labels, labels, speakers))
    return tuple(
        Fold(str(number), tuple(map(int, train)), tuple(map(int, test)))
        for number, (train, test) in enumerate(splits, 1)
    )


def _official(dataset: Dataset) -> Fold:
    parts = {
        part: tuple(i for i, utterance in enumerate(dataset.utterances) if utterance.fold == part) for part in PARTS
    }
    unassigned = [utterance.id for utterance in dataset.utterances if utterance.fold not in PARTS]
    if unassigned:
        why = "".join(f" ({warning})" for warning in dataset.warnings if "parts" in warning)
        what = (
            f"{dataset.name}: {clause(len(unassigned), 'utterance', 'is', 'are')} in no part: {listed(unassigned)}{why}"
        )
        raise UsageError(what, f"the parts are {', '.join(PARTS)}; or choose other --folds")
    return Fold("official", parts["train"], parts["test"], parts["validation"])


def _given(dataset: Dataset) -> tuple[Fold, ...]:
    if not dataset.splits:
        keys = [utterance.fold for utterance in dataset.utterances]
        lacking = [utterance.id for utterance in dataset.utterances if utterance.fold is None]
        if lacking:
            what = f"{dataset.name}: {clause(len(lacking), 'utterance', 'has', 'have')} no fold: {listed(lacking)}"
            raise UsageError(what, "give every one a fold, or choose other --folds")
        return tuple(_by_key(keys, name) for name in sorted({key for key in keys if key is not None}))
    place = {utterance.id: index for index, utterance in enumerate(dataset.utterances)}

    def indices(ids: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted(place[name] for name in ids))

    return tuple(
        Fold(split.name, indices(split.train), indices(split.test), indices(split.validation))
        for split in dataset.splits
    )


def _require(dataset: Dataset, fold: Fold, warnings_: list[str]) -> None:
    """Checks that the parts are not empty, are disjoint, and have at least two classes to learn."""
    for part, indices in (("training", fold.train), ("test", fold.test)):
        if not indices:
            raise UsageError(f"{dataset.name}, fold {fold.name}: its {part} part is empty", "check the folds")
    parts = {"training": set(fold.train), "validation": set(fold.validation), "test": set(fold.test)}
    for first, second in (("training", "test"), ("validation", "test"), ("training", "validation")):
        if both := sorted(parts[first] & parts[second]):
            names = [dataset.utterances[index].id for index in both]
            many = clause(len(both), "utterance", "is", "are")
            what = f"{dataset.name}, fold {fold.name}: {many} in {first} and {second}: {listed(names)}"
            raise UsageError(what, "every utterance belongs to one part")
    known = {dataset.utterances[index].label for index in fold.train}
    tested = {dataset.utterances[index].label for index in fold.test}
    if len(known) < 2:
        what = f"{dataset.name}, fold {fold.name}: all its training utterances have the label {known.pop()!r}"
        raise UsageError(what, "a training part needs two or more classes; choose other --folds")
    if len(tested) < 2:
        warnings_.append(f"fold {fold.name}: its test set has only the class {tested.pop()!r}; its UAR is that recall")
    elif unseen := sorted(tested - known):
        warnings_.append(f"fold {fold.name}: the training set lacks classes of the test set: {listed(unseen)}")


def _speakers_apart(dataset: Dataset, folds: Sequence[Fold], warnings_: list[str]) -> bool | None:
    """Whether no speaker is on both sides of a split; None if unknown.

    Raises:
        UsageError: If a speaker is.
    """
    if any(utterance.speaker is None for utterance in dataset.utterances):
        warnings_.append(
            "not every utterance has a speaker: it could not be checked whether speakers are on both sides of a split"
        )
        return None

    def speakers(indices: Sequence[int]) -> set[str]:
        found: list[Utterance] = [dataset.utterances[index] for index in indices]
        return {utterance.speaker for utterance in found if utterance.speaker is not None}

    for fold in folds:
        if both := sorted(speakers(fold.train) & speakers(fold.validation)):
            warnings_.append(f"fold {fold.name}: speakers are in training and validation: {listed(both)}")
        trained = speakers(fold.train) | speakers(fold.validation)
        if both := sorted(trained & speakers(fold.test)):
            what = f"{dataset.name}, fold {fold.name}: speakers are in training and test: {listed(both)}"
            raise UsageError(what, "a speaker must not be on both sides of a split; correct the folds")
    return True
