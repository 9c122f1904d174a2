"""Rules about texts, TextGrids and turns: one case a breach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release.breaking import (
    CLIP,
    GRID,
    MANIFEST,
    ONE,
    TWO,
    WORDS,
    Case,
    Damage,
    added,
    edits,
    filtered,
    named,
    replaced,
    swapped,
    tier,
    word,
    written,
)
from tests.release.tiny_release import ASKED, TOLD, Content

TEXTS = [
    Case("raw-lines", f"{ONE}.raw.txt", "one more", None, added(f"{ONE}.raw.txt", "x\n")),
    Case("raw-lines", f"{ONE}.raw.txt", "other text", None, replaced(f"{ONE}.raw.txt", "Yes", "yes")),
    Case("raw-lines", f"{ONE}.raw.txt", "exchanged", None, swapped(f"{ONE}.raw.txt", 2)),
    Case("asr-lines", f"{ONE}.asr.txt", "one less", None, replaced(f"{ONE}.asr.txt", "yes\n", "")),
    Case("asr-lines", f"{ONE}.asr.txt", "other text", None, replaced(f"{ONE}.asr.txt", "yes", "no")),
    Case("segment-text", f"{CLIP}.raw.txt", "other text", None, replaced(f"{CLIP}.raw.txt", "6-4", "6-3")),
    Case("segment-text", f"{CLIP}.asr.txt", "two lines", None, replaced(f"{CLIP}.asr.txt", "six ", "six\n")),
    Case("transcript-form", f"{ONE}.txt", "decimals", None, replaced(f"{ONE}.txt", "[0.250", "[0.25")),
    Case("transcript-form", f"{ONE}.txt", "role", None, replaced(f"{ONE}.txt", "INTERVIEWER: Yes", "Interviewer: Yes")),
    Case("transcript-form", f"{ONE}.txt", "no text", None, replaced(f"{ONE}.txt", ": Yes", ":")),
    Case("transcript-order", f"{ONE}.txt", "exchanged", None, swapped(f"{ONE}.txt", 0)),
    Case("transcript-times", f"{ONE}.txt", "a word is outside", None, replaced(f"{ONE}.txt", "[0.250", "[0.301")),
    Case("transcript-times", f"{ONE}.txt", "after the end", None, replaced(f"{ONE}.txt", "5.850]", "6.850]")),
    Case("transcript-words", f"{ONE}.txt", "a word less", None, replaced(f"{ONE}.txt", "did ", "")),
    Case("transcript-words", f"{ONE}.txt", "a word more", None, replaced(f"{ONE}.txt", "happy!", "happy! Bye.")),
    Case("transcript-words", f"{ONE}.txt", "another role", None, replaced(f"{ONE}.txt", "WER: Yes", "WEE: Yes")),
    Case("transcript-words", f"{ONE}.txt", "a turn less", None, filtered(f"{ONE}.txt", lambda t: t[: t.rindex("[")])),
]


def retimed(old: str, new: str) -> Damage:
    """Moves one boundary in the segment level's TextGrid, on both sides."""
    return filtered(GRID, lambda text: text.replace(f"= {old} ", f"= {new} "))


def short_format(text: str) -> str:
    values = [line.split(" = ")[-1] for line in text.splitlines()[3:] if " = " in line]
    return "\n".join([*text.splitlines()[:3], *values]) + "\n"


GRIDS = [
    Case("textgrid-format", GRID, "short format", None, filtered(GRID, short_format)),
    Case(
        "textgrid-format",
        GRID,
        "a count",
        None,
        filtered(GRID, lambda t: t.replace("intervals: size = 5", "intervals: size = 4", 1)),
    ),
    Case("textgrid-format", GRID, "tiers' count", None, replaced(GRID, "\nsize = 5", "\nsize = 4")),
    Case(
        "textgrid-format",
        GRID,
        "a number",
        None,
        filtered(GRID, lambda t: t.replace("ls [5]", "ls [6]", 1)),
    ),
    Case("textgrid-format", GRID, "a quote", None, replaced(GRID, '"Yes"', '"Yes')),
    Case(
        "textgrid-format",
        GRID,
        "a point tier",
        None,
        filtered(GRID, lambda t: t.replace("IntervalTier", "TextTier", 1)),
    ),
    Case("textgrid-format", GRID, "microseconds", None, retimed("5.9", "5.9001")),
    Case("textgrid-format", GRID, "an exponent", None, retimed("5.9", "59e-1")),
    Case("textgrid-format", GRID, "not from 0", None, filtered(GRID, lambda t: t.replace("xmin = 0 ", "xmin = 0.1 "))),
    Case(
        "textgrid-format",
        GRID,
        "a tier's span",
        None,
        filtered(GRID, lambda t: t.replace("xmax = 6.0 \n        int", "xmax = 5.0 \n        int", 1)),
    ),
    Case("textgrid-format", GRID, "cut off", None, filtered(GRID, lambda t: t[:-30] + "\n")),
    Case("textgrid-format", GRID, "empty", None, written(GRID, "")),
    Case("textgrid-tiers", GRID, "renamed", None, replaced(GRID, '"vad"', '"VAD"')),
    Case("textgrid-tiers", GRID, "twice", None, replaced(GRID, '"vad"', '"overlap"')),
    Case(
        "textgrid-tiers",
        WORDS,
        "order",
        None,
        filtered(
            WORDS,
            lambda t: (
                t.replace("interviewee -", "x -")
                .replace("interviewer -", "interviewee -")
                .replace("x -", "interviewer -")
            ),
        ),
    ),
    Case("textgrid-span", WORDS, "longer", None, filtered(WORDS, lambda t: t.replace("= 6.0 ", "= 6.5 "))),
    Case("textgrid-holes", GRID, "a hole", None, replaced(GRID, "xmin = 5.9 ", "xmin = 5.91 ")),
    Case("textgrid-holes", GRID, "an overlap", None, replaced(GRID, "xmax = 5.9 ", "xmax = 5.91 ")),
    Case("textgrid-holes", GRID, "no length", tier("speech", 1, (4.75, 4.75, "speech"))),
    Case(
        "textgrid-opens", f"{TWO}.TextGrid", "no other reader can", edits(word(6, 0, word="item"), word(6, 1, word="["))
    ),
    Case("tier-words", WORDS, "another word", None, replaced(WORDS, '"Yes"', '"yes"')),
    Case("tier-words", WORDS, "a word more", None, filtered(WORDS, lambda t: t.replace('""', '"Uh"', 1))),
    Case("tier-words", WORDS, "another time", None, replaced(MANIFEST, '"start": 3.92', '"start": 3.921')),
    Case("tier-phones", WORDS, "outside", None, filtered(WORDS, lambda t: t.replace("= 5.799 ", "= 5.801 "))),
    Case("tier-transcripts", GRID, "a word less", None, replaced(GRID, '"How did it feel?"', '"How did feel?"')),
    Case("tier-transcripts", GRID, "a row less", None, replaced(GRID, '"Yes"', '""')),
    Case("tier-transcripts", GRID, "moved", None, filtered(GRID, lambda t: t.replace("= 3.92 ", "= 3.93 "))),
    Case("tier-diarization", GRID, "a name", tier("exclusive", 0, (0.3, 1.5, "Anna"))),
    Case("tier-diarization", GRID, "no turn", tier("exclusive", 0, (0.3, 1.51, ASKED))),
    Case("tier-diarization", GRID, "another's turn", tier("exclusive", 0, (0.3, 1.5, TOLD))),
    Case("tier-overlap", GRID, "not sorted", tier("overlap", 0, (3.9, 4.2, f"{TOLD}+{ASKED}"))),
    Case("tier-overlap", GRID, "one", tier("overlap", 0, (3.9, 4.2, ASKED))),
    Case("tier-overlap", GRID, "others", tier("overlap", 0, (3.9, 4.2, f"{ASKED}+SPEAKER_02"))),
    Case("tier-overlap", GRID, "moved", edits(tier("overlap", 0, (3.9, 4.204, f"{ASKED}+{TOLD}")))),
    Case("tier-vad", GRID, "noise", tier("speech", 1, (4.75, 5.9, "noise"))),
]


def other_first(content: Content) -> None:
    """The one speaker of 0002 has the second's name."""
    content.turns["0002"] = content.exclusive["0002"] = [(0.3, 1.5, TOLD)]
    content.rows[6]["speaker"] = TOLD


def speaking_to_the_end(content: Content) -> None:
    """In 0002, by the tiers."""
    content.exclusive["0002"], content.speech["0002"] = [(0.3, 2.0, ASKED)], [(0.25, 2.0, "speech")]


TURNS = [
    Case("rttm-line", f"{ONE}.rttm", "fields", None, replaced(f"{ONE}.rttm", "1.200 <NA>", "1.200")),
    Case("rttm-line", f"{ONE}.rttm", "decimals", None, replaced(f"{ONE}.rttm", "0.300", "0.3")),
    Case("rttm-line", f"{ONE}.rttm", "file", None, replaced(f"{ONE}.rttm", "0001 1 0.300", "0002 1 0.300")),
    Case("rttm-line", f"{ONE}.rttm", "channel", None, replaced(f"{ONE}.rttm", "0001 1 0.300", "0001 2 0.300")),
    Case("rttm-line", f"{TWO}.rttm", "speaker", None, replaced(f"{TWO}.rttm", "SPEAKER_00", "Anna")),
    Case("rttm-line", f"{TWO}.rttm", "blank", None, added(f"{TWO}.rttm", "\n")),
    Case(
        "rttm-times", f"{TWO}.rttm", "after the end", speaking_to_the_end, replaced(f"{TWO}.rttm", " 1.200 ", " 1.800 ")
    ),
    Case(
        "rttm-times",
        f"{TWO}.rttm",
        "no length",
        None,
        added(f"{TWO}.rttm", "SPEAKER 0002 1 1.600 0.000 <NA> <NA> SPEAKER_00 <NA> <NA>\n"),
    ),
    Case("rttm-order", f"{ONE}.rttm", "exchanged", None, swapped(f"{ONE}.rttm", 1)),
    Case("rttm-speakers", f"{TWO}.rttm", "begins with 01", other_first),
]


@pytest.mark.parametrize("case", [*TEXTS, *GRIDS, *TURNS], ids=named)
def test_each_breach_is_told_alone(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path / "r")
