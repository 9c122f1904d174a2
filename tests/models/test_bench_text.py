"""The benchmarks with models of transformers: small ones with random weights, made here."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from imigue_build.bench.sentiment import Table, against_labels
from imigue_build.bench.sentiment.classifier import Classifier
from imigue_build.errors import BackendError, UsageError

pytestmark = pytest.mark.models
TEXTS = ["I love it!", "I hate the match.", "", "so good so bad " * 20, "it was a lot", "Unknown words only"]


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Path:
    from tests.models import making

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
    found = against_labels(Table(tmp_path / "t.csv", "text", "label", {}), model)
    assert found["n"] == 5 and found["left_out"] == {"empty text": 1}
    about = found["model"]
    assert about["classes"] == {"NEGATIVE": "negative", "NEU": "neutral", "Positive": "positive"}
    assert about["name"] == "text-classifier (local)" and len(about["sha256"]) == 64
    assert str(tmp_path) not in str(found)


def test_classes_of_other_names_are_mapped_and_add_up(folder: Path) -> None:
    from tests.models import making

    stars = making.text_classifier(folder / "stars", ("1 star", "2 stars", "3 stars", "4 stars"))
    names = {"1 star": "negative", "2 stars": "negative", "3 stars": "positive", "4 STARS": "positive"}
    model = Classifier(str(stars), names, device="cpu")
    assert model.labels == ("negative", "positive")
    row = independent(stars, TEXTS[0])
    (found,) = model.score(TEXTS[:1])
    assert found.score == pytest.approx(row[2] + row[3] - row[0] - row[1], abs=1e-5)
    assert found.label == ("positive" if found.score > 0 else "negative")
    with pytest.raises(UsageError, match=r"--model-labels names 5 stars, but the classes of .* are 1 star, 2 stars"):
        Classifier(str(stars), {"5 stars": "positive"}, device="cpu")


def test_an_encoder_without_a_trained_head_is_refused(classifier: Path, folder: Path) -> None:
    from transformers import BertModel

    bare = folder / "bare"
    shutil.copytree(classifier, bare)
    BertModel.from_pretrained(classifier).save_pretrained(bare)
    with pytest.raises(BackendError, match="is no sequence classifier: it has no weights for classifier"):
        Classifier(str(bare), device="cpu")


def test_what_is_no_model_is_refused(tmp_path: Path, classifier: Path) -> None:
    with pytest.raises(BackendError, match="is no text classifier of transformers"):
        Classifier(str(tmp_path))
    with pytest.raises(BackendError, match="fetch-models --model text-classifier=some/model"):
        Classifier("some/model")
    broken = tmp_path / "broken"
    shutil.copytree(classifier, broken)
    (broken / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(BackendError, match="cannot be loaded as a sequence classifier"):
        Classifier(str(broken))
