"""Records as JSON: `encode` and `decode` are the one way there and back."""

from __future__ import annotations

import math
from typing import Any, Final, TypeVar

import msgspec

from imigue_build.core.records import Record
from imigue_build.core.times import milliseconds

T = TypeVar("T")

_TIMES: Final = frozenset({"start", "end"})
"""Fields of records that are times."""


def encode(record: Record) -> bytes:
    """A record as canonical JSON: times to the millisecond, other floats to 6 decimals, one final newline.

    Raises:
        ValueError: If it could not be read back: a value is of another type, or a number is not finite.
    """
    return encode_exactly(msgspec.convert(_rounded(record), type(record)))


def encode_exactly(record: Record) -> bytes:
    """As `encode`, with no number rounded; a whole number in the place of a float is written as a float.

    Raises:
        ValueError: If it could not be read back.
    """
    return msgspec.json.encode(decode(msgspec.json.encode(record), type(record))) + b"\n"


def _rounded(value: Any) -> Any:
    """A record as dicts and lists, numbers rounded; None in the place of a number that is not finite."""
    if isinstance(value, msgspec.Struct):
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {name: _time(item) if name in _TIMES else _rounded(item) for name, item in fields}
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _time(seconds: Any) -> Any:
    return milliseconds(seconds) / 1000 if isinstance(seconds, int | float) else seconds


def decode(data: bytes, kind: type[T]) -> T:
    """The record of type `kind` that `encode` wrote.

    Raises:
        ValueError: If `data` is not JSON of that type.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise ValueError("it is too deep") from error
