"""The features of interviews: of their speech, pooled over segments, and of their words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any, Final

from imigue_build.apps.bench.corpus import Corpus, Interview, Segment
from imigue_build.apps.bench.features import Features, FeatureSpec
from imigue_build.apps.bench.sentiment.scorers import POLARITIES, Scorer, Vader
from imigue_build.apps.bench.ser import layer_of
from imigue_build.apps.bench.text_model import TextModel
from imigue_build.apps.bench.utterances import Utterance, listed
from imigue_build.core.errors import ReleaseError
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.outcome import Matrix, View

TERMS: Final = 2000
"""Words and pairs of words that are counted, the most frequent of a training part."""


def as_utterances(segments: Sequence[Segment]) -> tuple[Utterance, ...]:
    """Segments as `features.compute` takes them."""
    return tuple(Utterance(segment.name, segment.clip, "") for segment in segments)


def audio_digest(features: Features) -> str:
    """The SHA-256 of all clips that have features, by name."""
    whole = hashlib.sha256()
    for name in sorted(features.ids):
        whole.update(f"{name} {features.digests.get(name)}\n".encode())
    return whole.hexdigest()


def usable(corpus: Corpus, features: Features) -> Corpus:
    """The corpus without the segments whose clip cannot be used, and with a warning that says so.

    Raises:
        ReleaseError: If none is left.
    """
    if not features.failed:
        return corpus
    if not features.ids:
        reason = next(iter(features.failed.values()))
        raise ReleaseError(f"no clip of {corpus.root} can be used ({reason})", "`imigue-build validate` says more")
    kept = tuple(
        interview._replace(segments=tuple(own for own in interview.segments if own.name not in features.failed))
        for interview in corpus.interviews
    )
    lost = [f"{name}: {reason.replace(f'{corpus.root}/', '')}" for name, reason in features.failed.items()]
    warning = f"{counted(len(lost), 'clip')} cannot be used: {listed(lost)}"
    return corpus._replace(interviews=kept, warnings=(*corpus.warnings, warning))


class Speech:
    """Speech: the mean of the features of an interview's segments."""

    def __init__(self, interviews: Sequence[Interview], features: Features, spec: FeatureSpec) -> None:
        import numpy as np

        values = layer_of(features.values, spec.layer).astype(np.float64)
        place = {name: index for index, name in enumerate(features.ids)}
        rows = ([place[segment.name] for segment in interview.segments] for interview in interviews)
        self._pooled: NDArray[np.float64] = np.stack([values[own].mean(axis=0) for own in rows])
        layer = {"layer": spec.layer} if features.values.ndim == 3 else {}
        self.about: dict[str, Any] = {
            **features.identity,
            **layer,
            "size": self._pooled.shape[1],
            "pooled": "mean",
            "sound_sha256": audio_digest(features),
        }

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]:
        return self._pooled[list(train)], self._pooled[list(test)]


class Words:
    """Words: TF-IDF of words and pairs of words, and the sentiment of the segments."""

    def __init__(self, interviews: Sequence[Interview], scorer: Scorer) -> None:
        import numpy as np

        self._texts = [" ".join(segment.normalized for segment in interview.segments) for interview in interviews]
        self._sentiment = np.array([_sentiment(interview, scorer) for interview in interviews])
        self.about: dict[str, Any] = {"name": "tf-idf and sentiment", "terms": TERMS, "sentiment": scorer.about}

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]:
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer

        least = 2 if len(train) > 10 else 1
        split: dict[str, Any] = {"tokenizer": str.split, "token_pattern": None, "lowercase": False}  # it is normalised
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True, max_features=TERMS, **split)
        parts = ([self._texts[index] for index in part] for part in (train, test))
        try:
            trained = vectorizer.fit_transform(next(parts)).toarray()
            tested = vectorizer.transform(next(parts)).toarray()
        except ValueError as error:  # no word is in two texts
            raise ReleaseError("the interviews have no words in common", "check the transcripts") from error
        return np.hstack([trained, self._sentiment[list(train)]]), np.hstack([tested, self._sentiment[list(test)]])


def _sentiment(interview: Interview, scorer: Scorer) -> list[float]:
    """Mean, standard deviation, minimum and maximum of the scores of its segments, and the shares of the polarities."""
    scored = scorer.score([segment.text for segment in interview.segments])
    scores, labels = [found.score for found in scored], Counter(found.label for found in scored)
    shares = [labels[label] / len(scored) for label in POLARITIES]
    return [fmean(scores), pstdev(scores), min(scores), max(scores), *shares]


class Encoded:
    """Embeddings of a text encoder, pooled over tokens and then over segments, and the sentiment of the segments."""

    def __init__(self, interviews: Sequence[Interview], model: TextModel, scorer: Scorer) -> None:
        import numpy as np

        texts = [segment.text for interview in interviews for segment in interview.segments]
        rows = iter(model.run(texts, _mean_of_tokens))
        pooled = [np.mean([next(rows) for _ in interview.segments], axis=0) for interview in interviews]
        self._values = np.hstack([np.stack(pooled), [_sentiment(interview, scorer) for interview in interviews]])
        self.about: dict[str, Any] = {
            **model.about,
            "pooled": "mean over tokens and segments",
            "truncated": model.truncated,
            "sentiment": scorer.about,
        }

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]:
        return self._values[list(train)], self._values[list(test)]


def _mean_of_tokens(outputs: Any, mask: Any) -> Any:
    """(texts, size) of (texts, tokens, size); padding does not count."""
    hidden, weights = outputs.last_hidden_state.float(), mask.unsqueeze(-1).float()
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def text_view(name: str, interviews: Sequence[Interview], device: str, revision: str | None = None) -> View:
    """The view of text that `--text` names.

    Raises:
        BackendError: If it is a model that is not on this machine.
    """
    if name == "tfidf":
        return Words(interviews, Vader())
    return Encoded(interviews, TextModel(name, "AutoModel", device, revision=revision), Vader())
