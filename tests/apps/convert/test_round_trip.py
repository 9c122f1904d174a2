"""What convert writes as text is read again as a given transcript, with the same words, times and speakers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.apps.convert import Request, convert, ctm
from imigue_build.apps.convert.subtitles import Cue, cues, srt_cue, vtt_cue
from imigue_build.backends.asr.precomputed.settings import GivenTranscribe, find
from imigue_build.backends.diarization.precomputed.settings import GivenDiarize
from imigue_build.backends.diarization.precomputed.settings import find as find_turns
from imigue_build.core.records import ROLES
from imigue_build.corpus.annotations import read_segments, read_turns
from imigue_build.release.reader import Interview, Release, Segment, Word
from tests.release import tiny_release
from tests.release.tiny_release import Content

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


@given(said=texts)
def test_a_ctm_comes_back(tmp_path_factory: pytest.TempPathFactory, said: list[list[str]]) -> None:
    made = segments(said)
    path = tmp_path_factory.mktemp("ctm") / "0001.ctm"
    path.write_text(ctm.lines(made, speakers=True))
    found = [(span.start, round(span.end, 3), span.speaker, span.text) for span, _ in read_segments(path, "0001")]
    assert found == [(word.start, word.end, one.speaker, word.word) for one in made for word in one.words]


WORDS = {"did": '"did,"', "it": "=it()", "feel?": "<feel> & \u2028so", "yes.": "Yes:"}


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A release of two interviews, with words that are markup, formulas and marks elsewhere."""
    content = Content()
    for row in content.rows:
        for word in row["words"]:
            word["word"] = WORDS.get(word["word"], word["word"]).replace("\u2028", "").replace(" ", "")
        row["raw"] = " ".join(word["word"] for word in row["words"])
    return Release.open(tiny_release.build(tmp_path / "release", content).root)


Found = list[tuple[str, float, float, str]]


def words_of(interview: Interview, *, roles: bool) -> Found:
    return sorted(
        (segment.role if roles else segment.speaker, round(word.start, 3), round(word.end, 3), word.word)
        for segment in interview.segments
        for word in segment.words
    )


@pytest.mark.parametrize(("form", "roles"), [("ctm", False), ("csv", False), ("eaf", True), ("kaldi", None)])
def test_words_come_back_by_given(tmp_path: Path, release: Release, form: str, roles: bool | None) -> None:
    """As `transcribe.folder`, with the same times and speakers; Kaldi's CTM knows no speakers."""
    convert(Request(release.root, form, tmp_path / "out"))
    section = GivenTranscribe(backend="given", folder=str(tmp_path / "out"))
    for interview in release.interviews():
        path = find(section, interview.video_id)
        assert path is not None
        found = sorted(
            (word.speaker or "", round(word.start, 3), round(word.end, 3), word.text)
            for _, words in read_segments(path, interview.video_id)
            for word in words
        )
        due = words_of(interview, roles=bool(roles))
        assert found == (due if roles is not None else sorted(("", *word[1:]) for word in due))


@pytest.mark.parametrize(
    ("form", "names"), [("csv", ("SPEAKER_00", "SPEAKER_01")), ("eaf", ("SPEAKER_00", "SPEAKER_01"))]
)
def test_turns_come_back_by_given(tmp_path: Path, release: Release, form: str, names: tuple[str, ...]) -> None:
    convert(Request(release.root, form, tmp_path / "out"))
    section = GivenDiarize(backend="given", folder=str(tmp_path / "out"))
    for interview in release.interviews():
        path = find_turns(section, interview.video_id)
        assert path is not None
        found = read_turns(path, interview.video_id, 60.0).turns
        assert {turn.speaker for turn in found} <= set(names)
        if form == "csv":
            assert found == interview.turns


def test_a_file_of_another_name_goes_before_one_of_all(tmp_path: Path) -> None:
    (tmp_path / "words.ctm").touch()
    section = GivenTranscribe(backend="given", folder=str(tmp_path))
    assert find(section, "0001") == tmp_path / "words.ctm"
    (tmp_path / "0001.srt").touch()
    assert find(section, "0001") == tmp_path / "0001.srt"
