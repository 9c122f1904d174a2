"""Text models of Hugging Face transformers, in batches of texts of similar length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from imigue_build.apps.bench.pretrained import TEXT_MODEL
from imigue_build.backends.gpu.torch_tools import device_of, first_line, prepare, versions
from imigue_build.core.errors import BackendError
from imigue_build.models import Wanted, locate

Head = Literal["AutoModel", "AutoModelForSequenceClassification"]
"""The transformers class that loads a model: an encoder alone, or with a classification head."""

_MAX_TOKENS: Final = 512
_UNLIMITED: Final = 1 << 20
"""Tokenizers without a maximum length state a larger number."""
_KINDS: Final = {"AutoModel": "text encoder", "AutoModelForSequenceClassification": "sequence classifier"}


class TextModel:
    """A tokenizer and a model; longer texts are truncated, and counted in `truncated`.

    Args:
        name: Its name on the hub (already downloaded), or its folder.
        head: The class that loads it.
        device: `auto`, `cpu` or `cuda`.
        batch_size: Texts per batch; it changes values by rounding only.
        revision: On the hub.

    Raises:
        BackendError: If it is not available, or lacks weights for this use.
    """

    def __init__(
        self, name: str, head: Head, device: str = "auto", batch_size: int = 32, revision: str | None = None
    ) -> None:
        prepare()
        located = locate(Wanted(TEXT_MODEL, name, revision))
        self._tools = versions(("torch", "transformers"))
        self._ref, self._device, self._batch_size = located.ref, device_of(device, "bench"), batch_size
        self._tokenizer, self._model = _load(located.path, name, head)
        self._model.to(self._device)
        limits = (self._tokenizer.model_max_length, _positions(self.config), _MAX_TOKENS)
        self._max_tokens = int(min(limit for limit in limits if limit and limit < _UNLIMITED))
        self.truncated = 0

    @property
    def config(self) -> Any:
        """The model's configuration."""
        return self._model.config

    @property
    def about(self) -> dict[str, Any]:
        """Everything that determines the model's output."""
        return {
            "name": self._ref.name,
            "revision": self._ref.revision,
            "sha256": self._ref.sha256,
            "longest": self._max_tokens,
            "device": self._device,
            "tools": self._tools,
        }

    def run(self, texts: Sequence[str], read: Callable[[Any, Any], Any]) -> list[list[float]]:
        """A row of numbers for each text.

        Args:
            texts: Any, including empty ones.
            read: Computes (texts, numbers) from the model's outputs and the attention mask.

        Raises:
            BackendError: If the numbers are not finite.
        """
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._max_tokens + 1)["input_ids"]
        lengths = [len(token) for token in tokens]
        self.truncated += sum(length > self._max_tokens for length in lengths)
        order = sorted(range(len(texts)), key=lambda index: (lengths[index], index))
        found: dict[int, list[float]] = {}
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            found |= zip(batch, self._forward([texts[index] for index in batch], read), strict=True)
        return [found[index] for index in range(len(texts))]

    def _forward(self, texts: list[str], read: Callable[[Any, Any], Any]) -> list[list[float]]:
        import torch

        inputs = self._tokenizer(
            texts, truncation=True, max_length=self._max_tokens, padding=True, return_tensors="pt"
        ).to(self._device)
        with torch.inference_mode():
            values = read(self._model(**inputs), inputs["attention_mask"])
        if not bool(torch.isfinite(values).all()):
            raise BackendError(f"{self._ref.name} gives values that are not finite", "check the model's weights")
        rows: list[list[float]] = values.float().cpu().tolist()
        return rows


def _load(path: Path, name: str, head: Head) -> tuple[Any, Any]:
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
        model, loading = getattr(transformers, head).from_pretrained(
            path, local_files_only=True, output_loading_info=True
        )
    except Exception as error:
        message = f"{name} cannot be loaded as a {_KINDS[head]} ({first_line(error)})"
        raise BackendError(message, "name a model that transformers loads without custom code") from error
    # transformers fills missing weights with random ones; a pooler is not used here
    missing = sorted(key for key in loading["missing_keys"] if head != "AutoModel" or "pooler" not in key)
    if missing:
        message = f"{name} is not a {_KINDS[head]}: it has no weights for {', '.join(missing[:3])}"
        raise BackendError(message, "name a model that was trained for it")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
        model.config.pad_token_id = tokenizer.pad_token_id
    return tokenizer, model.eval()


def _positions(config: Any) -> int:
    """The maximum number of positions; RoBERTa models lose those up to the padding index."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0)
    offset = config.pad_token_id + 1 if "roberta" in config.model_type or config.model_type == "camembert" else 0
    return positions - offset if positions else 0
