"""Seals: whether a note was written by this user, or came with somebody else's files.

A WORK folder can be copied, unpacked or shared. What it names on a machine, such as a program to start, counts only
under the user's own seal: a keyed hash, whose key lies in the user's home, as XDG says of state, and nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

_KEY_BYTES: Final = 32


def key_file() -> Path:
    """Where the user's key is, or will be."""
    root = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(os.path.expanduser(root), "imigue-build", "key")


def seal(data: bytes) -> str:
    """The user's seal of some content; empty where no key can be kept."""
    key = _read() or _made()
    return _digest(key, data) if key else ""


def is_sealed(data: bytes, found: str) -> bool:
    """Whether this is the user's seal of that content."""
    key = _read()
    return key is not None and hmac.compare_digest(_digest(key, data).encode(), found.encode())


def _digest(key: bytes, data: bytes) -> str:
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def _read() -> bytes | None:
    try:
        key = key_file().read_bytes()
    except OSError:
        return None
    return key if len(key) == _KEY_BYTES else None


def _made() -> bytes | None:
    """A new key, or the one that another process made meanwhile."""
    path = key_file()
    temporary = path.with_name(f".key.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    return _read()
