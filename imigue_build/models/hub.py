"""Models of the Hugging Face hub as its cache keeps them: `models--org--repo/{refs,snapshots/<commit>}`.

The layout is read here without the hub's own client, so that to find a model costs no import and
cannot reach the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.errors import BackendError

_REVISION: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./-]*", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def cache() -> Path:
    """The hub's cache on this machine, as its client finds it."""
    variables = os.environ
    home = variables.get("HF_HOME") or os.path.join(variables.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    chosen = variables.get("HF_HUB_CACHE") or variables.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")
    return Path(os.path.expanduser(os.path.expandvars(chosen)))


def offline() -> bool:
    """Whether the environment forbids the hub's client to use the network."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


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


def files_in(folder: Path) -> list[str]:
    """The files of a folder, hidden and empty ones excepted, as sorted POSIX paths relative to it."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    names = (path.relative_to(folder).as_posix() for path in found)
    return sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))


def stated_digests(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of files of a snapshot as its cache states them: large ones lie there under their own hash."""
    blobs = {name: (folder / name).resolve().name for name in names}
    return {name: blob for name, blob in blobs.items() if _SHA256.fullmatch(blob)}
