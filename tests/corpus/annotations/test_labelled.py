"""Speakers that the texts of a JSON file or a TextGrid name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imigue_build.corpus.annotations import read_segments
from imigue_build.corpus.annotations.labelled import with_speakers
from imigue_build.corpus.annotations.sources import LabelledSpan, TimedSegment


def spoken(path: Path) -> list[tuple[str | None, str]]:
    return [(span.speaker, span.text) for segment, words in read_segments(path, "0001") for span in words or [segment]]


def words(text: str, start: float) -> list[dict[str, Any]]:
    return [{"word": word, "start": start + i / 10, "end": start + i / 10 + 0.1} for i, word in enumerate(text.split())]


@pytest.mark.parametrize("timed", [False, True])
def test_labels_in_the_texts_of_json_are_speakers(tmp_path: Path, timed: bool) -> None:
    texts = ["Jane Doe: So?", "And?", "Max Muster: Well: yes.", "Jane Doe: Really?", "Max Muster: Yes."]
    segments = [
        {"start": at, "end": at + 1, "text": text} | ({"words": words(text, at)} if timed else {})
        for at, text in enumerate(texts)
    ]
    (tmp_path / "0001.json").write_text(json.dumps({"segments": segments}))
    found: dict[str | None, list[str]] = {}
    for speaker, text in spoken(tmp_path / "0001.json"):
        found.setdefault(speaker, []).append(text)
    assert {name: " ".join(said) for name, said in found.items()} == {
        "Jane Doe": "So? And? Really?",
        "Max Muster": "Well: yes. Yes.",
    }


def test_speakers_that_the_file_names_otherwise_stay() -> None:
    segments: list[TimedSegment] = [
        (LabelledSpan(0.0, 1.0, "Jane Doe: So?", "a"), []),
        (LabelledSpan(1.0, 2.0, "Jane Doe: No", "b"), []),
    ]
    assert with_speakers(segments) == segments


def test_words_alone_hold_no_labels(tmp_path: Path) -> None:
    said = "Well: yes. So: no. Well: yes. So: no."
    (tmp_path / "0001.json").write_text(json.dumps({"words": words(said, 0.0)}))
    assert " ".join(text for _, text in spoken(tmp_path / "0001.json")) == said


def test_a_text_by_several_is_divided_by_its_letters() -> None:
    found = with_speakers([(LabelledSpan(0.0, 3.0, "[SPEAKER_00]: >> abc >> TOM: abcdefg", None), [])])
    assert [(segment.start, segment.end, segment.speaker, segment.text) for segment, _ in found] == [
        (0.0, 1.0, None, "abc"),
        (1.0, 3.0, "TOM", "abcdefg"),
    ]
