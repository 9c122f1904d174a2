"""Scorers of the sentiment of texts."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple, Protocol

POLARITIES: Final = ("negative", "neutral", "positive")
THRESHOLD: Final = 0.05
"""VADER's usual threshold: compound scores from here on are positive, from its negative down negative."""


class Sentiment(NamedTuple):
    """The class of a text, and its score from -1 (negative) to 1 (positive)."""

    label: str
    score: float


class Scorer(Protocol):
    """A scorer of texts; `labels` are its classes, `about` describes it."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def about(self) -> dict[str, Any]: ...

    def score(self, texts: Sequence[str]) -> list[Sentiment]: ...


class Vader:
    """VADER (Hutto and Gilbert 2014): rules and a lexicon. It uses punctuation and capitals: give it the raw text."""

    labels = POLARITIES

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self._analyzer = SentimentIntensityAnalyzer()

    @property
    def about(self) -> dict[str, Any]:
        return {"name": "vader", "version": version("vaderSentiment"), "cut": THRESHOLD, "score": "compound"}

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        """The compound score of each text, and its class by the usual thresholds.

        >>> Vader().score(["I love it!", "The court is green."])[1]
        Sentiment(label='neutral', score=0.0)
        """
        return [_of_compound(self._analyzer.polarity_scores(text)["compound"]) for text in texts]


def _of_compound(compound: float) -> Sentiment:
    label = "positive" if compound >= THRESHOLD else "negative" if compound <= -THRESHOLD else "neutral"
    return Sentiment(label, float(compound))
