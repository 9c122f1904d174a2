"""Text without times: labels of lines, anchors, and what was never said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends.asr.precomputed.anchoring import anchors
from imigue_build.backends.asr.precomputed.untimed import place
from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.errors import AnnotationError
from imigue_build.core.records import Transcript, TranscriptSegment, Word
from imigue_build.core.wav import read_wav
from imigue_build.corpus.annotations.plain import read_tokens
from imigue_build.pipeline.demo import DEMO

SECONDS = 20


def test_labels_and_clock_times_of_lines_are_not_spoken(tmp_path: Path) -> None:
    path = tmp_path / "0001.txt"
    path.write_text(
        "Q. How do you feel?\nRAFAEL NADAL: Tired.\nBut happy: very.\n\n"
        "[00:12] Q: Really?\nA. Yes.\nMODERATOR: Thank you."
    )
    assert [(token.word, token.speaker) for token in read_tokens(path)] == [
        *((word, None) for word in ("How", "do", "you", "feel?")),
        ("Tired.", "RAFAEL NADAL"),
        *((word, "RAFAEL NADAL") for word in ("But", "happy:", "very.")),
        ("Really?", None),
        ("Yes.", "A"),
        ("Thank", "MODERATOR"),
        ("you.", "MODERATOR"),
    ]


words = st.lists(st.sampled_from(["the", "match", "was", "long", "and", "hard", "a"]), max_size=40)


@given(words, words)
def test_anchors_pair_equal_words_in_order(text: list[str], heard: list[str]) -> None:
    found = anchors(text, heard)
    assert all(text[one.text] == heard[one.heard] for one in found)
    assert [one.text for one in found] == sorted({one.text for one in found})
    assert [one.heard for one in found] == sorted({one.heard for one in found})


@given(words)
def test_a_text_that_was_heard_whole_is_anchored_whole(text: list[str]) -> None:
    padded = ["first", *text, "last"]
    assert len(anchors(padded, padded)) == len(padded)


@pytest.fixture(scope="module")
def reference() -> list[Word]:
    found = json.loads((DEMO / "demo.json").read_text())["words"]
    return [Word(one["start"], one["end"], one["word"]) for one in found if one["end"] < SECONDS]


def heard(words: list[Word]) -> Transcript:
    return Transcript("en", (TranscriptSegment(0.0, SECONDS, tuple(words)),))


def test_misheard_words_are_placed_and_unsaid_ones_told(tmp_path: Path, reference: list[Word]) -> None:
    ffmpeg.decode(DEMO / "demo.mp4", tmp_path / "44k.wav", tmp_path / "16k.wav", Extract(), warn=print)
    audio = read_wav(tmp_path / "16k.wav")[: SECONDS * 16_000]
    written = [word.word for word in reference]
    middle = len(written) // 2
    path = tmp_path / "0001.txt"
    unsaid = "nobody in this room has ever talked about the weather in paris or rome today"
    path.write_text(f"Q. {' '.join(written[:middle])}\nQ. {unsaid}\nA. {' '.join(written[middle:])}\n")
    misheard = [Word(one.start, one.end, "mumble") if at % 4 == 2 else one for at, one in enumerate(reference)]
    found = place(path, read_tokens(path), audio, heard(misheard))
    assert [word.word for word in found.words] == written
    off = sorted(abs(a.start - b.start) for a, b in zip(found.words, reference, strict=True))
    assert off[int(0.95 * len(off))] < 0.1
    (told,) = found.unplaced
    assert "15 words" in told and "nobody in this room" in told


def test_another_interviews_text_is_refused(tmp_path: Path, reference: list[Word]) -> None:
    path = tmp_path / "0001.txt"
    path.write_text("completely unrelated sentences elsewhere")
    with pytest.raises(AnnotationError, match="none of its 4 words was heard"):
        place(path, read_tokens(path), np.zeros(SECONDS * 16_000, dtype=np.int16), heard(reference))
