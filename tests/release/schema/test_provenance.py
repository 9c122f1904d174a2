"""Provenance: what is written is read, and what of an interview is not as for most comes before what is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.provenance import (
    FormatVersionError,
    Model,
    Override,
    Provenance,
    Source,
    encode,
    parse,
)
from tests.release.tiny_release import PROVENANCE

MOST = Source("a" * 64, 6.0)
OTHER = Source(
    *("b" * 64, 2.5),
    config={"align": {"backend": "mfa"}, "diarize": None},
    stages={"align": 4},
    tools={},
    models=(Model("large-v3", "r1"),),
    given={"transcribe": "c" * 64},
    overrides={"words": (Override("word 'a' is 'b'", False),)},
    role_doubts=("two speakers talk about as long",),
)
WHOLE = Provenance(
    format_version=1,
    imigue_build="0.1.0",
    config={"align": {"backend": "pocketsphinx"}, "export": {"pad": 0.1}},
    stages={"align": 3},
    tools={"numpy": "2.0"},
    models=(Model("en-us", "5.1.1", "d" * 64),),
    videos={"0001": MOST, "0002": OTHER},
)


def test_what_is_written_is_read() -> None:
    assert parse(encode(WHOLE)) == WHOLE
    document = json.loads(encode(WHOLE))
    assert list(document) == [
        "format_version",
        "imigue_build",
        "config",
        "corpus",
        "stages",
        "tools",
        "models",
        "made_by",
        "videos",
    ]
    assert document["videos"]["0001"] == {"sha256": "a" * 64, "duration_s": 6.0}
    assert document["models"] == [{"name": "en-us", "revision": "5.1.1", "sha256": "d" * 64}]


def test_an_interview_differs_from_most() -> None:
    assert WHOLE.config_of("0001") == WHOLE.config and WHOLE.tools_of("0001") == WHOLE.tools
    assert WHOLE.config_of("0002") == {"align": {"backend": "mfa"}, "diarize": None, "export": {"pad": 0.1}}
    assert WHOLE.stages_of("0002") == {"align": 4} and WHOLE.tools_of("0002") == {}
    assert WHOLE.models_of("0002") == (Model("large-v3", "r1"),) and WHOLE.models_of("0001") == WHOLE.models


def test_a_release_of_old_and_one_with_more_keys_are_read() -> None:
    found = parse(json.dumps(PROVENANCE | {"corpus": {"name": "x"}}).encode())
    assert found.stages == {} and set(found.videos) == {"0001", "0002"}


@pytest.mark.parametrize(
    "change",
    [{"videos": []}, {"videos": {"../1": {"sha256": "", "duration_s": 1}}}, {"config": 1}, {"tools": {"a": 1}}],
)
def test_what_is_no_provenance(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        parse(json.dumps(PROVENANCE | change).encode())


def test_another_format_is_told_from_damage() -> None:
    with pytest.raises(FormatVersionError, match="format 2, this program knows 1"):
        parse(b'{"format_version": 2}')
    for data in (b"{", b"[" * 200_000, b"\xff", b"{}"):
        with pytest.raises(FormatError) as caught:
            parse(data)
        assert not isinstance(caught.value, FormatVersionError)
