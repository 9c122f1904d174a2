"""The benchmarks on what is said, on real sentences."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from imigue_build.apps.bench.sentiment import Table, Vader, against_labels, text_table

pytestmark = pytest.mark.e2e
SHARED = os.environ.get("IMIGUE_SHARED_DATA")


@pytest.mark.skipif(not SHARED, reason="IMIGUE_SHARED_DATA is not set: no sentences with labels")
def test_vader_on_meld_equals_an_independent_computation() -> None:
    path = Path(SHARED or "") / "meld" / "dev_sent_emo.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["Utterance"], row["Sentiment"]) for row in csv.DictReader(file)]
    analyzer = SentimentIntensityAnalyzer()
    compounds = [analyzer.polarity_scores(text)["compound"] for text, _ in rows]
    told = ["positive" if one >= 0.05 else "negative" if one <= -0.05 else "neutral" for one in compounds]
    labels = [label for _, label in rows]
    found = against_labels(Table(text_table(path), "Utterance", "Sentiment", {}), Vader())
    assert found["n"] == len(rows) == 1109
    assert round(found["macro_f1"], 4) == round(f1_score(labels, told, average="macro"), 4) == 0.3970
    assert round(found["accuracy"], 4) == round(accuracy_score(labels, told), 4)
    assert round(found["uar"], 4) == round(balanced_accuracy_score(labels, told), 4)
