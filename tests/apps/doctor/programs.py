"""Small programs that stand on PATH for real ones."""

from __future__ import annotations

import sys
from pathlib import Path


def put(folder: Path, name: str, body: str) -> Path:
    """An executable Python script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
    path.chmod(0o755)
    return path


def nvidia_smi(folder: Path, *rows: str) -> Path:
    """The driver's program, which lists GPUs as `name, MiB, driver`."""
    return put(folder, "nvidia-smi", "print({!r})".format("\n".join(rows)))


def mfa(folder: Path, says: str, code: int = 0) -> Path:
    """MFA, as far as `version` goes."""
    return put(folder, "mfa", f"sys.stderr.write({says!r}) if {code} else print({says!r})\nsys.exit({code})")
