"""What convert writes as text is read again as a given transcript, with the same words, times and speakers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.apps.convert import ctm
from imigue_build.apps.convert.subtitles import Cue, cues, srt_cue, vtt_cue
from imigue_build.core.records import ROLES
from imigue_build.corpus.annotations import read_segments
from imigue_build.release.reader import Segment, Word

spoken = st.sampled_from(
    ["so", "Well:", "how?", "6-4", "10", "A.", "R&B", "don't", "Świątek", "No.", "--", "<noise>", "Jane", "1:", "it:"]
)
texts = st.lists(st.lists(spoken, min_size=1, max_size=12), min_size=1, max_size=6)


def segments(said: Sequence[Sequence[str]]) -> list[Segment]:
    """The words of each text, of the roles in turn, a word every 0.3 s."""
    made: list[Segment] = []
    at = 0
    for number, text in enumerate(said):
        words = [
            Word(word, round((at + i) * 0.3, 3), round((at + i) * 0.3 + 0.25, 3), True) for i, word in enumerate(text)
        ]
        at += len(text)
        role = ROLES[number % 2]
        whole = " ".join(text)
        start, end = words[0].start, words[-1].end
        made.append(Segment("0001", role, None, f"SPEAKER_0{number % 2}", start, end, None, whole, whole, tuple(words)))
    return made


def expected(shown: Sequence[Cue]) -> list[tuple[float, float, str, str]]:
    return [
        (round(cue.start, 3), round(cue.end, 3), cue.role, " ".join(word.word for word in cue.words)) for cue in shown
    ]


@pytest.mark.parametrize(("suffix", "header", "written"), [(".srt", "", srt_cue), (".vtt", "WEBVTT\n\n", vtt_cue)])
@given(said=texts)
def test_subtitles_come_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, header: str, written: object, said: list[list[str]]
) -> None:
    assert callable(written)
    shown = cues(segments(said))
    path = tmp_path_factory.mktemp("subtitles") / f"0001{suffix}"
    path.write_text(header + "".join(written(number, cue) for number, cue in enumerate(shown, 1)))
    found = [
        (round(segment.start, 3), round(segment.end, 3), (segment.speaker or "").lower(), segment.text)
        for segment, _ in read_segments(path, "0001")
    ]
    assert found == expected(shown)


def test_a_ctm_comes_back(tmp_path: Path) -> None:
    made = segments([["so", "how?"], ["Świątek", "6-4", "<noise>"]])
    path = tmp_path / "0001.ctm"
    path.write_text(ctm.lines(made))
    found = [(span.start, round(span.end, 3), span.text) for span, _ in read_segments(path, "0001")]
    assert found == [(word.start, word.end, word.word) for segment in made for word in segment.words]
