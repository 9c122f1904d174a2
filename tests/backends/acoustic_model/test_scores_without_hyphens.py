"""Scores that an ASR writes as one number are read as they are said."""

from __future__ import annotations

import json
from pathlib import Path

from imigue_build.backends.acoustic_model.text_decoder import TextDecoder
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.wav import read_wav
from imigue_build.pipeline.demo import DEMO
from imigue_build.text.lexicon import NO_LEXICON

SCORES = {"6476": ["six", "four", "seven", "six"], "6263": ["six", "two", "six", "three"]}


def test_a_number_that_is_a_score_is_read_by_its_digits(tmp_path: Path) -> None:
    ffmpeg.decode(DEMO / "demo.mp4", tmp_path / "44k.wav", tmp_path / "16k.wav", Extract(), warn=print)
    audio = read_wav(tmp_path / "16k.wav")
    rows = json.loads((DEMO / "demo.json").read_text())["words"]
    words = [row["word"] for row in rows]
    for score, spoken in SCORES.items():
        first = next(at for at in range(len(words)) if words[at : at + len(spoken)] == spoken)
        before, last = first - 3, first + len(spoken)
        start, end = rows[before]["start"], rows[last]["end"]
        sound = audio[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        found = TextDecoder().entries(sound, [*words[before:first], score, words[last]], NO_LEXICON)
        assert [entry for index, entry in found if index == 3] == spoken
