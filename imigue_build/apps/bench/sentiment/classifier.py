"""A scorer of sentiment from any sequence classifier of Hugging Face transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from imigue_build.apps.bench.sentiment.scorers import POLARITIES, Scorer, Sentiment, Vader
from imigue_build.apps.bench.text_model import TextModel
from imigue_build.core.errors import BackendError, UsageError

_USUAL: Final = {name: label for label in POLARITIES for name in (label, label[:3])}
"""Class names that need no mapping, in lower case."""


class Classifier:
    """A sequence classifier: a text's class is the most probable one, its score p(positive) - p(negative).

    Probabilities of classes with the same polarity are added, so that a model of five stars can be used. For a model
    without polarities, the labels are its own classes, in lower case.

    Args:
        model: Its name on the hub (already downloaded), or its folder.
        names: The model's classes -> polarities, besides `negative`, `neg`, ... which are known.
        device: `auto`, `cpu` or `cuda`.
        batch_size: Texts per batch; it changes scores by rounding only.
        revision: On the hub.

    Raises:
        BackendError: If it is not available, or is not a sequence classifier.
        UsageError: If `names` has a class that the model lacks.
    """

    def __init__(
        self,
        model: str,
        names: Mapping[str, str] | None = None,
        device: str = "auto",
        batch_size: int = 32,
        revision: str | None = None,
    ) -> None:
        self._model = TextModel(model, "AutoModelForSequenceClassification", device, batch_size, revision)
        config = self._model.config
        if config.num_labels < 2:
            raise BackendError(f"{model} has a single output, not classes", "name a classifier")
        self._own = [str(config.id2label[index]) for index in range(config.num_labels)]
        self._classes = _classes(self._own, names or {}, model)
        self.labels = tuple(sorted(set(self._classes)))

    @property
    def about(self) -> dict[str, Any]:
        return {
            **self._model.about,
            "classes": dict(zip(self._own, self._classes, strict=True)),
            "score": "p(positive) - p(negative)",
            "truncated": self._model.truncated,
        }

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        """The class and score of each text."""
        rows = self._model.run(texts, lambda outputs, mask: outputs.logits.float().softmax(dim=-1))
        return [self._scored(row) for row in rows]

    def _scored(self, probabilities: Sequence[float]) -> Sentiment:
        sums = dict.fromkeys(self.labels, 0.0)
        for label, probability in zip(self._classes, probabilities, strict=True):
            sums[label] += probability
        return Sentiment(max(sums, key=sums.__getitem__), sums.get("positive", 0.0) - sums.get("negative", 0.0))


def _classes(own: Sequence[str], names: Mapping[str, str], model: str) -> list[str]:
    """The label of each of the model's classes, in the model's order."""
    given = {name.casefold(): label for name, label in names.items()}
    if unknown := sorted(given.keys() - {name.casefold() for name in own}):
        message = f"--model-labels has {', '.join(unknown)}, but the classes of {model} are {', '.join(own)}"
        raise UsageError(message, "use its names")
    return [given.get(name.casefold()) or _USUAL.get(name.casefold()) or name.casefold() for name in own]


def scorer_of(model: str, labels: Mapping[str, str], device: str, revision: str | None) -> Scorer:
    """VADER, or a classifier by its name or folder; `labels` is which label a class of it means.

    Raises:
        UsageError: If VADER is given what classifiers alone take.
        BackendError: If the classifier is not here, or is none.
    """
    if model == "vader":
        if labels:
            raise UsageError("--model-labels is of classifiers, not of vader", "leave it out")
        if revision is not None:
            raise UsageError("--revision is of classifiers, not of vader", "leave it out, or name a --model")
        return Vader()
    return Classifier(model, labels, device, revision=revision)
