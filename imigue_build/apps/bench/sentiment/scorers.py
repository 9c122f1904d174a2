"""What tells the sentiment of a text."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple, Protocol

POLARITIES: Final = ("negative", "neutral", "positive")
CUT: Final = 0.05
"""VADER's usual cut: a compound score from here on is positive, down from its negative is negative."""


class Scored(NamedTuple):
    """A text's class, and its score from -1 (negative) to 1 (positive)."""

    label: str
    score: float


class Scorer(Protocol):
    """Anything that tells texts' sentiment; `labels` are its classes, `about` says what it is."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def about(self) -> dict[str, Any]: ...

    def score(self, texts: Sequence[str]) -> list[Scored]: ...


class Vader:
    """VADER (Hutto and Gilbert 2014): rules and a lexicon. It reads punctuation and capitals: give it the raw text."""

    labels = POLARITIES

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self._analyzer = SentimentIntensityAnalyzer()

    @property
    def about(self) -> dict[str, Any]:
        return {"name": "vader", "version": version("vaderSentiment"), "cut": CUT, "score": "compound"}

    def score(self, texts: Sequence[str]) -> list[Scored]:
        """The compound score of each text, and its class by the usual cuts.

        >>> Vader().score(["I love it!", "The court is green."])[1]
        Scored(label='neutral', score=0.0)
        """
        return [_of_compound(self._analyzer.polarity_scores(text)["compound"]) for text in texts]


def _of_compound(compound: float) -> Scored:
    label = "positive" if compound >= CUT else "negative" if compound <= -CUT else "neutral"
    return Scored(label, float(compound))
