"""What a benchmark is run on: utterances with labels and speakers, and how a corpus wants to be split."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from imigue_build.core.errors import UsageError

Protocol = Literal["speaker", "session", "official", "given", "random"]
"""What a test part is: a speaker or a session at a time, the corpus's own train/validation/test, a given fold, or one
of five random ones with a like share of each class, for labels without speakers."""

SHOWN: Final = 10
"""How many of many faults are listed."""


@dataclass(frozen=True)
class Utterance:
    """One labelled stretch of speech.

    Args:
        id: Its name, unique in its corpus.
        path: The sound file.
        label: Its class.
        speaker: Who speaks; None where the corpus does not say.
        session: The recording session, for corpora that are split by it.
        fold: The part (`train`, `validation`, `test`) or the fold in which it is tested.
        start, end: Seconds within the file; None for its beginning and its end.
    """

    id: str
    path: Path
    label: str
    speaker: str | None = None
    session: str | None = None
    fold: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Split:
    """A given fold, by the ids of its utterances; `validation` may be empty."""

    name: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    validation: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A corpus as it was loaded.

    Args:
        name: The corpus.
        utterances: All of them, sorted by id.
        labels: The classes, in the order of every table.
        protocol: The split that the corpus is evaluated by.
        splits: Its folds where an utterance may be in several (`protocol` is `given`).
        warnings: What a reader of the results should know.
    """

    name: str
    utterances: tuple[Utterance, ...]
    labels: tuple[str, ...]
    protocol: Protocol
    splits: tuple[Split, ...] = ()
    warnings: tuple[str, ...] = ()

    def without(self, ids: Iterable[str], warning: str) -> Dataset:
        """The dataset without some utterances, and with a warning that says so."""
        gone = set(ids)
        kept = tuple(utterance for utterance in self.utterances if utterance.id not in gone)
        splits = tuple(
            Split(
                split.name,
                tuple(item for item in split.train if item not in gone),
                tuple(item for item in split.test if item not in gone),
                tuple(item for item in split.validation if item not in gone),
            )
            for split in self.splits
        )
        return Dataset(self.name, kept, self.labels, self.protocol, splits, (*self.warnings, warning))


def counts(utterances: Iterable[Utterance], labels: Sequence[str]) -> dict[str, int]:
    """How many utterances each class has, in the order of `labels`."""
    found = Counter(utterance.label for utterance in utterances)
    return {label: found[label] for label in labels}


def made(
    name: str,
    utterances: Iterable[Utterance],
    labels: Sequence[str],
    protocol: Protocol,
    splits: tuple[Split, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Dataset:
    """A checked dataset: ids are unique, labels known, at least two classes are there.

    Raises:
        UsageError: If not.
    """
    ordered = tuple(sorted(utterances, key=lambda one: one.id))
    if not ordered:
        raise UsageError(f"{name}: no utterance was found", "check --root and --labels")
    twice = sorted(key for key, count in Counter(item.id for item in ordered).items() if count > 1)
    if twice:
        raise UsageError(f"{name}: {len(twice)} ids are there twice: {listed(twice)}", "make every id unique")
    unknown = sorted({item.label for item in ordered} - set(labels))
    if unknown:
        raise UsageError(
            f"{name}: labels that are not among its classes: {listed(unknown)}", f"use {', '.join(labels)}"
        )
    there = {item.label for item in ordered}
    alike = Counter(label.casefold() for label in there)
    if several := sorted(label for label in there if alike[label.casefold()] > 1):
        raise UsageError(f"{name}: labels that differ in case alone: {listed(several)}", "write each class in one way")
    if len(there) < 2:
        raise UsageError(
            f"{name}: all {len(ordered)} utterances have the label {ordered[0].label!r}", "give two or more"
        )
    return Dataset(name, ordered, tuple(label for label in labels if label in there), protocol, splits, warnings)


def listed(names: Sequence[str]) -> str:
    """Some names, the first of them where there are many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def require_counts(name: str, found: dict[str, int], expected: dict[str, int], of: str) -> str:
    """Nothing if the counts are the corpus's, else what was found, `of` saying of what (`classes`, `sessions`)."""
    if found == expected:
        return ""
    parts = [
        f"{key}: {found.get(key, 0)} instead of {expected.get(key, 0)}"
        for key in dict.fromkeys((*expected, *found))
        if found.get(key, 0) != expected.get(key, 0)
    ]
    return f"{name} has {sum(expected.values())} utterances, {sum(found.values())} were found; {of}: {'; '.join(parts)}"


def fingerprint(dataset: Dataset, digests: dict[str, str]) -> str:
    """SHA-256 over every utterance's id, sound, place, label, speaker and fold; no path takes part.

    Args:
        dataset: The corpus.
        digests: The SHA-256 of each utterance's file, by id.
    """
    whole = hashlib.sha256()
    for utterance in dataset.utterances:
        fields = (
            utterance.id,
            digests[utterance.id],
            utterance.start,
            utterance.end,
            utterance.label,
            utterance.speaker,
            utterance.session,
            utterance.fold,
        )
        whole.update(repr(fields).encode() + b"\n")
    for split in dataset.splits:
        whole.update(repr((split.name, split.train, split.validation, split.test)).encode() + b"\n")
    return whole.hexdigest()


def repeated(dataset: Dataset, digests: Mapping[str, str]) -> tuple[str, ...]:
    """A warning where utterances have the same sound: one may be trained on and the other tested.

    Args:
        dataset: The corpus.
        digests: The SHA-256 of each utterance's file, by id; of some there may be none.
    """
    found: dict[tuple[str, float | None, float | None], list[str]] = {}
    for utterance in dataset.utterances:
        if utterance.id in digests:
            found.setdefault((digests[utterance.id], utterance.start, utterance.end), []).append(utterance.id)
    same = [f"{first} = {other}" for first, *others in found.values() for other in others]
    return (f"{dataset.name}: {len(same)} sounds are there twice, under two ids: {listed(same)}",) if same else ()
