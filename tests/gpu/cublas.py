"""The folders to search for cuBLAS 12, which CTranslate2 loads by name, joined by colons; empty without a GPU."""

from __future__ import annotations

import ctypes
import site
import sys
from pathlib import Path


def search_path(links: Path) -> str:
    """Where cuBLAS 12 is, or a link of that name to cuBLAS 13 in `links`, with the folder that it is in."""
    try:
        ctypes.CDLL("libcublas.so.12")
        return ""
    except OSError:
        pass
    places = [Path(folder) / "nvidia" for folder in site.getsitepackages()] + [Path("/usr/local/cuda/lib64")]
    found = {path.name: path for place in places for path in sorted(place.rglob("libcublas.so.1[23]"))}
    if "libcublas.so.12" in found:
        return str(found["libcublas.so.12"].parent)
    if "libcublas.so.13" not in found:
        return ""
    link = links / "libcublas.so.12"
    link.unlink(missing_ok=True)
    link.symlink_to(found["libcublas.so.13"])
    print("cuBLAS 12: not here; cuBLAS 13 is loaded under its name", file=sys.stderr)
    return f"{links}:{found['libcublas.so.13'].parent}"


if __name__ == "__main__":
    print(search_path(Path(sys.argv[1])))
