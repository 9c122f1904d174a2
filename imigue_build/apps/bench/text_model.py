"""Text models of Hugging Face's transformers, in batches of texts of like length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from imigue_build.backends.gpu.torch_tools import device_of, first_line, prepare, versions
from imigue_build.core.errors import BackendError
from imigue_build.models import Wanted, locate

Head = Literal["AutoModel", "AutoModelForSequenceClassification"]
"""The class of transformers that loads a model: an encoder alone, or with a classifier on it."""

_LONGEST: Final = 512
_BEYOND: Final = 1 << 20
"""A tokenizer that knows no longest text names some huge number."""
_WHAT: Final = {"AutoModel": "text encoder", "AutoModelForSequenceClassification": "sequence classifier"}


class TextModel:
    """A tokenizer and a model; texts longer than it takes are cut, and counted in `truncated`.

    Args:
        name: Its name on the hub (it is here already), or its folder.
        head: What of it is loaded.
        device: `auto`, `cpu` or `cuda`.
        batch_size: Texts at once; it changes values by rounding only.
        revision: On the hub.

    Raises:
        BackendError: If it is not here, or has no weights for what it is wanted for.
    """

    def __init__(
        self, name: str, head: Head, device: str = "auto", batch_size: int = 32, revision: str | None = None
    ) -> None:
        prepare()
        located = locate(Wanted("text-model", name, revision))
        self._tools = versions(("torch", "transformers"))
        self._ref, self._device, self._batch_size = located.ref, device_of(device, "bench"), batch_size
        self._tokenizer, self._model = _load(located.path, name, head)
        self._model.to(self._device)
        limits = (self._tokenizer.model_max_length, _positions(self.config), _LONGEST)
        self._longest = int(min(limit for limit in limits if limit and limit < _BEYOND))
        self.truncated = 0

    @property
    def config(self) -> Any:
        """The model's own settings."""
        return self._model.config

    @property
    def about(self) -> dict[str, Any]:
        """All that decides what it says."""
        return {
            "name": self._ref.name,
            "revision": self._ref.revision,
            "sha256": self._ref.sha256,
            "longest": self._longest,
            "device": self._device,
            "tools": self._tools,
        }

    def run(self, texts: Sequence[str], read: Callable[[Any, Any], Any]) -> list[list[float]]:
        """A row of numbers for each text.

        Args:
            texts: Any, also empty ones.
            read: Makes (texts, numbers) of the model's outputs and its attention mask.

        Raises:
            BackendError: If the numbers are none.
        """
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._longest + 1)["input_ids"]
        lengths = [len(token) for token in tokens]
        self.truncated += sum(length > self._longest for length in lengths)
        order = sorted(range(len(texts)), key=lambda index: (lengths[index], index))
        found: dict[int, list[float]] = {}
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            found |= zip(batch, self._forward([texts[index] for index in batch], read), strict=True)
        return [found[index] for index in range(len(texts))]

    def _forward(self, texts: list[str], read: Callable[[Any, Any], Any]) -> list[list[float]]:
        import torch

        inputs = self._tokenizer(
            texts, truncation=True, max_length=self._longest, padding=True, return_tensors="pt"
        ).to(self._device)
        with torch.inference_mode():
            values = read(self._model(**inputs), inputs["attention_mask"])
        if not bool(torch.isfinite(values).all()):
            raise BackendError(f"{self._ref.name} gives values that are no numbers", "check the model's weights")
        rows: list[list[float]] = values.float().cpu().tolist()
        return rows


def _load(path: Path, name: str, head: Head) -> tuple[Any, Any]:
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
        model, told = getattr(transformers, head).from_pretrained(path, local_files_only=True, output_loading_info=True)
    except Exception as error:
        what = f"{name} cannot be loaded as a {_WHAT[head]} ({first_line(error)})"
        raise BackendError(what, "name a model that transformers loads without code of its own") from error
    # transformers goes on with random weights in the place of missing ones; a pooler is not used here
    if missing := sorted(item for item in told["missing_keys"] if head != "AutoModel" or "pooler" not in item):
        what = f"{name} is no {_WHAT[head]}: it has no weights for {', '.join(missing[:3])}"
        raise BackendError(what, "name a model that was trained for it")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
        model.config.pad_token_id = tokenizer.pad_token_id
    return tokenizer, model.eval()


def _positions(config: Any) -> int:
    """How many tokens a model has positions for; models of RoBERTa's kind lose those up to the padding's."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0)
    offset = config.pad_token_id + 1 if "roberta" in config.model_type or config.model_type == "camembert" else 0
    return positions - offset if positions else 0
