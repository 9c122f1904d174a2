"""`SHA256SUMS`: the digests of every other file of a release, as `sha256sum` writes and checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from imigue_build.release.schema.fault import FormatError

_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def encode(sums: Mapping[str, str]) -> bytes:
    """The file's content, from digests in hexadecimal by path; sorted by path."""
    return "".join(f"{sums[path]}  {path}\n" for path in sorted(sums)).encode()


def parse(data: bytes) -> dict[str, str]:
    """Path -> digest in hexadecimal; what a path names is not checked.

    Raises:
        FormatError: If a line is none of `sha256sum`, or names a file for the second time.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if not match or match[2] in found:
            raise FormatError("it is no line of sha256sum, or names a file for the second time", number)
        found[match[2]] = match[1]
    return found
