"""Sentiment compared with the labels of a table."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from imigue_build.apps.bench import metrics
from imigue_build.apps.bench.sentiment.scorers import Scorer, Sentiment
from imigue_build.apps.bench.ser import tools
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.bounded_csv import TABLE, TextFile, column_name
from imigue_build.core.untrusted.files import shown
from imigue_build.store.disk import guarded, sha256

CHUNK: Final = 1024
"""Texts per batch."""
_ABSENT: Final = frozenset({"", "nan", "na", "none", "null"})

Progress = Callable[[int], None]
"""Called with the number of texts that have been scored."""


def text_table(path: Path, encoding: str | None = None) -> TextFile:
    """A table of texts, of any size: its rows are not held in memory."""
    return TextFile(path, TABLE._replace(most_bytes=sys.maxsize), encoding, max_lines=sys.maxsize)


class Table(NamedTuple):
    """A table of texts with labels.

    `names` maps its labels, in lower case, to the scorer's classes, besides those of the same name.
    """

    file: TextFile
    text_column: str
    label_column: str
    names: Mapping[str, str]
    id_column: str | None = None


class Predicted(NamedTuple):
    """A scored row of a table: its id or line, its label, and its sentiment."""

    name: str
    label: str
    scored: Sentiment


class Predictions:
    """The predictions of a table's rows, in order; `left_out` counts those that were not scored, by reason."""

    def __init__(self, table: Table, scorer: Scorer) -> None:
        self._table, self._scorer = table, scorer
        self._names = class_names(table.names, scorer.labels)
        self._ids: dict[str, int] = {}
        self.left_out: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Predicted]:
        rows = self._rows()
        while chunk := list(islice(rows, CHUNK)):
            scores = self._scorer.score([text for _, text, _ in chunk])
            for (name, _, label), scored in zip(chunk, scores, strict=True):
                yield Predicted(name, label, scored)

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        """Name, text and class of every row with text and label."""
        table = self._table
        columns = [table.text_column, table.label_column, *([table.id_column] if table.id_column else [])]
        for line, fields in table.file.table(columns):
            text, given = fields[column_name(table.text_column)], fields[column_name(table.label_column)].strip()
            name = self._name(line, fields)
            if given.casefold() in _ABSENT:
                self.left_out["no label"] += 1
            elif not text.strip():
                self.left_out["empty text"] += 1
            elif (label := self._names.get(given.casefold())) is None:
                message = f"{shown(table.file.path)}, line {line}: the label {shown(given)!r} is none of "
                remedy = f"map it to a class: --label-map {shown(given)}={self._scorer.labels[0]}"
                raise UsageError(message + ", ".join(self._scorer.labels), remedy)
            else:
                yield name, text, label

    def _name(self, line: int, fields: Mapping[str, str]) -> str:
        if self._table.id_column is None:
            return str(line)
        name = fields[column_name(self._table.id_column)].strip()
        if not name or name in self._ids:
            fault = f"is on line {self._ids[name]} too" if name else "is empty"
            message = f"{shown(self._table.file.path)}, line {line}: {self._table.id_column} {shown(name)!r} {fault}"
            raise UsageError(message, "give every row an id of its own")
        self._ids[name] = line
        return name


def class_names(names: Mapping[str, str], labels: Sequence[str]) -> dict[str, str]:
    """Label, in lower case -> the scorer's class: those of the same name, and those that `names` maps.

    Raises:
        UsageError: If it maps a label to an unknown class.
    """
    if unknown := sorted(set(names.values()) - set(labels)):
        message = f"--label-map has {', '.join(map(shown, unknown))}, which are not classes of the model"
        raise UsageError(message, f"its classes are {', '.join(labels)}")
    return {label.casefold(): label for label in labels} | {name.casefold(): label for name, label in names.items()}


def against_labels(
    table: Table,
    scorer: Scorer,
    seed: int = 0,
    progress: Progress | None = None,
    keep: Callable[[Predicted], None] | None = None,
) -> dict[str, Any]:
    """Evaluates a scorer on the labelled texts of a table.

    Args:
        table: The texts and their classes.
        scorer: The scorer.
        seed: Of the bootstrap.
        progress: Called after every batch.
        keep: Called with every prediction, in the table's order.

    Raises:
        UsageError: If the table cannot be used, or has only one class.
    """
    predictions = Predictions(table, scorer)
    pairs: Counter[tuple[str, str]] = Counter()
    for number, prediction in enumerate(predictions, 1):
        pairs[prediction.label, prediction.scored.label] += 1
        if keep:
            keep(prediction)
        if progress and number % CHUNK == 0:
            progress(number)
    left_out = dict(sorted(predictions.left_out.items()))
    total = pairs.total()
    if not total:
        reasons = ", ".join(f"{reason} in {count}" for reason, count in left_out.items()) or "it has no rows"
        raise UsageError(
            f"{shown(table.file.path)} has no text with a label ({reasons})", "check --text-column, --label-column"
        )
    classes = {label for label, _ in pairs}
    if len(classes) < 2:
        raise UsageError(f"every label of {shown(table.file.path)} is {classes.pop()}", "two classes are needed")
    with guarded(f"cannot read {table.file.path}"):
        data = {"file": table.file.path.name, "sha256": sha256(table.file.path), "encoding": table.file.encoding}
    return {
        **measures(pairs, seed),
        "n": total,
        "left_out": left_out,
        "model": scorer.about,
        "data": data,
        "seed": seed,
        "tools": tools(),
    }


def measures(pairs: Mapping[tuple[str, str], int], seed: int = 0) -> dict[str, Any]:
    """Accuracy, macro-F1 and UAR, and their details, from counts of (label, prediction).

    Macro-F1 is the mean over the classes that occur among labels or predictions, UAR the mean recall over those among
    the labels, both as in scikit-learn. The intervals are from a bootstrap over texts.
    """
    import numpy as np

    labels = sorted({name for pair in pairs for name in pair})
    counts = np.array([[pairs.get((row, column), 0) for column in labels] for row in labels], np.int64)
    total, correct, predicted = counts.sum(1), np.diagonal(counts), counts.sum(0)
    present = total > 0
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), (counts / counts.sum()).ravel(), metrics.RESAMPLES)
    samples = drawn.reshape(-1, *counts.shape)
    figures = {
        "accuracy": metrics.war(samples),
        "macro_f1": np.array([metrics.macro_f1(sample) for sample in samples]),
        "uar": metrics.uar(samples),
    }
    classes = {
        label: {
            "precision": float(correct[index] / predicted[index]) if predicted[index] else 0.0,
            "recall": float(correct[index] / total[index]) if total[index] else None,
            "f1": float(2 * correct[index] / (total[index] + predicted[index])),
            "n": int(total[index]),
        }
        for index, label in enumerate(labels)
    }
    return {
        "accuracy": float(metrics.war(counts)),
        "macro_f1": metrics.macro_f1(counts),
        "uar": float(metrics.uar(counts)),
        "ci95": {
            name: [float(value) for value in np.percentile(drawn, [2.5, 97.5])] for name, drawn in figures.items()
        },
        "majority": {"accuracy": float(total.max() / total.sum()), "uar": float(1 / present.sum())},
        "classes": classes,
        "labels": labels,
        "confusion": counts.tolist(),
    }
