"""Any sequence classifier of Hugging Face's transformers as a scorer of sentiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from imigue_build.backends.torch_tools import device_of, first_line, prepare, versions
from imigue_build.bench.sentiment.scorers import POLARITIES, Scored
from imigue_build.errors import BackendError, UsageError
from imigue_build.models import Wanted, locate

_USUAL: Final = {name: label for label in POLARITIES for name in (label, label[:3])}
"""Names of classes that need no map, in lower case."""
_LONGEST: Final = 512
_BEYOND: Final = 1 << 20
"""A tokenizer that knows no longest text names some huge number."""


class Classifier:
    """A sequence classifier: a text's class is the most probable one, its score p(positive) - p(negative).

    Classes that are mapped to one polarity add up, so that a model of five stars can be used. Where a model tells
    no polarities its own classes, in lower case, are the labels.

    Args:
        model: Its name on the hub (it is here already), or its folder.
        names: The model's classes -> this project's, besides `negative`, `neg`, ... which are known.
        device: `auto`, `cpu` or `cuda`.
        batch_size: Texts at once; it changes no class and scores by rounding only.
        revision: On the hub.

    Raises:
        BackendError: If it is not here, or is no sequence classifier.
        UsageError: If `names` names a class that it has not.
    """

    def __init__(
        self,
        model: str,
        names: Mapping[str, str] | None = None,
        device: str = "auto",
        batch_size: int = 32,
        revision: str | None = None,
    ) -> None:
        prepare()
        located = locate(Wanted("text-classifier", model, revision))
        self._tools = versions(("torch", "transformers"))
        self._ref, self._batch_size, self._device = located.ref, batch_size, device_of(device, "bench")
        self._tokenizer, self._model = _load(located.path, model, self._device)
        config = self._model.config
        own = [str(config.id2label[index]) for index in range(config.num_labels)]
        self._classes = _classes(own, names or {}, model)
        self.labels = tuple(sorted(set(self._classes)))
        limits = (self._tokenizer.model_max_length, _positions(config), _LONGEST)
        self._longest = int(min(limit for limit in limits if limit and limit < _BEYOND))
        self._own, self._truncated = own, 0

    @property
    def about(self) -> dict[str, Any]:
        return {
            "name": self._ref.name,
            "revision": self._ref.revision,
            "sha256": self._ref.sha256,
            "classes": dict(zip(self._own, self._classes, strict=True)),
            "score": "p(positive) - p(negative)",
            "longest": self._longest,
            "truncated": self._truncated,
            "device": self._device,
            "tools": self._tools,
        }

    def score(self, texts: Sequence[str]) -> list[Scored]:
        """The class and score of each text; texts longer than the model takes are cut, and counted in `about`."""
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._longest + 1)["input_ids"]
        lengths = [len(one) for one in tokens]
        self._truncated += sum(length > self._longest for length in lengths)
        order = sorted(range(len(texts)), key=lambda index: (lengths[index], index))
        found: dict[int, Scored] = {}
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            for index, row in zip(batch, self._probabilities([texts[index] for index in batch]), strict=True):
                found[index] = self._scored(row)
        return [found[index] for index in range(len(texts))]

    def _probabilities(self, texts: list[str]) -> list[list[float]]:
        """(texts, the model's classes)"""
        import torch

        inputs = self._tokenizer(
            texts, truncation=True, max_length=self._longest, padding=True, return_tensors="pt"
        ).to(self._device)
        with torch.inference_mode():
            logits = self._model(**inputs).logits.float()
        if not bool(torch.isfinite(logits).all()):
            raise BackendError(f"{self._ref.name} gives values that are no numbers", "check the model's weights")
        rows: list[list[float]] = logits.softmax(dim=-1).cpu().tolist()
        return rows

    def _scored(self, probabilities: Sequence[float]) -> Scored:
        sums = dict.fromkeys(self.labels, 0.0)
        for label, probability in zip(self._classes, probabilities, strict=True):
            sums[label] += probability
        return Scored(max(sums, key=sums.__getitem__), sums.get("positive", 0.0) - sums.get("negative", 0.0))


def _load(path: Any, name: str, device: str) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        model, told = AutoModelForSequenceClassification.from_pretrained(
            path, local_files_only=True, output_loading_info=True
        )
    except Exception as error:
        what = f"{name} cannot be loaded as a sequence classifier ({first_line(error)})"
        raise BackendError(what, "name a text classifier that transformers loads without code of its own") from error
    if missing := sorted(told["missing_keys"]):  # transformers would go on with random weights in their place
        what = f"{name} is no sequence classifier: it has no weights for {', '.join(missing[:3])}"
        raise BackendError(what, "name a model that was trained to classify")
    if model.config.num_labels < 2:
        raise BackendError(f"{name} tells one value, not classes", "name a classifier")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, model.eval().to(device)


def _positions(config: Any) -> int:
    """How many tokens a model has positions for; models of RoBERTa's kind lose those up to the padding's."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0)
    offset = config.pad_token_id + 1 if "roberta" in config.model_type or config.model_type == "camembert" else 0
    return positions - offset if positions else 0


def _classes(own: Sequence[str], names: Mapping[str, str], model: str) -> list[str]:
    """The label of each of the model's classes, in the model's order."""
    given = {name.casefold(): label for name, label in names.items()}
    if unknown := sorted(given.keys() - {name.casefold() for name in own}):
        what = f"--model-labels names {', '.join(unknown)}, but the classes of {model} are {', '.join(own)}"
        raise UsageError(what, "use its names")
    return [given.get(name.casefold()) or _USUAL.get(name.casefold()) or name.casefold() for name in own]
