"""A trained probe as a file: arrays and one JSON text in an .npz, without pickle, so that to open one runs nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from imigue_build.apps.bench.features import Features, FeatureSpec
from imigue_build.apps.bench.probe import Learner, Probe, train
from imigue_build.apps.bench.processes import one_thread
from imigue_build.apps.bench.ser import layer_of
from imigue_build.apps.bench.utterances import Dataset
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import open_regular, shown
from imigue_build.store.disk import guarded, make_folder, write_atomically

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT: Final = 1
_ARRAYS: Final = ("mean", "scale", "coefficients", "intercepts", "about")
_LARGEST: Final = 256 * 2**20
"""Bytes of the arrays of a probe that is opened."""


class About(msgspec.Struct, forbid_unknown_fields=True):
    """What a probe tells, and of which features; `identity` is theirs, `trained_on` says of what it was made."""

    format: int
    labels: list[str]
    name: str
    layer: str
    revision: str | None
    identity: dict[str, Any]
    trained_on: dict[str, Any]
    strength: float


class Saved(NamedTuple):
    """A probe that was read: it gives (utterances, labels) probabilities of (utterances, size)."""

    probe: Probe
    about: About

    def spec(self, device: Literal["auto", "cpu", "cuda"] = "auto") -> FeatureSpec:
        """The features that it takes."""
        return FeatureSpec(self.about.name, self.about.layer, self.about.revision, device)


def save(
    path: Path, probe: Probe, labels: tuple[str, ...], spec: FeatureSpec, features: Features, trained_on: dict[str, Any]
) -> None:
    """Writes a probe, whole or not at all.

    Args:
        path: The file.
        probe: What was trained; its classes are indices into `labels`.
        labels: The classes' names.
        spec: The features that were asked for.
        features: What they are.
        trained_on: The corpus, for whoever reads the file.

    Raises:
        StoreError: If it cannot be written.
    """
    import numpy as np

    told = [labels[index] for index in probe.classes]
    about = About(
        FORMAT, told, spec.name, spec.layer, spec.revision, features.identity, trained_on, float(probe.strength)
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
        result: Of its evaluation: what the probe is worth on speakers whom it does not know.

    Raises:
        StoreError: If it cannot be written.
    """
    classes = [dataset.labels.index(utterance.label) for utterance in dataset.utterances]
    known = [utterance.speaker for utterance in dataset.utterances if utterance.speaker is not None]
    groups = known if len(known) == len(classes) else None
    with one_thread():
        probe = train(layer_of(features.values, spec.layer), classes, groups, learner)
    trained_on = {name: result[name] for name in ("dataset", "data", "uar", "war", "seed")}
    save(path, probe, dataset.labels, spec, features, trained_on)


def load(path: Path) -> Saved:
    """The probe in a file.

    Raises:
        UsageError: If it is none.
    """
    import numpy as np

    try:
        with open_regular(path) as file:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
            if sum(member.file_size for member in members) > _LARGEST or len(members) != len(_ARRAYS):
                raise ValueError("its parts are not those of a probe")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in _ARRAYS}
        about = msgspec.json.decode(found.pop("about").tobytes(), type=About)
        _check(about, found)
    except OSError as error:
        raise UsageError(f"the probe {shown(path)} cannot be read ({error.strerror})", "name a readable file") from None
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        what = f"{shown(path)} is no probe ({' '.join(str(error).split())[:200]})"
        raise UsageError(what, "name a file that `bench ser --save-probe` wrote") from None
    return Saved(_probe(about, found), about)


def _check(about: About, arrays: dict[str, NDArray[Any]]) -> None:
    import numpy as np

    if about.format != FORMAT:
        raise ValueError(f"its format is {about.format}, not {FORMAT}")
    size, count = arrays["mean"].size, len(about.labels)
    rows = 1 if count == 2 else count  # two classes are told by one row
    shapes = {"mean": (size,), "scale": (size,), "coefficients": (rows, size), "intercepts": (rows,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype.kind != "f" or not np.isfinite(arrays[name]).all():
            raise ValueError(f"its {name} do not fit")
    if count < 2 or len(set(about.labels)) < count:
        raise ValueError("its labels do not fit")


def _probe(about: About, arrays: dict[str, NDArray[Any]]) -> Probe:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression()
    model.classes_ = np.arange(len(about.labels))
    model.coef_, model.intercept_ = arrays["coefficients"], arrays["intercepts"]
    model.n_features_in_ = arrays["mean"].size
    return Probe(arrays["mean"], arrays["scale"], model, model.classes_, about.strength)


def require_same(saved: Saved, features: Features) -> tuple[str, ...]:
    """A warning where tools differ from those of the probe's features.

    Raises:
        UsageError: If they are other features.
    """
    then, now = (
        {key: value for key, value in identity.items() if key != "tools"} for identity in _identities(saved, features)
    )
    if then != now:
        differing = ", ".join(sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key)))
        what = f"the probe was trained on other features than these: {differing} differ"
        raise UsageError(what, "train it again with `bench ser --save-probe`")
    tools = [identity.get("tools") for identity in _identities(saved, features)]
    return (
        () if tools[0] == tools[1] else (f"the probe's features were computed with {tools[0]}, these with {tools[1]}",)
    )


def _identities(saved: Saved, features: Features) -> tuple[dict[str, Any], dict[str, Any]]:
    """As JSON has them, so that lists and tuples are alike."""
    now: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(features.identity))
    return saved.about.identity, now
