"""The pretrained models that benchmarks use: speech encoders and text models of transformers, and Whisper's encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from imigue_build.backends.asr.whisper.model import WHISPER
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
WHISPER_ENCODER: Final = replace(
    WHISPER,
    unfit=(
        WHISPER.unfit[0],
        "convert it with ct2-transformers-converter --copy_files tokenizer.json, or name another after whisper:",
    ),
    command="bench fetch whisper:{name}",
)
