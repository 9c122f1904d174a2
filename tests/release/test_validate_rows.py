"""Rules about the manifest's rows and about sound: one case a breach; and what is no breach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imigue_build.release.validate.run import validate
from tests.release.breaking import (
    CLIP,
    MANIFEST,
    ONE,
    Case,
    Edit,
    added,
    edits,
    exchanged_roles,
    export,
    filtered,
    named,
    no_clip,
    one_sample_off,
    provenance,
    replaced,
    row,
    shorter,
    sound,
    swapped,
    tier,
    video,
    without,
    word,
    written,
)
from tests.release.tiny_release import ASKED, TOLD, Content, build
from tests.release.tiny_release import row as manifest_row

ROWS = [
    Case("manifest-json", MANIFEST, "no quotes", None, replaced(MANIFEST, '"How did', "How did")),
    Case("manifest-json", MANIFEST, "truncated", None, filtered(MANIFEST, lambda text: text[:-9] + "\n")),
    Case("manifest-json", MANIFEST, "blank line", None, added(MANIFEST, "\n")),
    Case("manifest-json", MANIFEST, "a number for a text", row(0, asr_confidence="high")),
    Case("manifest-json", MANIFEST, "NaN", row(0, snr_db=float("nan"))),
    Case("manifest-json", MANIFEST, "no language", without("language", inside="row")),
    Case("manifest-json", MANIFEST, "no aligned", without("aligned", inside="word")),
    Case(
        "manifest-json", MANIFEST, "a huge number", None, replaced(MANIFEST, '"start": 0.25', f'"start": 1{"0" * 400}')
    ),
    Case(
        "manifest-json",
        MANIFEST,
        "another role",
        None,
        replaced(MANIFEST, '"0002", "role": "interviewee"', '"0002", "role": "umpire"'),
    ),
    Case(
        "manifest-video",
        MANIFEST,
        "no folder",
        None,
        added(MANIFEST, '{"video_id":"9","start":0,"end":1,"speaker":"x"}\n'),
    ),
    Case(
        "manifest-sorted",
        MANIFEST,
        "exchanged",
        None,
        lambda r: [swapped(path, 2)(r) for path in (MANIFEST, f"{ONE}.raw.txt", f"{ONE}.asr.txt")],
    ),
    Case("row-times", MANIFEST, "backwards", None, replaced(MANIFEST, '"end": 4.15, "clip"', '"end": 3.8, "clip"')),
    Case("row-times", MANIFEST, "not whole", None, replaced(MANIFEST, '"start": 3.9,', '"start": 3.9004,')),
    Case("row-times", MANIFEST, "absurd", None, replaced(MANIFEST, '"end": 5.85', '"end": 1e300')),
    Case("row-times", MANIFEST, "after the end", no_clip(5), replaced(MANIFEST, '"end": 5.85', '"end": 6.5')),
    Case("word-times", MANIFEST, "backwards", None, replaced(MANIFEST, '"start": 3.92', '"start": 4.1')),
    Case("word-times", MANIFEST, "not whole", None, replaced(MANIFEST, '"start": 3.92', '"start": 3.92001')),
    Case(
        "word-times",
        MANIFEST,
        "outside",
        edits(row(2, start=3.93, overlap_s=0.17), word(2, 0, start=3.92)),
        lambda r: r.replace(f"{ONE}.txt", "[3.930-", "[3.920-"),
    ),
    Case("word-length", MANIFEST, "9 ms", word(5, 0, end=4.809)),
    Case("word-token", MANIFEST, "two", edits(word(6, 1, word="you\u00a0two."), row(6, asr="thank you two"))),
    Case("words-overlap", MANIFEST, "in a role", None, replaced(MANIFEST, '"end": 0.5', '"end": 0.51')),
    Case("row-text", MANIFEST, "raw", row(2, raw="Yes!")),
    Case("row-asr", MANIFEST, "upper case", row(2, asr="Yes")),
    Case("row-asr", MANIFEST, "digits", row(2, asr="yes 1")),
    Case("row-asr", MANIFEST, "punctuation", row(2, asr="yes.")),
    Case("row-asr", MANIFEST, "two spaces", row(2, asr="yes  yes")),
    Case("row-asr", MANIFEST, "empty", row(2, asr="")),
    Case("row-language", MANIFEST, "a name", row(0, language="English")),
    Case("row-overlap", MANIFEST, "less", row(2, overlap_s=0.19)),
    Case("row-overlap", MANIFEST, "null in one row", row(0, overlap_s=None)),
    Case("confidence-range", MANIFEST, "asr_confidence", row(0, asr_confidence=1.01)),
    Case("confidence-range", MANIFEST, "role_confidence", row(0, role_confidence=-0.01)),
    Case("confidence-range", MANIFEST, "a word's", word(0, 0, confidence=2)),
    Case("row-clip", MANIFEST, "no clip", None, replaced(MANIFEST, f'"{CLIP}.wav"', "null")),
    Case("row-clip", MANIFEST, "other clip", None, replaced(MANIFEST, f'"{CLIP}.wav"', f'"{CLIP[:-1]}2.wav"')),
    Case("row-clip", MANIFEST, "absolute", None, replaced(MANIFEST, f'"{CLIP}.wav"', f'"/{CLIP}.wav"')),
    Case(
        "segment-numbers", MANIFEST, "a gap", row(5, segment_id="segment_003", clip="0001/interviewee/segment_003.wav")
    ),
    Case(
        "segment-numbers",
        MANIFEST,
        "four digits",
        row(6, segment_id="segment_0001", clip="0002/interviewee/segment_0001.wav"),
    ),
    Case(
        "speaker-role",
        MANIFEST,
        "both",
        edits(
            row(4, role="interviewee", segment_id=None, clip=None, start=4.15, overlap_s=0.05), word(4, 0, start=4.15)
        ),
    ),
    Case("speaker-name", MANIFEST, "a name", row(2, speaker="Anna")),
    Case("speaker-unknown", MANIFEST, "no turn", row(2, speaker="SPEAKER_07")),
    Case("athlete", MANIFEST, "alone", row(6, role="interviewer", clip="0002/interviewer/segment_001.wav")),
    Case("athlete", MANIFEST, "speaks less", exchanged_roles),
    Case("athlete", MANIFEST, "no such rule", edits(exchanged_roles, video(roles={"rule": "dice", "longest": TOLD}))),
    Case(
        "athlete", "provenance.json", "who talks longest", video(roles={"rule": "named-in-the-file", "longest": ASKED})
    ),
]

SECOND_CLIP = row(2, segment_id="segment_002", clip="0001/interviewer/segment_002.wav")
THIRD_CLIP = row(4, segment_id="segment_003", clip="0001/interviewer/segment_003.wav")
IN_OVERLAP = edits(SECOND_CLIP, THIRD_CLIP)
PAD_IN_OVERLAP = row(1, end=3.95, overlap_s=0.05)
TOUCHING = row(0, end=1.66)


def aside(content: Content) -> None:
    """The interviewer says a word in a pause of the interviewee's last clip."""
    content.rows.insert(
        6, manifest_row("0001", "interviewer", ASKED, None, (5.22, 5.28), [(5.22, 5.28, "Mhm.")], "mhm")
    )


def third_speaker(content: Content) -> None:
    """Another interviewer's clip begins before the first one's has ended."""
    content.turns["0001"].insert(1, (1.56, 1.64, "SPEAKER_01"))
    for turns in (content.turns["0001"], content.exclusive["0001"]):
        turns[:] = [(start, end, "SPEAKER_02" if speaker == TOLD else speaker) for start, end, speaker in turns]
    content.turns["0001"][1] = (1.56, 1.64, "SPEAKER_01")
    content.overlap["0001"] = [(3.9, 4.2, "SPEAKER_00+SPEAKER_02")]
    for one in content.rows:
        if one["speaker"] == TOLD:
            one["speaker"] = "SPEAKER_02"
    content.rows.insert(
        1, manifest_row("0001", "interviewer", "SPEAKER_01", 2, (1.54, 1.64), [(1.56, 1.64, "Mhm.")], "mhm")
    )
    row(5, segment_id="segment_003", clip="0001/interviewer/segment_003.wav")(content)


SOUND = [
    Case("wav-format", f"{ONE}.wav", "16 kHz", None, sound(f"{ONE}.wav", rate=16_000)),
    Case("wav-format", f"{ONE}.wav", "8 bit", None, sound(f"{ONE}.wav", lambda s: (s >> 8).astype(np.uint8))),
    Case("wav-format", f"{CLIP}.wav", "stereo", None, sound(f"{CLIP}.wav", lambda s: s.repeat(2), channels=2)),
    Case("wav-format", f"{CLIP}.wav", "no RIFF", None, written(f"{CLIP}.wav", "ID3 something else")),
    Case("wav-format", f"{CLIP}.wav", "nothing", None, written(f"{CLIP}.wav", b"")),
    Case(
        "wav-format",
        f"{CLIP}.wav",
        "a header's half",
        None,
        written(f"{CLIP}.wav", b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00"),
    ),
    Case("wav-empty", f"{CLIP}.wav", "no sample", None, sound(f"{CLIP}.wav", lambda s: s[:0])),
    Case("wav-truncated", f"{CLIP}.wav", "lost its end", None, shorter(f"{CLIP}.wav", 2)),
    Case("wav-truncated", f"{ONE}.wav", "lost its end", None, shorter(f"{ONE}.wav", 100_001)),
    Case("clip-samples", f"{CLIP}.wav", "one sample differs", None, sound(f"{CLIP}.wav", one_sample_off)),
    Case("clip-samples", f"{CLIP}.wav", "one sample less", None, sound(f"{CLIP}.wav", lambda s: s[:-1])),
    Case("clip-samples", f"{CLIP}.wav", "one sample late", None, sound(f"{CLIP}.wav", lambda s: np.roll(s, 1))),
    Case("clip-length", MANIFEST, "longer than the config's", export(max_segment=2.199)),
    Case("clip-length", MANIFEST, "longer than its own config's", video(config={"export": {"max_segment": 2.199}})),
    Case("clips-disjoint", MANIFEST, "10 ms", TOUCHING),
    Case("clip-one-speaker", MANIFEST, "a word", aside),
    Case("clip-one-speaker", MANIFEST, "a clip", third_speaker),
    Case("clip-overlap", MANIFEST, "a word", IN_OVERLAP),
    Case("clip-overlap", MANIFEST, "its edge", PAD_IN_OVERLAP),
]


@pytest.mark.parametrize("case", [*ROWS, *SOUND], ids=named)
def test_each_breach_is_told_alone(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path / "r")


ALLOWED: dict[str, Edit] = {
    "clips may overlap": edits(export(clip_overlap=True), IN_OVERLAP, PAD_IN_OVERLAP, TOUCHING, aside),
    "clips of one interview may overlap": edits(video(config={"export": {"clip_overlap": True}}), IN_OVERLAP),
    "a person set the roles": edits(
        row(6, role="interviewer", clip="0002/interviewer/segment_001.wav"),
        lambda content: content.provenance["videos"]["0002"].update(overrides={"roles": {ASKED: "interviewer"}}),
    ),
    "roles by names": edits(exchanged_roles, video(roles={"rule": "named-in-the-file", "longest": TOLD})),
    "roles by the labels": edits(exchanged_roles, video(roles={"rule": "named-in-the-labels", "longest": TOLD})),
    "roles by another rule": edits(
        row(6, role="interviewer", clip="0002/interviewer/segment_001.wav"),
        lambda content: content.provenance["config"].update(roles={"rule": "first-to-speak"}),
    ),
    "a config without the settings": provenance(config={}),
    "keys of a later hour": edits(row(0, emotion="joy"), provenance(note="more")),
    "no word at all": lambda content: content.rows.pop(6),
    "overlap could not be detected": row(6, overlap_s=None),
    "roundings of the overlap": tier("overlap", 0, (3.901, 4.201, f"{ASKED}+{TOLD}")),
}


@pytest.mark.parametrize("edit", ALLOWED.values(), ids=ALLOWED)
def test_what_the_format_leaves_open_is_no_fault(edit: Edit, tmp_path: Path) -> None:
    content = Content()
    edit(content)
    build(tmp_path / "r", content)
    assert validate(tmp_path / "r") == []
