"""Sentiment, outcome and affect with models of transformers: small ones with random weights, made here."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from imigue_build.apps.bench import affect, corpus, outcome
from imigue_build.apps.bench.features import compute, spec_of
from imigue_build.apps.bench.probe import Learner
from imigue_build.apps.bench.sentiment import Table, against_labels, text_table
from imigue_build.apps.bench.sentiment.classifier import Classifier
from imigue_build.apps.bench.speech_head import open_head
from imigue_build.apps.bench.views import Encoded, as_utterances, text_view
from imigue_build.core.errors import BackendError, UsageError
from tests.apps.bench import releases

pytestmark = pytest.mark.models
TEXTS = ["I love it!", "I hate the match.", "", "so good so bad " * 20, "it was a lot", "Unknown words only"]


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Path:
    from tests.real_models import making

    return making.text_classifier(folder / "text-classifier")


def independent(folder: Path, text: str) -> list[float]:
    """The classes' probabilities of one text alone."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(text, truncation=True, max_length=16, return_tensors="pt")
    with torch.no_grad():
        logits = AutoModelForSequenceClassification.from_pretrained(folder)(**tokens).logits[0]
    rows: list[float] = logits.softmax(-1).tolist()
    return rows


def test_classes_and_scores_are_those_of_the_model_in_batches_of_any_size(classifier: Path) -> None:
    expected = [independent(classifier, text) for text in TEXTS]
    assert len({max(range(3), key=row.__getitem__) for row in expected}) > 1  # the random model tells texts apart
    for size in (1, 4, 32):
        model = Classifier(str(classifier), device="cpu", batch_size=size)
        found = model.score(TEXTS)
        assert [one.score for one in found] == pytest.approx([row[2] - row[0] for row in expected], abs=1e-5)
        names = ("negative", "neutral", "positive")
        assert [one.label for one in found] == [names[max(range(3), key=row.__getitem__)] for row in expected]
        assert model.about["truncated"] == 1
        assert model.score(TEXTS) == found


def test_it_measures_a_table_and_says_what_it_is(classifier: Path, tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("w", newline="") as file:
        rows = [(text, ("positive", "negative")[n % 2]) for n, text in enumerate(TEXTS)]
        csv.writer(file).writerows([("text", "label"), *rows])
    model = Classifier(str(classifier), device="cpu")
    found = against_labels(Table(text_table(tmp_path / "t.csv"), "text", "label", {}), model)
    assert found["n"] == 5 and found["left_out"] == {"empty text": 1}
    about = found["model"]
    assert about["classes"] == {"NEGATIVE": "negative", "NEU": "neutral", "Positive": "positive"}
    assert about["name"] == "text-model (local)" and len(about["sha256"]) == 64
    assert str(tmp_path) not in str(found)


def test_classes_of_other_names_are_mapped_and_add_up(folder: Path) -> None:
    from tests.real_models import making

    stars = making.text_classifier(folder / "stars", ("1 star", "2 stars", "3 stars", "4 stars"))
    names = {"1 star": "negative", "2 stars": "negative", "3 stars": "positive", "4 STARS": "positive"}
    model = Classifier(str(stars), names, device="cpu")
    assert model.labels == ("negative", "positive")
    row = independent(stars, TEXTS[0])
    (found,) = model.score(TEXTS[:1])
    assert found.score == pytest.approx(row[2] + row[3] - row[0] - row[1], abs=1e-5)
    assert found.label == ("positive" if found.score > 0 else "negative")
    with pytest.raises(UsageError, match=r"--model-labels has 5 stars, but the classes of .* are 1 star, 2 stars"):
        Classifier(str(stars), {"5 stars": "positive"}, device="cpu")


def test_an_encoder_without_a_trained_head_is_refused(classifier: Path, folder: Path) -> None:
    from transformers import BertModel

    bare = folder / "bare"
    shutil.copytree(classifier, bare)
    BertModel.from_pretrained(classifier).save_pretrained(bare)
    with pytest.raises(BackendError, match="is not a sequence classifier: it has no weights for classifier"):
        Classifier(str(bare), device="cpu")


def test_what_is_no_model_is_refused(tmp_path: Path, classifier: Path) -> None:
    with pytest.raises(BackendError, match="is a text model that cannot be loaded"):
        Classifier(str(tmp_path))
    with pytest.raises(BackendError, match="bench fetch some/model --text"):
        Classifier("some/model")
    broken = tmp_path / "broken"
    shutil.copytree(classifier, broken)
    (broken / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(BackendError, match="cannot be loaded as a sequence classifier"):
        Classifier(str(broken))


@pytest.fixture(scope="module")
def release(folder: Path) -> Path:
    """Six interviews with a sound of another pitch and length in every clip."""
    said = {f"{n:04d}": (("Win", "Lose")[n % 2], ["I love it!", "So good."]) for n in range(6)}
    root = releases.write(folder / "release", said)
    for place, video_id in enumerate(said):
        for number in (1, 2):
            time = np.arange(8000 + 4000 * number + 1000 * place) / releases.RATE
            releases.write_clip(root, video_id, number, 0.5 * np.sin(2 * np.pi * (100 + 40 * place) * time))
    return root


def heard(path: Path) -> NDArray[np.float32]:
    from imigue_build.apps.bench import sound

    return sound.read(path)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_classifiers_head_gives_what_transformers_gives(folder: Path, release: Path, weighted: bool) -> None:
    import torch
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    from tests.real_models import making

    place = making.speech_classifier(folder / f"speech-{weighted}", ("angry", "happy", "sad", "neutral"), weighted)
    read = corpus.read(release)
    spec = spec_of(str(place), device="cpu")
    head = open_head(spec)
    features = compute(as_utterances(read.segments), spec, folder / "cache")
    told = affect.by_model(read.segments, features, head)
    assert not head.dimensional and told.categories == ("angry", "happy", "sad", "neutral")
    extractor = AutoFeatureExtractor.from_pretrained(place)
    model = AutoModelForAudioClassification.from_pretrained(place).eval()
    for index, segment in enumerate(read.segments):
        inputs = extractor(heard(segment.clip), sampling_rate=16000, return_tensors="pt")
        with torch.no_grad():
            expected = model(inputs["input_values"]).logits.softmax(-1)[0].tolist()
        assert told.probabilities[index].tolist() == pytest.approx(expected, abs=1e-4)
    assert np.ptp(told.probabilities, axis=0).max() > 0.01  # the clips differ
    found = affect.winners_against_losers(read, told)
    assert set(found["categories"]) == set(told.categories) and found["model"]["kind"] == "categorical"


def test_a_dimensional_model_gives_what_its_authors_code_gives(folder: Path, release: Path) -> None:
    import torch
    from transformers import AutoFeatureExtractor, Wav2Vec2Model

    from tests.real_models import making

    place = making.dimensional(folder / "dimensional")
    read = corpus.read(release)
    spec = spec_of(str(place), device="cpu")
    features = compute(as_utterances(read.segments), spec, folder / "cache")
    told = affect.by_model(read.segments, features, open_head(spec))
    weights = torch.load(place / "pytorch_model.bin", weights_only=True)
    extractor, model = AutoFeatureExtractor.from_pretrained(place), Wav2Vec2Model.from_pretrained(place).eval()
    for index, segment in enumerate(read.segments):
        inputs = extractor(heard(segment.clip), sampling_rate=16000, return_tensors="pt")
        with torch.no_grad():
            mean = model(inputs["input_values"])[0].mean(dim=1)[0]  # as in the model's card
            dense = torch.tanh(weights["classifier.dense.weight"] @ mean + weights["classifier.dense.bias"])
            expected = weights["classifier.out_proj.weight"] @ dense + weights["classifier.out_proj.bias"]
        found = [float(told.dimensions[name][index]) for name in ("arousal", "dominance", "valence")]
        assert found == pytest.approx(expected.tolist(), abs=1e-3)
    assert set(affect.winners_against_losers(read, told)["dimensions"]) == {"arousal", "dominance", "valence"}


def test_an_encoder_without_a_head_is_refused(folder: Path) -> None:
    from tests.real_models import making

    with pytest.raises(BackendError, match="has no supported emotion head"):
        open_head(spec_of(str(making.encoder(folder / "headless"))))


def test_a_text_encoder_tells_interviews_by_the_mean_of_its_tokens(classifier: Path, release: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    task = outcome.prepare(corpus.read(release))
    view = text_view(str(classifier), task.interviews, "cpu")
    assert isinstance(view, Encoded)
    tokenizer, model = AutoTokenizer.from_pretrained(classifier), AutoModel.from_pretrained(classifier).eval()
    means = []
    for text in ("I love it!", "So good."):
        with torch.no_grad():
            means.append(model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0).numpy())
    assert view.features([0], [1])[0][0, :16] == pytest.approx(np.mean(means, axis=0), abs=1e-5)
    assert outcome.evaluate(task, {"text": view}, Learner())["n"] == 6
