"""Small models that the real tools load: they take seconds to make and say what they were made to say."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

SENTENCE: Final = " Well, I won 6-4, 7-6 today. It was not easy, you know! Thank you."
"""What the Whisper made here says to every chunk."""
STUTTER: Final = " So" + " thank you, thank you," * 12
SECONDS_A_TOKEN: Final = 0.24
"""Its attention moves on by so much from one token to the next."""

_EOT: Final = 50257
_PROMPT: Final = 4  # start of transcript, language, task, no timestamps
_WIDTH: Final = 64  # half of it says which token follows, half at which time
_HALF: Final = _WIDTH // 2
_FRAMES: Final = 1500


def whisper(folder: Path, text: str = SENTENCE, sureness: float = 3.0) -> Path:
    """A Whisper in CTranslate2 form that writes `text`, whatever it hears.

    Its attention and feed-forward weights are zero, so that the embedding of a position alone
    decides the token at it. Only the cross-attention looks at the sound's time: it moves
    on steadily.

    Args:
        folder: Where it goes.
        text: What it says.
        sureness: Factor on the logits; below 1 every token is improbable.
    """
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(11)
    source = folder.with_name(folder.name + ".transformers")
    tokenizer = _whisper_tokenizer(text)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=51865, d_model=_WIDTH, num_mel_bins=80,
            encoder_layers=1, encoder_attention_heads=1, encoder_ffn_dim=8,
            decoder_layers=1, decoder_attention_heads=1, decoder_ffn_dim=8,
            max_source_positions=_FRAMES, max_target_positions=448,
            pad_token_id=_EOT, bos_token_id=_EOT, eos_token_id=_EOT, decoder_start_token_id=_EOT + 1,
            suppress_tokens=None, begin_suppress_tokens=None,
        )
    )  # fmt: skip
    _teach(model, [*tokenizer.encode(text, add_special_tokens=False).ids, _EOT], sureness)
    model.save_pretrained(source)
    tokenizer.save(str(source / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<|endoftext|>"}
    (source / "tokenizer_config.json").write_text(json.dumps(settings))
    features = {"feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (source / "preprocessor_config.json").write_text(json.dumps(features))
    copied = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(source), copy_files=copied).convert(str(folder), quantization="int8")
    shutil.rmtree(source)
    return folder


def _teach(model: Any, tokens: list[int], sureness: float) -> None:
    """Writes the weights: position p says token p, and attends to the time `p * SECONDS_A_TOKEN`."""
    import torch

    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name:
                weight.zero_()
        codes = torch.randn(model.config.vocab_size, _HALF, generator=generator)
        codes = codes / codes.norm(dim=1, keepdim=True)
        decoder, encoder = model.model.decoder, model.model.encoder
        decoder.embed_tokens.weight[:, :_HALF] = codes
        model.proj_out.weight = decoder.embed_tokens.weight
        following = torch.tensor(([tokens[0]] * (_PROMPT - 1) + tokens + [_EOT] * 448)[:448])
        times = (torch.arange(448) - _PROMPT + 1.5).clamp(min=0) * SECONDS_A_TOKEN
        decoder.embed_positions.weight[:, :_HALF] = 20 * codes[following]
        decoder.embed_positions.weight[:, _HALF:] = 3 * _clock(times)
        encoder.embed_positions.weight[:, _HALF:] = _clock(torch.arange(_FRAMES) * 0.02)
        decoder.layer_norm.weight.fill_(sureness)
        sight = decoder.layers[0].encoder_attn
        for index in range(_HALF, _WIDTH):
            sight.q_proj.weight[index, index] = 20.0
            sight.k_proj.weight[index, index] = 1.0


def _clock(seconds: Any) -> Any:
    """(n,) times as (n, half of the width): two are alike as far as they are near each other."""
    import torch

    periods = torch.logspace(0.0, 2.0, _HALF // 2)  # 1 s to 100 s
    angles = 2 * torch.pi * seconds[:, None] / periods
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _whisper_tokenizer(text: str) -> Any:
    """Byte-level BPE that writes the words of `text` in a token each, and Whisper's special tokens at their places."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, initial_alphabet=alphabet, show_progress=False, min_frequency=1)
    trained.train_from_iterator([text], trainer)
    state = json.loads(trained.to_str())
    vocabulary = state["model"]["vocab"]
    for number in range(len(vocabulary), _EOT - 1):
        vocabulary[f"<unused {number}>"] = number
    vocabulary[""] = _EOT - 1  # where it holds a token, CTranslate2 takes the model for an English-only one
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.decoder = decoders.ByteLevel()
    languages = [f"<|{code}|>" for code in list(LANGUAGES)[:99]]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    specials = ["<|endoftext|>", "<|startoftranscript|>", *languages, *(f"<|{task}|>" for task in tasks)]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials])
    return tokenizer


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
    "AgglomerativeClustering": "{method: centroid, min_cluster_size: 6, threshold: 0.42}",
    "VBxClustering": "{threshold: 0.6, Fa: 0.07, Fb: 0.8}",
}
_PIPELINE: Final = """\
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: $model/segmentation
    embedding: $model/embedding
    embedding_exclude_overlap: true
    clustering: %s
    plda: $model/plda
params:
  segmentation:
    threshold: 0.5
    min_duration_off: 0.0
  clustering: %s
"""


def diarization_pipeline(folder: Path, clustering: str = "AgglomerativeClustering") -> Path:
    """A pyannote pipeline on the segmentation net that whisperx ships and the embedding of `tiny_voice`.

    Agglomerative clustering tells the demo's voices apart; `VBxClustering`, which pyannote's own pipeline
    takes, does so only where it is told how many there are.
    """
    import torch
    from lightning import __version__ as lightning_version
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from tiny_voice import TinyVoice

    spec = find_spec("whisperx")
    assert spec is not None and spec.submodule_search_locations
    for name in ("segmentation", "embedding"):
        (folder / name).mkdir(parents=True)
    asset = Path(spec.submodule_search_locations[0]) / "assets" / "pytorch_model.bin"
    shutil.copy(asset, folder / "segmentation" / "pytorch_model.bin")
    voice = TinyVoice()
    voice.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=5.0, classes=["voice"]
    )
    checkpoint: dict[str, Any] = {
        "state_dict": voice.state_dict(),
        "hyper_parameters": dict(voice.hparams),
        "pytorch-lightning_version": lightning_version,
    }
    voice.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, folder / "embedding" / "pytorch_model.bin")
    _plda(folder / "plda", voice.dimension)
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
