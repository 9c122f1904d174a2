"""Ways in which a valid file goes wrong, as values that hypothesis can choose and shrink."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

KINDS = ("byte", "insert", "drop", "repeat", "swap", "number", "cut", "deep", "token", "drop bytes")
VALUES = (
    *(b"nan", b"inf", b"-inf", b"1e999", b"-1", b"99999999999999999999", b"1e-320", b"0x10", b"-0", b"9" * 5000),
    *(b"", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\xc3", b"\r", b"\x85"),
    *(b"null", b"true", b"{}", b"[]", b'""', b'"', b"'", b",", b";", b":", b"\t", b"\n\n", b"\x0c", b"\x1c"),
    *(b"!!python/object/apply:os.system [id]", b"!!int ''", b"!!timestamp x", b"!!binary x", b"&a [*a]", b"*d"),
    *(b"<<: *d", b"? [x]", b"--- \n...", b"%YAML 9.9", b"{" * 2000, b"[" * 2000, b"- " * 2000, b"(" * 200),
    *(b"=HYPERLINK(1)", b"<" * 3000, b"{\\" * 3000, b"x" * 20_000, b"-->", b"../../etc/passwd", b"2001-99-99", b"1:60"),
)

_LARGEST = 200_000


class Edit(NamedTuple):
    """One change: what kind, from where to where (shares of the file), and with which value."""

    kind: str
    at: float
    to: float
    value: bytes


_shares = st.floats(0, 1, allow_nan=False)
edits = st.lists(
    st.builds(Edit, st.sampled_from(KINDS), _shares, _shares, st.sampled_from(VALUES)), min_size=1, max_size=5
)


def mutated(data: bytes, changes: Sequence[Edit]) -> bytes:
    """The file with all changes, one after the other."""
    for change in changes:
        data = _mutated(data, change)[:_LARGEST]
    return data


def _mutated(data: bytes, change: Edit) -> bytes:
    first, last = sorted((int(change.at * len(data)), int(change.to * len(data))))
    match change.kind:
        case "byte":
            flipped = bytes([data[first] ^ (1 << last % 8)]) if first < len(data) else b"\xff"
            return data[:first] + flipped + data[first + 1 :]
        case "insert":
            return data[:first] + change.value + data[first:]
        case "cut":
            return data[:first]
        case "drop bytes":
            return data[:first] + data[last:]
        case "number" | "token":
            return _replaced(data, change)
        case "deep":
            return data[:first] + b"[" * min(last * 50, 20_000) + data[first:]
    return _lines(data, change)


def _replaced(data: bytes, change: Edit) -> bytes:
    """One of its numbers, or of its words, is another."""
    pattern = rb"-?\d+(?:\.\d+)?(?:e-?\d+)?" if change.kind == "number" else rb"[^\s,:]+"
    found = list(re.finditer(pattern, data))
    if not found:
        return data + change.value
    chosen = found[min(int(change.at * len(found)), len(found) - 1)]
    return data[: chosen.start()] + change.value + data[chosen.end() :]


def _lines(data: bytes, change: Edit) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    first, second = (min(int(share * len(lines)), len(lines) - 1) for share in (change.at, change.to))
    if change.kind == "drop":
        del lines[first]
    elif change.kind == "repeat":
        lines[first:first] = [lines[first]] * (1 + second * 3)
    else:
        lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)
