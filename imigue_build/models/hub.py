"""Models of the Hugging Face hub as its cache keeps them: `models--org--repo/{refs,snapshots/<commit>}`.

The layout is read here without the hub's own client, so that to find a model costs no import and
cannot reach the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from imigue_build.core.errors import BackendError
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.models.wants import Kind

_WHISPER: Final = {
    **{
        size: f"Systran/faster-whisper-{size}"
        for size in (
            "tiny",
            "tiny.en",
            "base",
            "base.en",
            "small",
            "small.en",
            "medium",
            "medium.en",
            "large-v1",
            "large-v2",
            "large-v3",
        )
    },
    **{
        f"distil-{size}": f"Systran/faster-distil-whisper-{size}"
        for size in ("small.en", "medium.en", "large-v2", "large-v3")
    },
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""Whisper's sizes in CTranslate2 form, as faster-whisper 1.2 names them."""
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_REVISION: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./-]*", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

_FILES: Final[dict[Kind, tuple[str, ...]]] = {
    "whisper": ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
    "wav2vec2": ("*.json", "*.txt", "model.safetensors", "pytorch_model.bin"),
    "encoder": ("*.json", "*.txt", "*.safetensors", "pytorch_model*.bin"),
    "text-model": ("*.json", "*.txt", "*.model", "model*.safetensors", "pytorch_model*.bin"),
    "pyannote": ("*.yaml", "*.bin", "*.ckpt", "*.safetensors", "*.npz", "*.json"),
}
"""What is taken of a repository; a star also matches folders."""
_NEEDED: Final[dict[Kind, tuple[tuple[str, ...], ...]]] = {
    "whisper": (("model.bin",), ("config.json",), ("tokenizer.json",), ("vocabulary.*",)),
    "wav2vec2": (
        ("model.safetensors", "pytorch_model.bin"),
        ("config.json",),
        ("preprocessor_config.json", "processor_config.json"),
        ("vocab.json",),
    ),
    "encoder": (
        ("model*.safetensors", "pytorch_model*.bin"),
        ("config.json",),
        ("preprocessor_config.json", "processor_config.json"),
    ),
    "text-model": (
        ("model*.safetensors", "pytorch_model*.bin"),
        ("config.json",),
        ("tokenizer.json", "vocab.txt", "vocab.json", "*.model"),
    ),
    "pyannote": (("config.yaml",),),
}
"""What a model cannot be loaded without; of the names in brackets one is enough."""
_OWN: Final = "$model/"
"""Begins a path inside the pipeline's folder, in pyannote's config.yaml."""


def repository(kind: Kind, name: str) -> str:
    """`org/repo` of a hub's name, or of one of Whisper's sizes.

    Raises:
        BackendError: If it is neither.
    """
    if kind == "whisper" and name in _WHISPER:
        return _WHISPER[name]
    if not _REPOSITORY.fullmatch(name) or ".." in name:
        sizes = f", or one of Whisper's sizes ({', '.join(_WHISPER)})" if kind == "whisper" else ""
        raise BackendError(
            f"there is no {kind} model {name!r}", f"name an existing local folder, a hub's ORGANISATION/NAME{sizes}"
        )
    return name


def cache() -> Path:
    """The hub's cache on this machine, as its client finds it."""
    variables = os.environ
    home = variables.get("HF_HOME") or os.path.join(variables.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    chosen = variables.get("HF_HUB_CACHE") or variables.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")
    return Path(os.path.expanduser(os.path.expandvars(chosen)))


def folder_of(repo: str) -> Path:
    """Where the cache keeps a repository."""
    return cache() / f"models--{repo.replace('/', '--')}"


def snapshot_of(repo: str, commit: str) -> Path:
    """Where the cache keeps one revision of a repository."""
    return folder_of(repo) / "snapshots" / commit


def commit_of(repo: str, revision: str | None) -> str | None:
    """The commit that a revision (default: main) stands for in the cache; None where it knows of none.

    Raises:
        BackendError: If it can be no revision's name.
    """
    revision = revision or "main"
    if _COMMIT.fullmatch(revision):
        return revision
    if not _REVISION.fullmatch(revision):
        raise BackendError(f"{revision!r} is no revision of {repo}", "give a commit, a tag or a branch")
    try:
        found = (folder_of(repo) / "refs" / revision).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if _COMMIT.fullmatch(found) else None


def selected(kind: Kind, names: Iterable[str]) -> list[str]:
    """Those files of a repository that are a model of this kind; weights in one form only."""
    usual = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
    found = sorted(name for name in usual if any(fnmatchcase(name, pattern) for pattern in _FILES[kind]))
    if kind in ("wav2vec2", "encoder", "text-model") and any(name.endswith(".safetensors") for name in found):
        found = [name for name in found if not fnmatchcase(name, "pytorch_model*.bin*")]
    return found


def lacking(kind: Kind, names: Iterable[str]) -> list[str]:
    """What a model of this kind needs and a list of files does not have."""
    names = list(names)
    return [
        " or ".join(choice)
        for choice in _NEEDED[kind]
        if not any(fnmatchcase(name, pattern) for name in names for pattern in choice)
    ]


def files_in(folder: Path) -> list[str]:
    """The files of a folder, hidden and empty ones excepted, as sorted POSIX paths relative to it."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    names = (path.relative_to(folder).as_posix() for path in found)
    return sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))


def unresolved(kind: Kind, folder: Path) -> list[str]:
    """Parts of a pyannote pipeline that its config.yaml names inside its folder and that are not there."""
    if kind != "pyannote":
        return []
    try:
        document = bounded_yaml.load((folder / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ["a readable config.yaml"]
    own = sorted({text[len(_OWN) :] for text in _texts(document) if text.startswith(_OWN)})
    return [name for name in own if not _there(folder / name)]


def _there(path: Path) -> bool:
    return bool(files_in(path)) if path.is_dir() else path.is_file() and path.stat().st_size > 0


def _texts(document: Any) -> list[str]:
    if isinstance(document, str):
        return [document]
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return [text for one in inner for text in _texts(one)]


def stated_digests(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of files of a snapshot as its cache states them: large ones lie there under their own hash."""
    blobs = {name: (folder / name).resolve().name for name in names}
    return {name: blob for name, blob in blobs.items() if _SHA256.fullmatch(blob)}
