"""Sentiment of texts by VADER or a classifier, compared with labels or over a release."""

from __future__ import annotations

from imigue_build.apps.bench.sentiment.classifier import scorer_of
from imigue_build.apps.bench.sentiment.labelled import Predicted, Table, against_labels, measures, text_table
from imigue_build.apps.bench.sentiment.released import of_release, read_labels
from imigue_build.apps.bench.sentiment.scorers import POLARITIES, Scorer, Sentiment, Vader

__all__ = [
    "POLARITIES",
    "Predicted",
    "Scorer",
    "Sentiment",
    "Table",
    "Vader",
    "against_labels",
    "measures",
    "of_release",
    "read_labels",
    "scorer_of",
    "text_table",
]
