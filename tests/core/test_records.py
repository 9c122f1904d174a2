"""Every record is read back as it was written, whatever numbers it was made of; so are the digests over it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build import store
from imigue_build.core.record_json import decode, encode, encode_exactly
from imigue_build.core.records import Provenance, Record, Span, Word
from imigue_build.store.completion import FORMAT, Completion, Identity
from imigue_build.store.stat_cache import VideoHash

for _module in pkgutil.iter_modules(store.__path__, f"{store.__name__}."):
    importlib.import_module(_module.name)

WHOLE = st.integers(-(10**6), 10**6)
TIMES = WHOLE | WHOLE.map(lambda ms: ms / 1000)
"""Whole seconds, as integers too, and milliseconds."""
SETTINGS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def record_types(base: type[Record] = Record) -> Iterator[type[Record]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith(("imigue_build.core.", "imigue_build.store.")):
            yield kind
        yield from record_types(kind)


TYPES = sorted(set(record_types()), key=lambda kind: (kind.__module__, kind.__qualname__))


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; floats may be given as whole numbers, and are of those that rounding leaves alone."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return SETTINGS
    if hint is float:
        return TIMES
    if hint in (int, str, bool, NoneType):
        return {int: st.integers(-(2**60), 2**60), str: st.text(), bool: st.booleans(), NoneType: st.none()}[hint]
    if hint is bytes:
        return st.binary()
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    return records(hint)


def records(kind: type[Record]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values(hints[name]) for name in kind.__struct_fields__})


def test_the_records_of_core_and_store_are_there() -> None:
    assert len(TYPES) > 25 and {Completion, Word, VideoHash} <= set(TYPES)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__qualname__)
def test_written_and_read_is_equal(kind: type[Record]) -> None:
    @settings(max_examples=30, deadline=None)
    @given(records(kind))
    def check(record: Record) -> None:
        for write in (encode_exactly, encode):
            data = write(record)
            read = decode(data, kind)
            assert write(read) == data
        assert decode(encode_exactly(record), kind) == record
        if not {Identity, Completion} & {kind}:  # settings are not rounded in a store's record, and may be any floats
            assert decode(encode(record), kind) == record

    check()


@settings(max_examples=50, deadline=None)
@given(records(Completion), records(VideoHash))
def test_digests_hold_after_reading(record: Completion, video: VideoHash) -> None:
    record = Completion(
        record.format,
        record.video_id,
        record.identity.key,
        record.identity,
        record.outputs,
        record.seconds,
        record.media_seconds,
        record.warnings,
    ).sealed()
    read = decode(encode_exactly(record), Completion)
    assert record.is_whole and read.is_whole and read.identity.key == record.key
    assert decode(encode_exactly(video.sealed()), VideoHash).is_whole


def test_a_stage_that_worked_on_no_seconds_leaves_a_valid_record() -> None:
    identity = Identity("align", 1, {}, {"b": 1, "a": (2,)}, Provenance())
    record = Completion(FORMAT, "0001", identity.key, identity, {}, 1, 0).sealed()
    assert b'"media_seconds":0.0' in encode_exactly(record)
    assert decode(encode_exactly(record), Completion).is_whole


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_rounding_twice_changes_nothing(start: float, end: float) -> None:
    data = encode(Span(start, end))
    assert encode(decode(data, Span)) == data


def test_a_number_that_is_not_finite_is_none_or_an_error() -> None:
    assert decode(encode(Word(1, 2, "a", float("nan"))), Word).confidence is None
    with pytest.raises(ValueError, match="cannot convert"):
        encode(Span(0.0, float("nan")))
    with pytest.raises(ValueError, match=r"Expected `float`, got `null`"):
        encode_exactly(Span(0.0, float("inf")))
