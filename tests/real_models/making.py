"""Models that the real tools load: a diarization pipeline of published weights, and small networks of random weights.

Random weights stand where published ones are on no package index: their results are compared with those of the same
network computed otherwise, never with a reference.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from imigue_build.backends.diarization.segmentation_onnx.weights import EMBEDDING, SEGMENTATION, require_file


def wav2vec2(folder: Path) -> Path:
    """A wav2vec 2.0 that knows letters, for whisperx's aligner; random weights, but its path is monotonic too."""
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
        Wav2Vec2Processor,
    )

    folder.mkdir(parents=True)
    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
    (folder / "vocab.json").write_text(json.dumps({letter: index for index, letter in enumerate(letters)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
    extractor = Wav2Vec2FeatureExtractor(feature_size=1, sampling_rate=16000, padding_value=0.0, do_normalize=True)
    Wav2Vec2Processor(feature_extractor=extractor, tokenizer=tokenizer).save_pretrained(folder)
    torch.manual_seed(3)
    config = Wav2Vec2Config(
        vocab_size=len(letters), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        conv_dim=(16,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, pad_token_id=0,
    )  # fmt: skip
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    return folder


_CLUSTERING: Final = {
    "AgglomerativeClustering": "{method: centroid, min_cluster_size: 12, threshold: 0.7045654963945799}",
    "VBxClustering": "{threshold: 0.6, Fa: 0.07, Fb: 0.8}",
}
"""Settings by method. The first is that of pyannote's pipeline 3.1, with its threshold for another embedding."""
_PIPELINE: Final = """\
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: $model/segmentation
    segmentation_step: 0.25
    embedding: $model/embedding
    embedding_exclude_overlap: true
    clustering: %s
    plda: $model/plda
params:
  segmentation:
    min_duration_off: 0.0
  clustering: %s
"""


def diarization_pipeline(folder: Path, clustering: str = "AgglomerativeClustering") -> Path:
    """pyannote's diarization pipeline with the published weights: segmentation-3.0 and the embedding CAM++.

    Args:
        folder: Where it is written.
        clustering: `AgglomerativeClustering`, as in pyannote's pipeline 3.1, or `VBxClustering`, as in community-1:
            without the PLDA that belongs to it, so that it needs the number of speakers.
    """
    import torch
    from campplus import SIZE, CamPlusPlus
    from lightning import __version__ as lightning_version
    from pyannote.audio.core.task import Problem, Resolution, Specifications

    for name in ("segmentation", "embedding"):
        (folder / name).mkdir(parents=True)
    # the checkpoint with the network's settings is beside the file that holds its tensors alone
    checkpoint_path = require_file(SEGMENTATION).with_name("pytorch_model.bin")
    shutil.copy(checkpoint_path, folder / "segmentation" / "pytorch_model.bin")
    embedding = CamPlusPlus()
    embedding.layers.load_state_dict(torch.load(require_file(EMBEDDING), weights_only=True))
    embedding.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=5.0, classes=["voice"]
    )
    checkpoint: dict[str, Any] = {
        "state_dict": embedding.state_dict(),
        "hyper_parameters": dict(embedding.hparams),
        "pytorch-lightning_version": lightning_version,
    }
    embedding.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, folder / "embedding" / "pytorch_model.bin")
    _plda(folder / "plda", SIZE)
    (folder / "config.yaml").write_text(_PIPELINE % (clustering, _CLUSTERING[clustering]))
    return folder


def _plda(folder: Path, dimension: int) -> None:
    """Transforms that change nothing: pyannote 4 loads them whatever clusters the voices."""
    import numpy as np

    folder.mkdir()
    zero, same = np.zeros(dimension), np.eye(dimension)
    np.savez(folder / "xvec_transform.npz", mean1=zero, mean2=zero, lda=same)
    np.savez(folder / "plda.npz", mu=zero, tr=same, psi=np.ones(dimension))


def text_classifier(folder: Path, classes: tuple[str, ...] = ("NEGATIVE", "NEU", "Positive")) -> Path:
    """A small BERT with random weights that tells classes of texts of a few known words."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir(parents=True)
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *["i", "love", "hate", "it", "the", "match", "was", "good", "bad", "so", "a", "lot", ".", "!"],
    ]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=16).save_pretrained(folder)
    torch.manual_seed(23)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=16, id2label=dict(enumerate(classes)), initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def speech_classifier(folder: Path, classes: tuple[str, ...], weighted: bool = False) -> Path:
    """A small wav2vec 2.0 with random weights and a sequence classifier's head."""
    import torch
    from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

    torch.manual_seed(6)
    model = Wav2Vec2ForSequenceClassification(
        _small_wav2vec2(id2label=dict(enumerate(classes)), use_weighted_layer_sum=weighted)
    )
    if weighted:
        model.layer_weights.data = torch.tensor([0.5, -1.0, 2.0])
    model.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    return folder


def dimensional(folder: Path) -> Path:
    """A small wav2vec 2.0 with the head of Wagner et al. (2023): mean, dense, tanh, three outputs; in a .bin file."""
    import torch
    from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

    torch.manual_seed(7)
    config = _small_wav2vec2(id2label={0: "arousal", 1: "dominance", 2: "valence"}, problem_type="regression")
    weights = {f"wav2vec2.{name}": one for name, one in Wav2Vec2Model(config).state_dict().items()}
    for name, shape in (("dense", (32, 32)), ("out_proj", (3, 32))):
        weights[f"classifier.{name}.weight"] = torch.randn(shape)
        weights[f"classifier.{name}.bias"] = torch.randn(shape[0])
    config.save_pretrained(folder)
    torch.save(weights, folder / "pytorch_model.bin")
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    return folder


def _small_wav2vec2(**settings: Any) -> Any:
    from transformers import Wav2Vec2Config

    return Wav2Vec2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, feat_extract_norm="layer",
        do_stable_layer_norm=True, classifier_proj_size=8, initializer_range=0.5, **settings,
    )  # fmt: skip


def encoder(folder: Path, kind: str = "wav2vec2", norm: str = "layer") -> Path:
    """A speech encoder of random weights: three layers (the first one's input counts) of 32 numbers.

    Args:
        folder: Where it goes.
        kind: `wav2vec2`, `hubert` or `wavlm`.
        norm: `layer`, as the large models have it, or `group`, as the base models, which hear padding.
    """
    import torch
    from transformers import (
        HubertConfig,
        HubertModel,
        Wav2Vec2Config,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2Model,
        WavLMConfig,
        WavLMModel,
    )

    kinds = {
        "wav2vec2": (Wav2Vec2Config, Wav2Vec2Model),
        "hubert": (HubertConfig, HubertModel),
        "wavlm": (WavLMConfig, WavLMModel),
    }
    settings, model = kinds[kind]
    torch.manual_seed(5)
    config = settings(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, feat_extract_norm=norm,
        do_stable_layer_norm=norm == "layer", conv_bias=norm == "layer",
    )  # fmt: skip
    model(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(
        feature_size=1,
        sampling_rate=16_000,
        padding_value=0.0,
        do_normalize=True,
        return_attention_mask=norm == "layer",
    ).save_pretrained(folder)
    return folder
