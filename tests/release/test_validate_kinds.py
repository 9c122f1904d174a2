"""Every kind of file damaged in every way that its kind allows: each is a fault with a path and a message."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from imigue_build.backends.registry import registry
from imigue_build.release.schema.provenance import parse
from imigue_build.release.schema.rows import parse_segment
from imigue_build.release.validate.base import Fault, Faults, scan
from imigue_build.release.validate.provenance import check_duration, check_videos, read_provenance
from imigue_build.release.validate.row import parse_row
from imigue_build.release.validate.run import validate
from tests.release.breaking import (
    CLIP,
    DROPPED,
    GRID,
    LABELS,
    MANIFEST,
    ONE,
    PROVENANCE,
    README,
    SUMS,
    WORDS,
    Case,
    edits,
    filtered,
    named,
    replaced,
    row,
    tier,
    written,
)
from tests.release.test_validate_damage import header
from tests.release.tiny_release import Content, TinyRelease, build

FILES = [LABELS, MANIFEST, PROVENANCE, SUMS, README, GRID, WORDS, f"{ONE}.rttm", f"{ONE}.txt", f"{ONE}.raw.txt"]
FILES += [f"{ONE}.asr.txt", f"{ONE}.wav", f"{CLIP}.wav", f"{CLIP}.raw.txt", f"{CLIP}.asr.txt"]
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "its first half": lambda data: data[: len(data) // 2],
    "doubled": lambda data: 2 * data,
    "zeros": lambda data: bytes(len(data)),
    "a NUL at the end": lambda data: data + b"\0",
    "a NUL within": lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :],
}
OF_TEXT: dict[str, Callable[[bytes], bytes]] = {
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "carriage returns": lambda data: data.replace(b"\n", b"\r\n"),
    "no last line end": lambda data: data[:-1],
    "Latin-1": lambda data: data[:-1] + b"\xe9\n",
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "an escape": lambda data: data.replace(b"e", b"e\x1b[2J", 1),
    "a blank line": lambda data: b"\n" + data,
    "another alphabet": lambda data: data.replace(b"e", "е".encode(), 1),  # noqa: RUF001
}
UNSEEN = {(README, "doubled"), (README, "a blank line"), (README, "another alphabet"), (PROVENANCE, "a blank line")}
"""What anybody may write."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("whole") / "r", Content()).root


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file(name: str, whole: Path, tmp_path: Path) -> None:
    before = (whole / name).read_bytes()
    silent = []
    for way, change in (WAYS | ({} if name.endswith(".wav") else OF_TEXT)).items():
        root = shutil.copytree(whole, tmp_path / way)
        if change(before) == before or (name, way) in UNSEEN:
            continue
        (root / name).write_bytes(change(before))
        if name != SUMS:
            TinyRelease(root).resum()
        faults = validate(root)
        assert all(fault.path and fault.message.isprintable() for fault in faults), faults
        silent += [] if faults else [way]
    assert not silent


@pytest.mark.parametrize("name", [name for name in FILES if name != SUMS])
def test_a_name_in_other_letters(name: str, whole: Path, tmp_path: Path) -> None:
    root = shutil.copytree(whole, tmp_path / "r")
    (root / name).rename((root / name).with_name(Path(name).name.swapcase()))
    TinyRelease(root).resum()
    assert {"file-missing", "file-unexpected"} <= {fault.rule for fault in validate(root)}


VALUES: list[Any] = [None, True, -1, 2, 1e308, 10**400, "0.5", "", "\0", "NaN", [], {}, [1], {"a": 1}, "SPEAKER_0О"]  # noqa: RUF001
NOT_JSON = [float("nan"), float("inf"), float("-inf")]


def places(document: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the values in a document are, its objects and lists as well; of a list the first item."""
    items = document.items() if isinstance(document, dict) else enumerate(document[:1])
    found: list[tuple[Any, ...]] = []
    for key, value in items:
        found.append((*above, key))
        found += places(value, (*above, key)) if isinstance(value, dict | list) else []
    return found


def put(document: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


MEASURES = {"aligned": 1.0, "clipping": 0.0, "words_per_second": 3.33, "alignment": {"fit": -0.5}, "flags": []}
ROW = Content().rows[0] | MEASURES
SETTINGS = {
    "diarize": {"backend": "dvector", "min_speakers": 1, "vad": {"onset": 0.5}},
    "align": {"backend": "pocketsphinx", "pause": 0.5},
    "export": {"max_segment": 30.0, "clip_overlap": False, "filters": {"min_snr_db": None}},
}
ORIGIN = Content().provenance | {
    "config": SETTINGS,
    "stages": {"align": 6, "diarize": 5, "export": 4},
    "made_by": {"align": {"tools": ["imaginary-asr"], "models": ["tiny"]}},
    "corpus": {"title": "Tiny"},
}
ORIGIN["videos"]["0001"] |= {
    "role_doubts": ["close"],
    "given": {"align": "0" * 64},
    "audio": {"streams": 1, "streams_used": [1], "channels": 2, "channels_used": [1]},
}


def changed(document: Any) -> Iterator[tuple[str, str]]:
    """A document with another value in the place of one: what was done, and its JSON."""
    for place in places(document):
        for value in [*VALUES, *NOT_JSON]:
            other = copy.deepcopy(document)
            put(other, place, value)
            yield f"{place}: {value!r}", json.dumps(other)


def test_a_row_that_is_valid_can_be_read() -> None:
    """Whatever value stands in the place of another: it is a fault, or the reader of releases takes it."""
    for what, line in changed(ROW):
        faults = Faults()
        if parse_row(line.encode(), 1, None, faults) is not None and not faults.listed():
            assert parse_segment(line.encode()).video_id == "0001", what
        assert faults.listed() or not any(bad in line for bad in ("NaN,", "Infinity")), what


def test_a_provenance_that_is_valid_can_be_read(tmp_path: Path) -> None:
    assert found(tmp_path, json.dumps(ORIGIN)) == []
    for what, text in changed(ORIGIN):
        faults = found(tmp_path, text)
        assert all(fault.message.isprintable() for fault in faults), what
        assert faults or not any(bad in text for bad in ("NaN,", "Infinity")), what
        if not faults:
            assert parse(text.encode()).videos, what


def found(root: Path, text: str) -> list[Fault]:
    (root / PROVENANCE).write_text(f"{text}\n", encoding="utf-8")
    faults = Faults()
    view = read_provenance(scan(root), faults, registry())
    check_videos(view, ["0001", "0002"], faults)
    for video_id, milliseconds in (("0001", 6000), ("0002", 2000)):
        check_duration(view, video_id, milliseconds, faults)
    return faults.listed()


def longer(text: str) -> str:
    """The interval of the interviewer's first row, and the empty one after it, meet later."""
    tier = text.index('"interviewer"')
    return text[:tier] + text[tier:].replace("1.5 ", "1.6 ", 2)


def unsaid(content: Content) -> None:
    """Nobody has the last turn of 0001, nor its words."""
    for part in (content.turns, content.exclusive):
        part["0001"].pop()
    content.rows.pop(5)


OTHERS = [
    Case("tier-transcripts", GRID, "longer than its row", None, filtered(GRID, longer)),
    Case("confidence-range", MANIFEST, "clipping", row(0, clipping=-0.1)),
    Case("confidence-range", MANIFEST, "aligned", row(6, aligned=1.5)),
    Case("row-measures", MANIFEST, "an SNR", row(0, snr_db=1e9)),
    Case("row-measures", MANIFEST, "a fit", row(0, alignment={"fit": -1e308})),
    Case("tier-vad", GRID, "speech in nobody's turn", edits(unsaid, tier("speech", 1, (4.75, 6.0, "speech")))),
    Case("labels-cell", LABELS, "a formula", None, replaced(LABELS, "0001,F", "0001,=F(1)")),
    Case("labels-cell", LABELS, "an escape", None, replaced(LABELS, "0001,F", "0001,\x1b[2J")),
    Case("labels-cell", LABELS, "a line break", None, replaced(LABELS, "0001,F", '0001,"F\n"')),
    Case("labels-cell", LABELS, "a blank", None, replaced(LABELS, "0001,F", "0001, ")),
    Case("readme-content", README, "an escape", None, replaced(README, "tiny corpus", "tiny \x9b2Jcorpus")),
    Case("dropped-row", DROPPED, "twice", None, written(DROPPED, 2 * '{"video_id": "0001", "reason": "short"}\n')),
    Case("dropped-row", DROPPED, "no folder", None, written(DROPPED, '{"video_id": "../0001", "reason": "short"}\n')),
    Case("dropped-row", DROPPED, "an escape", None, written(DROPPED, '{"video_id": "0001", "reason": "\\u001b"}\n')),
    Case("wav-header", f"{ONE}.wav", "12 bits", None, header(f"{ONE}.wav", 34, lambda bits: 12, "<H")),
    Case("wav-header", f"{ONE}.wav", "half a sample", None, header(f"{ONE}.wav", 40, lambda size: size - 1)),
]


@pytest.mark.parametrize("case", OTHERS, ids=named)
def test_each_breach_is_told_alone(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path / "r")
