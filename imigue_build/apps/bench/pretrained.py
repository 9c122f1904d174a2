"""The pretrained models that benchmarks take from the hub: speech encoders and text models of transformers."""

from __future__ import annotations

from typing import Final

from imigue_build.models import HubModel

_WEIGHTS: Final = ("model*.safetensors", "pytorch_model*.bin")

ENCODER: Final = HubModel(
    kind="encoder",
    files=("*.json", "*.txt", "*.safetensors", "pytorch_model*.bin"),
    needed=(_WEIGHTS, ("config.json",), ("preprocessor_config.json", "processor_config.json")),
    unfit=("is a speech encoder that cannot be loaded", "check --features"),
    one_form=True,
    command="bench fetch {name}",
)
TEXT_MODEL: Final = HubModel(
    kind="text-model",
    files=("*.json", "*.txt", "*.model", "model*.safetensors", "pytorch_model*.bin"),
    needed=(_WEIGHTS, ("config.json",), ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")),
    unfit=("is a text model that cannot be loaded", "name the folder of a model of transformers"),
    one_form=True,
    command="bench fetch {name} --text",
)
