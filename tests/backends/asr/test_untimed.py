"""Text without times: line labels, anchors, and words that were not spoken."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends import registry
from imigue_build.backends.asr.precomputed.anchoring import anchors
from imigue_build.backends.asr.precomputed.settings import ALIGNER
from imigue_build.backends.asr.precomputed.untimed import align_text
from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.errors import AnnotationError
from imigue_build.core.records import Transcript, TranscriptSegment, Word
from imigue_build.core.wav import read_wav
from imigue_build.corpus.annotations.plain import read_tokens
from imigue_build.pipeline.demo import DEMO

SECONDS = 20


def test_labels_and_clock_times_are_not_spoken(tmp_path: Path) -> None:
    path = tmp_path / "0001.txt"
    path.write_text(
        "Q. How do you feel?\nRAFAEL NADAL: Tired.\nBut happy: very.\n\n"
        "[00:12] Q: Really?\nA. Yes.\nMODERATOR: Thank you."
    )
    assert [(token.word, token.speaker) for token in read_tokens(path)] == [
        *((word, "Q") for word in ("How", "do", "you", "feel?")),
        ("Tired.", "RAFAEL NADAL"),
        *((word, "RAFAEL NADAL") for word in ("But", "happy:", "very.")),
        ("Really?", "Q"),
        ("Yes.", "A"),
        ("Thank", "MODERATOR"),
        ("you.", "MODERATOR"),
    ]


words = st.lists(st.sampled_from(["the", "match", "was", "long", "and", "hard", "a"]), max_size=40)


@given(words, words)
def test_anchors_pair_equal_words_in_order(text: list[str], asr: list[str]) -> None:
    found = anchors(text, asr)
    assert all(text[item.text] == asr[item.asr] for item in found)
    assert [item.text for item in found] == sorted({item.text for item in found})
    assert [item.asr for item in found] == sorted({item.asr for item in found})


@given(words)
def test_a_fully_recognised_text_is_fully_anchored(text: list[str]) -> None:
    padded = ["first", *text, "last"]
    assert len(anchors(padded, padded)) == len(padded)


@pytest.fixture(scope="module")
def reference() -> list[Word]:
    found = json.loads((DEMO / "demo.json").read_text())["words"]
    return [Word(item["start"], item["end"], item["word"]) for item in found if item["end"] < SECONDS]


def recognised(words: list[Word]) -> Transcript:
    return Transcript("en", (TranscriptSegment(0.0, SECONDS, tuple(words)),))


def test_misrecognised_words_are_aligned_and_unspoken_ones_reported(tmp_path: Path, reference: list[Word]) -> None:
    ffmpeg.decode(DEMO / "demo.mp4", tmp_path / "44k.wav", tmp_path / "16k.wav", Extract(), warn=print)
    audio = read_wav(tmp_path / "16k.wav")[: SECONDS * 16_000]
    written = [word.word for word in reference]
    middle = len(written) // 2
    path = tmp_path / "0001.txt"
    unspoken = "nobody in this room has ever talked about the weather in paris or rome today"
    path.write_text(f"Q. {' '.join(written[:middle])}\nQ. {unspoken}\nA. {' '.join(written[middle:])}\n")
    misheard = [Word(item.start, item.end, "mumble") if at % 4 == 2 else item for at, item in enumerate(reference)]
    found = align_text(path, read_tokens(path), audio, recognised(misheard), registry.aligner(ALIGNER))
    assert [word.word for word in found.words] == written
    off = sorted(abs(a.start - b.start) for a, b in zip(found.words, reference, strict=True))
    assert off[int(0.95 * len(off))] < 0.1
    (reported,) = found.unplaced
    assert "15 words" in reported and "nobody in this room" in reported


def test_marks_stay_together_between_the_words_that_are_said(tmp_path: Path, reference: list[Word]) -> None:
    ffmpeg.decode(DEMO / "demo.mp4", tmp_path / "44k.wav", tmp_path / "16k.wav", Extract(), warn=print)
    audio = read_wav(tmp_path / "16k.wav")[: SECONDS * 16_000]
    written = [word.word for word in reference]
    for at in range(len(written) - 2, 0, -5):
        written[at:at] = ["(shaking", "his", "head)"]
    path = tmp_path / "0001.txt"
    path.write_text(" ".join(written))
    misheard = [Word(item.start, item.end, "mumble") if at % 3 == 2 else item for at, item in enumerate(reference)]
    found = align_text(path, read_tokens(path), audio, recognised(misheard), registry.aligner(ALIGNER))
    assert [word.word for word in found.words] == written


def test_another_interviews_text_is_refused(tmp_path: Path, reference: list[Word]) -> None:
    path = tmp_path / "0001.txt"
    path.write_text("completely unrelated sentences elsewhere")
    quiet = np.zeros(SECONDS * 16_000, dtype=np.int16)
    with pytest.raises(AnnotationError, match="none of its 4 words was recognised"):
        align_text(path, read_tokens(path), quiet, recognised(reference), registry.aligner(ALIGNER))
