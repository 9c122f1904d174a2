"""Files that tests damage: those of WORK and of a release are read-only."""

from __future__ import annotations

from pathlib import Path


def overwrite(path: Path, content: str | bytes) -> None:
    """Writes over a file in its place, as somebody may who owns it and makes it writable."""
    path.chmod(path.stat().st_mode | 0o200)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
