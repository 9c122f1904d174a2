"""What a careless edit or a broken tool leaves: one case a breach; and sound releases of every kind."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imigue_build.backends.registry import registry
from imigue_build.release.validate.run import validate
from tests.release.breaking import (
    CLIP,
    GRID,
    MANIFEST,
    ONE,
    PROVENANCE,
    WORDS,
    Case,
    Damage,
    Edit,
    edits,
    filtered,
    named,
    provenance,
    replaced,
    row,
    tier,
    trailing_byte,
    video,
    word,
)
from tests.release.tiny_release import ASKED, DURATIONS, TOLD, Content, TinyRelease, build


def in_one(name: str, change: Callable[[list[Any], float], list[Any]]) -> Edit:
    """Changes it in the interview 0001."""

    def edit(content: Content) -> None:
        found = getattr(content, name)
        found["0001"] = change(found["0001"], DURATIONS["0001"])

    return edit


def inverted(intervals: list[Any], end: float) -> list[Any]:
    edges = [0.0, *(time for start, stop, _ in intervals for time in (start, stop)), end]
    return [(edges[at], edges[at + 1], "speech") for at in range(0, len(edges), 2) if edges[at] < edges[at + 1]]


def without(speaker: str) -> Callable[[list[Any], float], list[Any]]:
    return lambda intervals, end: [interval for interval in intervals if interval[2] != speaker]


def phones(**labels: str) -> Edit:
    return lambda content: content.phones.update(labels)


def measured(content: Content) -> None:
    """Gives every row a measure that there is of phones alone."""
    for one in content.rows:
        one["alignment"] = {"fit": -0.5}


def header(path: str, at: int, change: Callable[[int], int], form: str = "<I") -> Damage:
    """Changes a number in the header of a WAV."""

    def damage(release: TinyRelease) -> None:
        data = bytearray((release.root / path).read_bytes())
        struct.pack_into(form, data, at, change(struct.unpack_from(form, data, at)[0]))
        (release.root / path).write_bytes(data)

    return damage


TURN = f"SPEAKER 0001 1 1.700 2.500 <NA> <NA> {TOLD} <NA> <NA>\n"
WHO = [
    Case("tier-diarization", GRID, "emptied", in_one("exclusive", lambda intervals, end: [])),
    Case("tier-diarization", GRID, "without one speaker", in_one("exclusive", without(TOLD))),
    Case("tier-diarization", GRID, "without the other", in_one("exclusive", without(ASKED))),
    Case("tier-diarization", GRID, "an interval less", in_one("exclusive", lambda intervals, end: intervals[:2])),
    Case("tier-diarization", GRID, "an interval cut", tier("exclusive", 0, (0.3, 1.2, ASKED))),
    Case("tier-vad", GRID, "emptied", in_one("speech", lambda intervals, end: [])),
    Case("tier-vad", GRID, "inverted", in_one("speech", inverted)),
    Case("tier-vad", GRID, "an interval less", in_one("speech", lambda intervals, end: intervals[:1])),
    Case("rttm-twice", f"{ONE}.rttm", "a line doubled", None, replaced(f"{ONE}.rttm", TURN, 2 * TURN)),
    Case(
        "rttm-twice",
        f"{ONE}.rttm",
        "a turn within another of the speaker",
        None,
        replaced(f"{ONE}.rttm", TURN, TURN + TURN.replace("1.700 2.500", "2.000 0.400")),
    ),
]
PHONES = [
    Case("tier-phones", WORDS, "one role's emptied", phones(interviewee="")),
    Case("tier-phones", WORDS, "silence", phones(interviewer="sil")),
    Case("tier-phones", WORDS, "noise", phones(interviewee="spn")),
    Case("tier-phones", WORDS, "a blank", phones(interviewee="A H")),
    Case("tier-phones", WORDS, "words", phones(interviewee="whatever it is", interviewer="ɐ")),
    Case(
        "tier-phones",
        WORDS,
        "one that English does not have",
        None,
        filtered(WORDS, lambda text: text.replace('"AH"', '"QQ"', 1)),
    ),
]
SOUNDS = [
    Case("wav-header", f"{CLIP}.wav", "bytes a second", None, header(f"{CLIP}.wav", 28, lambda rate: rate // 2)),
    Case("wav-header", f"{ONE}.wav", "bytes a second", None, header(f"{ONE}.wav", 28, lambda rate: 0)),
    Case("wav-header", f"{CLIP}.wav", "bytes a sample", None, header(f"{CLIP}.wav", 32, lambda size: 4, "<H")),
    Case("wav-header", f"{CLIP}.wav", "RIFF size, more", None, header(f"{CLIP}.wav", 4, lambda size: size + 2)),
    Case("wav-truncated", f"{ONE}.wav", "RIFF size, less", None, header(f"{ONE}.wav", 4, lambda size: size - 2)),
    Case("wav-header", f"{ONE}.wav", "RIFF size of a stream", None, header(f"{ONE}.wav", 4, lambda size: 0xFFFFFFFF)),
    Case("wav-header", f"{CLIP}.wav", "a byte after it", None, trailing_byte(f"{CLIP}.wav")),
]
ROWS = [
    Case("row-measures", MANIFEST, "confidence", row(0, asr_confidence=0.6)),
    Case("row-measures", MANIFEST, "no confidence", row(0, asr_confidence=None)),
    Case("row-measures", MANIFEST, "a word's confidence", word(0, 1, confidence=0.9)),
    Case("row-measures", MANIFEST, "aligned", row(1, aligned=1.0)),
    Case("row-measures", MANIFEST, "a word aligned", edits(row(0, aligned=1.0), word(0, 1, aligned=False))),
    Case("row-measures", MANIFEST, "words a second", row(0, words_per_second=2.0)),
    Case("row-roles", MANIFEST, "two confidences", edits(row(0, role_confidence=0.9), row(2, role_confidence=0.8))),
    Case("transcript-times", f"{ONE}.txt", "longer than its rows", None, replaced(f"{ONE}.txt", "1.550]", "1.600]")),
]
MADE_BY = {"align": {"tools": ["imaginary-asr"], "models": ["tiny", "tiny-en"]}}


def staged(version: object = 6, made_by: object = MADE_BY, settings: object = None) -> Edit:
    """Says of the stage `align` its version, what made it, and its settings, which are lost by default."""

    def edit(content: Content) -> None:
        content.provenance["config"]["align"] = settings
        content.provenance.update(stages={"align": version, "speakers": 1}, made_by=made_by)

    return edit


ORIGIN = [
    Case("provenance-stages", PROVENANCE, "no version", staged(None)),
    Case("provenance-stages", PROVENANCE, "version 0", staged(0)),
    Case("provenance-stages", PROVENANCE, "no settings", provenance(stages={"align": 6})),
    Case("provenance-stages", PROVENANCE, "settings that are none", staged(settings=3)),
    Case("provenance-stages", PROVENANCE, "a tool", staged(made_by={"align": {"tools": ["other-asr"]}})),
    Case("provenance-stages", PROVENANCE, "names that are none", staged(made_by={"align": {"tools": [None]}})),
    Case("provenance-stages", PROVENANCE, "a model", video(made_by={"align": {"models": ["other"]}})),
]


@pytest.mark.parametrize("case", [*WHO, *PHONES, *SOUNDS, *ROWS, *ORIGIN], ids=named)
def test_each_breach_is_told_alone(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path / "r")


def test_phones_tiers_that_are_both_emptied(tmp_path: Path) -> None:
    """Where the rows have a measure that there is of phones alone, there were some."""
    edit = edits(measured, phones(interviewee="", interviewer=""))
    found = Case("", "", "", edit).found(tmp_path / "r")
    assert [(fault.path, fault.rule) for fault in found] == [(WORDS, "tier-phones")] * 2


SETTINGS = [
    {"align": {"backend": "mfa", "launcher": ["mfa"]}},
    {"align": {"backend": "mfa", "jobs": 4}},
    {"align": {"backend": "pocketsphinx", "lexicon": "mine.csv"}},
    {"extract": {"ffmpeg": "ffmpeg"}},
    {"transcribe": {"backend": "given", "folder": "transcripts"}},
    {"transcribe": {"backend": "given", "asr": {"backend": "faster-whisper", "device": "cuda"}}},
    {"diarize": {"backend": "pyannote", "batch_size": 8}},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("where", ["the release", "an interview"])
def test_a_setting_of_a_machine_is_a_fault(settings: dict[str, Any], where: str, tmp_path: Path) -> None:
    content = Content()
    edit = (
        provenance(config=content.provenance["config"] | settings) if where == "the release" else video(config=settings)
    )
    edit(content)
    build(tmp_path / "r", content)
    (fault,) = validate(tmp_path / "r", registry())
    assert (fault.path, fault.rule) == (PROVENANCE, "provenance-machine")


def unaligned(content: Content) -> None:
    """As in a language that has no aligner."""
    phones(interviewee="", interviewer="")(content)
    for one in content.rows:
        one.update(aligned=0.0, alignment=None, language="mt")
        for each in one["words"]:
            each["aligned"] = False


def without_overlap(content: Content) -> None:
    """As of a diarizer that cannot detect it: no two turns at one time."""
    content.turns["0001"][2] = (4.2, 4.6, ASKED)
    content.overlap["0001"] = []
    for one in content.rows:
        one["overlap_s"] = None
    content.rows[2].update(start=4.2, end=4.3)
    content.rows[2]["words"][0].update(start=4.2, end=4.3)
    content.rows[4].update(start=4.3)
    content.rows[4]["words"][0].update(start=4.3)
    content.rows[2:5] = [content.rows[3], content.rows[2], content.rows[4]]


def silent(content: Content) -> None:
    """Nobody speaks in 0002."""
    content.rows = [one for one in content.rows if one["video_id"] != "0002"]
    for part in (content.turns, content.exclusive, content.speech, content.overlap):
        part["0002"] = []


def of_another_language(content: Content) -> None:
    """Phones in IPA, with what is not of the ARPAbet."""
    content.phones = {"interviewee": "t͡ʃʷː", "interviewer": "a˥˩"}


def clear_roles(content: Content) -> None:
    for one in content.rows:
        one.update(role_confidence=0.9, aligned=1.0 if one is not content.rows[1] else 0.75)


SOUND: list[Edit] = [
    unaligned,
    edits(unaligned, lambda content: content.speech.update({"0001": [(0.0, 6.0, "speech")]})),
    phones(interviewee="", interviewer=""),
    without_overlap,
    silent,
    of_another_language,
    clear_roles,
    measured,
    staged(),
    staged(settings={"backend": "pocketsphinx"}),
]


@pytest.mark.parametrize("edit", SOUND)
def test_sound_releases_of_every_kind(edit: Edit, tmp_path: Path) -> None:
    assert Case("", "", "", edit).found(tmp_path / "r") == []
