"""Models made of a few bytes, laid out as the hub's cache and MFA keep theirs."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

from imigue_build.apps.bench.pretrained import ENCODER, TEXT_MODEL
from imigue_build.backends.alignment.mfa.models import MfaModel
from imigue_build.backends.asr.whisper.model import WHISPER as WHISPER_MODEL
from imigue_build.backends.asr.whisperx.settings import WAV2VEC2
from imigue_build.backends.diarization.pyannote.settings import PIPELINE as PYANNOTE
from imigue_build.models import Source, Wanted

_SOURCES: tuple[Source, ...] = (
    *(WHISPER_MODEL, WAV2VEC2, PYANNOTE, ENCODER, TEXT_MODEL),
    *(MfaModel("acoustic"), MfaModel("dictionary"), MfaModel("g2p")),
)

COMMIT = "a" * 40
WHISPER = {
    "model.bin": b"weights",
    "config.json": b'{"a": 1}',
    "tokenizer.json": b'{"b": 2}',
    "vocabulary.json": b"[]",
}
PIPELINE = {
    "config.yaml": b"pipeline:\n  params:\n    segmentation: $model/segmentation\n    embedding: $model/embedding\n",
    "segmentation/pytorch_model.bin": b"segments",
    "embedding/pytorch_model.bin": b"embeds",
}


def put(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def cached(cache: Path, repository: str, files: dict[str, bytes], commit: str = COMMIT, ref: str = "main") -> Path:
    """A snapshot as the hub's client leaves it: links into `blobs`, and a ref."""
    home = cache / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / commit
    for name, data in files.items():
        blob = put(home / "blobs", {hashlib.sha256(data).hexdigest(): data}) / hashlib.sha256(data).hexdigest()
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(os.path.relpath(blob, (snapshot / name).parent))
    put(home / "refs", {ref: commit.encode()})
    return snapshot


def archive(path: Path, meta: dict[str, object]) -> Path:
    """A model as MFA packs it, of any kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{path.stem}/meta.json", json.dumps({"phones": ["AA", "B"], **meta}))
        for name in ("final.mdl", "model.fst"):
            file.writestr(f"{path.stem}/{name}", "x")
    return path


def wanted(kind: str, name: str, revision: str | None = None) -> Wanted:
    """A model of one of the kinds that there are."""
    return Wanted(next(source for source in _SOURCES if source.kind == kind), name, revision)
