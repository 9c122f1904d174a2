"""The data of a benchmark: utterances with labels and speakers, and the evaluation protocol of a corpus."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import clause

Protocol = Literal["speaker", "session", "official", "given", "random"]
"""What a test set is: a speaker or a session at a time, the corpus's own test set, a given fold, or one of five
random stratified ones, for labels without speakers."""

SHOWN: Final = 10
"""How many items of a long list are shown."""


@dataclass(frozen=True)
class Utterance:
    """A labelled interval of speech.

    Args:
        id: Its name, unique in its corpus.
        path: The audio file.
        label: Its class.
        speaker: Who speaks; None if unknown.
        session: The recording session, for corpora that are split by it.
        fold: The part (`train`, `validation`, `test`) or the fold of its test.
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
    """A loaded corpus.

    Args:
        name: The corpus.
        utterances: All of them, sorted by id.
        labels: The classes, in the order of every table.
        protocol: The evaluation protocol of the corpus.
        splits: Its folds if an utterance may be in several (`protocol` is `given`).
        warnings: What a reader of the results should know.
    """

    name: str
    utterances: tuple[Utterance, ...]
    labels: tuple[str, ...]
    protocol: Protocol
    splits: tuple[Split, ...] = ()
    warnings: tuple[str, ...] = ()

    def without(self, ids: Iterable[str], warning: str) -> Dataset:
        """The dataset without some utterances, and with a warning about it."""
        removed = set(ids)
        kept = tuple(utterance for utterance in self.utterances if utterance.id not in removed)
        splits = tuple(
            Split(
                split.name,
                tuple(item for item in split.train if item not in removed),
                tuple(item for item in split.test if item not in removed),
                tuple(item for item in split.validation if item not in removed),
            )
            for split in self.splits
        )
        return Dataset(self.name, kept, self.labels, self.protocol, splits, (*self.warnings, warning))


def counts(utterances: Iterable[Utterance], labels: Sequence[str]) -> dict[str, int]:
    """The number of utterances of each class, in the order of `labels`."""
    found = Counter(utterance.label for utterance in utterances)
    return {label: found[label] for label in labels}


def build_dataset(
    name: str,
    utterances: Iterable[Utterance],
    labels: Sequence[str],
    protocol: Protocol,
    splits: tuple[Split, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Dataset:
    """A dataset, after checks: ids are unique, labels are known, and there are at least two classes.

    Raises:
        UsageError: If a check fails.
    """
    ordered = tuple(sorted(utterances, key=lambda utterance: utterance.id))
    if not ordered:
        raise UsageError(f"{name}: no utterances were found", "check --root and --labels")
    duplicates = sorted(key for key, count in Counter(item.id for item in ordered).items() if count > 1)
    if duplicates:
        raise UsageError(f"{name}: {len(duplicates)} ids occur twice: {listed(duplicates)}", "make every id unique")
    present = {item.label for item in ordered}
    if unknown := sorted(present - set(labels)):
        raise UsageError(f"{name}: unknown labels: {listed(unknown)}", f"use {', '.join(labels)}")
    spellings = Counter(label.casefold() for label in present)
    if ambiguous := sorted(label for label in present if spellings[label.casefold()] > 1):
        raise UsageError(f"{name}: labels that differ only in case: {listed(ambiguous)}", "use one spelling per class")
    if len(present) < 2:
        message = f"{name}: all {len(ordered)} utterances have the label {ordered[0].label!r}"
        raise UsageError(message, "give two or more")
    return Dataset(name, ordered, tuple(label for label in labels if label in present), protocol, splits, warnings)


def listed(names: Sequence[str]) -> str:
    """The names separated by commas; of many, the first ones."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def require_counts(name: str, found: dict[str, int], expected: dict[str, int], of: str) -> str:
    """Empty if the counts are as expected, else a description of the difference; `of` says what is counted."""
    if found == expected:
        return ""
    parts = [
        f"{key}: {found.get(key, 0)} instead of {expected.get(key, 0)}"
        for key in dict.fromkeys((*expected, *found))
        if found.get(key, 0) != expected.get(key, 0)
    ]
    total, actual = sum(expected.values()), sum(found.values())
    return f"{name} should have {total} utterances, but {actual} were found; {of}: {'; '.join(parts)}"


def fingerprint(dataset: Dataset, digests: dict[str, str]) -> str:
    """SHA-256 over every utterance's id, audio, interval, label, speaker and fold; paths have no influence.

    Args:
        dataset: The corpus.
        digests: The SHA-256 of each utterance's file, by id.
    """
    digest = hashlib.sha256()
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
        digest.update(repr(fields).encode() + b"\n")
    for split in dataset.splits:
        digest.update(repr((split.name, split.train, split.validation, split.test)).encode() + b"\n")
    return digest.hexdigest()


def duplicate_warnings(dataset: Dataset, digests: Mapping[str, str]) -> tuple[str, ...]:
    """A warning if utterances have the same audio: one may be in training and the other in the test.

    Args:
        dataset: The corpus.
        digests: The SHA-256 of each utterance's file, by id; some may be missing.
    """
    found: dict[tuple[str, float | None, float | None], list[str]] = {}
    for utterance in dataset.utterances:
        if utterance.id in digests:
            found.setdefault((digests[utterance.id], utterance.start, utterance.end), []).append(utterance.id)
    same = [f"{first} = {other}" for first, *others in found.values() for other in others]
    return (
        (f"{dataset.name}: {clause(len(same), 'audio file', 'occurs', 'occur')} twice, under two ids: {listed(same)}",)
        if same
        else ()
    )
