"""A trained probe as a file: arrays and a JSON text in an .npz without pickle, so that opening it executes nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from imigue_build.apps.bench.features import Features, FeatureSpec
from imigue_build.apps.bench.probe import Learner, Probe, train
from imigue_build.apps.bench.processes import single_threaded
from imigue_build.apps.bench.ser import layer_of
from imigue_build.apps.bench.utterances import Dataset
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import open_regular, shown
from imigue_build.store.disk import guarded, make_folder, write_atomically

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT: Final = 1
_ARRAYS: Final = ("mean", "scale", "coefficients", "intercepts", "about")
_MAX_BYTES: Final = 256 * 2**20
"""Size of the arrays of a probe."""


class About(msgspec.Struct, forbid_unknown_fields=True):
    """The labels of a probe and its features; `identity` is theirs, `trained_on` describes the training data."""

    format: int
    labels: list[str]
    name: str
    layer: str
    revision: str | None
    identity: dict[str, Any]
    trained_on: dict[str, Any]
    strength: float


class LoadedProbe(NamedTuple):
    """A loaded probe: it gives (utterances, labels) probabilities of (utterances, size)."""

    probe: Probe
    about: About

    def spec(self, device: Literal["auto", "cpu", "cuda"] = "auto") -> FeatureSpec:
        """The features that the probe needs."""
        return FeatureSpec(self.about.name, self.about.layer, self.about.revision, device)


def save(
    path: Path, probe: Probe, labels: tuple[str, ...], spec: FeatureSpec, features: Features, trained_on: dict[str, Any]
) -> None:
    """Writes a probe atomically.

    Args:
        path: The file.
        probe: The trained probe; its classes are indices into `labels`.
        labels: The classes' names.
        spec: The requested features.
        features: The computed features.
        trained_on: The corpus, for readers of the file.

    Raises:
        StoreError: If it cannot be written.
    """
    import numpy as np

    names = [labels[index] for index in probe.classes]
    about = About(
        FORMAT, names, spec.name, spec.layer, spec.revision, features.identity, trained_on, float(probe.strength)
    )
    buffer = io.BytesIO()
    np.savez(
        buffer,
        mean=probe.mean,
        scale=probe.scale,
        coefficients=probe.model.coef_,
        intercepts=probe.model.intercept_,
        about=np.frombuffer(msgspec.json.encode(about), np.uint8),
    )
    with guarded(f"cannot write {path}"):
        make_folder(path.parent)
        write_atomically(path, buffer.getvalue())


def save_trained(
    path: Path, dataset: Dataset, features: Features, spec: FeatureSpec, learner: Learner, result: Mapping[str, Any]
) -> None:
    """Trains a probe on a whole corpus and writes it.

    Args:
        path: The file.
        dataset: The corpus.
        features: Of all of its utterances, in their order.
        spec: Which features they are; not a weighted sum of layers.
        learner: How it is trained.
        result: Of its evaluation: its performance on unknown speakers.

    Raises:
        StoreError: If it cannot be written.
    """
    classes = [dataset.labels.index(utterance.label) for utterance in dataset.utterances]
    known = [utterance.speaker for utterance in dataset.utterances if utterance.speaker is not None]
    groups = known if len(known) == len(classes) else None
    with single_threaded():
        probe = train(layer_of(features.values, spec.layer), classes, groups, learner)
    trained_on = {name: result[name] for name in ("dataset", "data", "uar", "war", "seed")}
    save(path, probe, dataset.labels, spec, features, trained_on)


def load(path: Path) -> LoadedProbe:
    """Loads a probe.

    Raises:
        UsageError: If the file is not a probe.
    """
    import numpy as np

    try:
        with open_regular(path) as file:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
            if sum(member.file_size for member in members) > _MAX_BYTES or len(members) != len(_ARRAYS):
                raise ValueError("it has other members than a probe")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in _ARRAYS}
        about = msgspec.json.decode(found.pop("about").tobytes(), type=About)
        _check(about, found)
    except OSError as error:
        raise UsageError(f"the probe {shown(path)} cannot be read ({error.strerror})", "name a readable file") from None
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        message = f"{shown(path)} is not a probe ({' '.join(str(error).split())[:200]})"
        raise UsageError(message, "name a file written by `bench ser --save-probe`") from None
    return LoadedProbe(_probe(about, found), about)


def _check(about: About, arrays: dict[str, NDArray[Any]]) -> None:
    import numpy as np

    if about.format != FORMAT:
        raise ValueError(f"its format is {about.format}, not {FORMAT}")
    size, count = arrays["mean"].size, len(about.labels)
    rows = 1 if count == 2 else count  # two classes have one row
    shapes = {"mean": (size,), "scale": (size,), "coefficients": (rows, size), "intercepts": (rows,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype.kind != "f" or not np.isfinite(arrays[name]).all():
            raise ValueError(f"the array {name} has a wrong shape or type")
    if count < 2 or len(set(about.labels)) < count:
        raise ValueError("its labels are not unique")


def _probe(about: About, arrays: dict[str, NDArray[Any]]) -> Probe:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression()
    model.classes_ = np.arange(len(about.labels))
    model.coef_, model.intercept_ = arrays["coefficients"], arrays["intercepts"]
    model.n_features_in_ = arrays["mean"].size
    return Probe(arrays["mean"], arrays["scale"], model, model.classes_, about.strength)


def require_same(saved: LoadedProbe, features: Features) -> tuple[str, ...]:
    """A warning if the tools differ from those of the probe's features.

    Raises:
        UsageError: If the features differ.
    """
    then, now = (
        {key: value for key, value in identity.items() if key != "tools"} for identity in _identities(saved, features)
    )
    if then != now:
        differing = ", ".join(sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key)))
        message = f"the probe was trained on other features: {differing} differ"
        raise UsageError(message, "train it again with `bench ser --save-probe`")
    tools = [identity.get("tools") for identity in _identities(saved, features)]
    return (
        () if tools[0] == tools[1] else (f"the probe's features were computed with {tools[0]}, these with {tools[1]}",)
    )


def _identities(saved: LoadedProbe, features: Features) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both identities as in JSON, so that lists and tuples compare equal."""
    now: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(features.identity))
    return saved.about.identity, now
