"""Transcripts and turns from people's files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from imigue_build.backends import registry
from imigue_build.backends.asr.precomputed.settings import GivenTranscribe
from imigue_build.backends.base import AudioTask
from imigue_build.backends.diarization.precomputed.settings import GivenDiarize
from imigue_build.core.errors import AnnotationError, BackendError
from imigue_build.core.records import Diarization, Transcript

QUIET = np.zeros(10 * 16_000, dtype=np.int16)


@pytest.fixture
def transcribed(tmp_path: Path) -> Callable[..., Transcript]:
    """What a file of the given name and content says about a silent recording of 10 s."""

    def read(name: str, content: str, encoding: str = "utf-8", video_id: str = "0001") -> Transcript:
        (tmp_path / name).write_bytes(content.encode(encoding))
        config = GivenTranscribe(backend="given", folder=str(tmp_path))
        (found,) = registry.transcriber(config).transcribe(
            [AudioTask(video_id, QUIET, registry.given_file(config, video_id))]
        )
        if isinstance(found, Exception):
            raise found
        return found

    return read


@pytest.fixture
def diarized(tmp_path: Path) -> Callable[..., Diarization]:
    def read(name: str, content: str) -> Diarization:
        (tmp_path / name).write_text(content)
        config = GivenDiarize(backend="given", folder=str(tmp_path))
        (found,) = registry.diarizer(config).diarize([AudioTask("0001", QUIET, registry.given_file(config, "0001"))])
        if isinstance(found, Exception):
            raise found
        return found

    return read


def words(transcript: Transcript) -> list[tuple[float, float, str]]:
    return [(round(word.start, 3), round(word.end, 3), word.word) for word in transcript.words]


TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
10
<exists>
{tiers}
"""
TIER = """"IntervalTier"
"{name}"
0
10
3
0
{start}
""
{start}
{end}
"{text}"
{end}
10
""
"""


def textgrid(*tiers: tuple[str, float, float, str]) -> str:
    body = "".join(TIER.format(name=name, start=start, end=end, text=text) for name, start, end, text in tiers)
    return TEXTGRID.format(tiers=f"{len(tiers)}\n{body}")


TWO = [(1.0, 2.0, "Hello"), (2.0, 3.0, "there")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("0001.json", json.dumps({"segments": [{"start": 1, "end": 3, "text": "Hello there"}]})),
        ("1.json", json.dumps([{"start": 1, "end": 3, "text": "Hello there"}])),
        ("0001.json", json.dumps({"words": [{"start": a, "end": b, "word": w} for a, b, w in TWO], "segments": []})),
        (
            "0001.json",
            json.dumps({"segments": [{"words": [{"start": a, "end": b, "word": w} for a, b, w in TWO]}]}),
        ),
        (
            "0001.json",  # as whisperx leaves what its aligner does not know
            json.dumps(
                {
                    "segments": [
                        {"start": 1, "end": 3, "words": [{"start": 1, "end": 2, "word": "Hello"}, {"word": "there"}]}
                    ]
                }
            ),
        ),
        ("0001.stm", ";; comment\n0001 1 Anna 1.0 3.0 <o,f0> Hello there\n"),
        ("0001.stm", "0002 1 Anna 4.0 5.0 other\n0001 1 Anna 1.0 3.0 Hello there\n"),
        ("0001.ctm", "0001 1 1.0 1.0 Hello 0.9\n0001 1 2.0 1.0 there 0.8\n"),
        ("0001.srt", "1\n00:00:01,000 --> 00:00:03,000\n<i>Hello</i>\nthere\n"),
        ("0001.vtt", "WEBVTT\n\n00:01.000 --> 00:03.000 align:left\n<v Anna>Hello there</v>\n"),
        ("0001.TextGrid", textgrid(("Anna", 1, 3, "Hello there"), ("vad", 1, 3, "speech"))),
        ("0001.TextGrid", textgrid(("A - words", 1, 3, "Hello there"), ("A - phones", 1, 3, "HH"))),
    ],
)
def test_every_format_gives_words_with_times(transcribed: Callable[..., Transcript], name: str, content: str) -> None:
    assert words(transcribed(name, content)) == TWO


def test_words_without_times_share_the_speech_of_their_segment_by_length(tmp_path: Path) -> None:
    (tmp_path / "0001.stm").write_text("x 1 A 0 10 a abcdefg\n")
    config = GivenTranscribe(backend="given", folder=str(tmp_path))
    (found,) = registry.transcriber(config).transcribe([AudioTask("0001", QUIET, registry.given_file(config, "0001"))])
    assert isinstance(found, Transcript)
    assert words(found) == [(0.0, 2.0, "a"), (2.0, 10.0, "abcdefg")]


def test_speakers_and_confidences_are_kept(transcribed: Callable[..., Transcript]) -> None:
    said = [
        {"start": 1, "end": 2, "word": "yes", "speaker": "B", "score": 0.5},
        {"start": 0.5, "end": 1.5, "word": "no", "speaker": "A"},
    ]
    found = transcribed("0001.json", json.dumps({"words": said}))
    assert [(segment.speaker, segment.words[0].word, segment.words[0].confidence) for segment in found.segments] == [
        ("A", "no", None),
        ("B", "yes", 0.5),
    ]


def test_the_language_of_the_file_counts_and_a_difference_is_reported(
    transcribed: Callable[..., Transcript],
) -> None:
    segments = [{"start": 1, "end": 2, "text": "sí"}]
    spanish = transcribed("0001.json", json.dumps({"language": "spanish", "segments": segments}))
    assert spanish.language == "es"
    assert "names the language es, the setting transcribe.language en" in spanish.warnings[0]
    english = transcribed("0001.json", json.dumps({"language": "en-GB", "segments": segments}))
    assert (english.language, english.warnings) == ("en", ())


def test_one_word_that_ends_before_it_begins_costs_no_interview(transcribed: Callable[..., Transcript]) -> None:
    rows = [("we", 1.0, 1.5), ("both", 2.02, 2.0), ("won", 2.5, 3.0)]
    found = transcribed("0001.json", json.dumps({"words": [{"word": w, "start": a, "end": b} for w, a, b in rows]}))
    assert words(found) == [(1.0, 1.5, "we"), (1.5, 2.5, "both"), (2.5, 3.0, "won")]
    assert found.warnings == ("1 of 3 words has no usable times: placed between the neighbours",)


def test_utf16_and_latin_files_are_read(transcribed: Callable[..., Transcript]) -> None:
    line = "x 1 A 1 3 Świątek"
    assert words(transcribed("0001.stm", line, "utf-16"))[0][2] == "Świątek"
    assert words(transcribed("0001.stm", "x 1 A 1 3 café", "cp1252"))[0][2] == "café"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("0001.json", "{", "0001.json is not valid JSON"),
        ("0001.json", "3", "0001.json holds neither segments nor words"),
        ("0001.json", '{"segments": [{"text": "a"}]}', "none of its 1 words and segments has usable times"),
        ("0001.json", '{"segments": [{"start": 0, "end": NaN, "text": "a"}]}', "has usable times"),
        ("0001.json", '{"segments": [{"start": 0, "end": 1, "text": true}]}', "its text or speaker is not a string"),
        ("0001.json", '{"segments": {"start": 0}}', "'segments' is not a list of objects"),
        ("0001.json", '{"words": [{"start": 2, "end": 1, "word": "a"}]}', "has usable times"),
        ("0001.json", '{"words": [{"start": 95, "end": 96, "word": "a"}]}', "but the recording lasts 10.0 s"),
        ("0001.stm", "x 1 A 1 3\n", "0001.stm holds no words"),
        ("0001.stm", "", "0001.stm holds no words"),
        ("0001.stm", "x 1 A one 3 a\n", "line 1: 'one' is not a time in seconds"),
        ("0001.stm", "x 1 A\n", "line 1: 3 columns, expected at least 5"),
        ("0001.ctm", "a 1 0 1 x\nb 1 0 1 y\n", "lists 2 recordings, but not 0001"),
        ("0001.srt", "1\n00:00 --> later\nHello\n", "line 2: '00:00 --> later' is not a pair of times"),
        ("0001.TextGrid", "[" * 2000, "is not a valid TextGrid"),
        ("0001.srt", f"1\n{'9' * 5000}:00:00,000 --> 00:00:01,000\nHello\n", "is not a pair of times"),
        ("0001.json", f'[{{"start": 0, "end": {10**400}, "text": "a"}}]', "has usable times"),
        ("0001.json", '[{"start": 0, "end": 1, "text": "\\ud800"}]', "is not valid JSON"),
        ("0001.TextGrid", "nonsense", "0001.TextGrid is not a valid TextGrid"),
        ("0001.TextGrid", textgrid(("A", 1, 3, "x"))[:80], "0001.TextGrid"),
    ],
)
def test_a_bad_file_is_named_with_the_place(
    transcribed: Callable[..., Transcript], name: str, content: str, message: str
) -> None:
    with pytest.raises(AnnotationError) as raised:
        transcribed(name, content)
    assert message in str(raised.value)


def test_an_interview_without_a_file_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "0002.stm").write_text("x 1 A 0 1 yes\n")
    config = GivenTranscribe(backend="given", folder=str(tmp_path))
    tasks = [AudioTask(name, QUIET, registry.given_file(config, name)) for name in ("0001", "0002")]
    nothing, found = registry.transcriber(config).transcribe(tasks)
    assert isinstance(nothing, BackendError)
    assert "put one of 0001.json, 0001.TextGrid, 0001.eaf, 0001.stm" in str(nothing)
    assert "or a file of all interviews: words.ctm" in str(nothing)
    (tmp_path / "0001.docx").touch()
    (tmp_path / "0001.mp4").touch()
    (nothing,) = registry.transcriber(config).transcribe(tasks[:1])
    assert "0001.docx in" in str(nothing) and "has a format that is not read" in str(nothing)
    assert isinstance(found, Transcript)


def test_a_missing_folder_is_said_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="does not exist"):
        registry.diarizer(GivenDiarize(backend="given", folder=str(tmp_path / "none"))).provenance()


RTTM = "SPEAKER x 1 {} {} <NA> <NA> {} <NA> <NA>\n"


def test_turns_that_overlap(diarized: Callable[..., Diarization]) -> None:
    lines = [RTTM.format(5, 3, "zoe"), RTTM.format(1, 3, "anna"), RTTM.format(2, 1, "zoe"), RTTM.format(7, 9, "anna")]
    found = diarized("0001.rttm", "".join(lines))
    assert [(turn.start, turn.end, turn.speaker) for turn in found.turns] == [
        (1, 4, "SPEAKER_00"),
        (2, 3, "SPEAKER_01"),
        (5, 8, "SPEAKER_01"),
        (7, 10, "SPEAKER_00"),
    ]
    assert [(turn.start, turn.end, turn.speaker) for turn in found.exclusive] == [
        (1, 2, "SPEAKER_00"),
        (2, 3, "SPEAKER_01"),
        (3, 4, "SPEAKER_00"),
        (5, 8, "SPEAKER_01"),
        (8, 10, "SPEAKER_00"),
    ]
    assert [(region.start, region.end) for region in found.overlap] == [(2, 3), (7, 8)]
    assert [(region.start, region.end) for region in found.speech] == [(1, 4), (5, 10)]
    assert [(speaker.speaker, speaker.seconds, speaker.turns) for speaker in found.speakers] == [
        ("SPEAKER_00", 6.0, 2),
        ("SPEAKER_01", 4.0, 2),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("0001.rttm", RTTM.format(1, 2, "a")),
        ("0001.stm", "x 1 a 1 3 hello\n"),
        ("0001.TextGrid", textgrid(("a", 1, 3, "hello"), ("overlap", 1, 3, "a+b"))),
        ("0001.TextGrid", textgrid(("interviewee", 1, 2, "hello"), ("diarization", 1, 3, "SPEAKER_07"))),
    ],
)
def test_every_format_gives_turns(diarized: Callable[..., Diarization], name: str, content: str) -> None:
    assert [(turn.start, turn.end, turn.speaker) for turn in diarized(name, content).turns] == [(1, 3, "SPEAKER_00")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no turn"),
        ("SPEAKER x 1 1 2\n", "line 1: 5 columns, expected at least 8"),
        (RTTM.format(95, 2, "a"), "a turn at 95.0 s, but the recording lasts 10.0 s"),
        (RTTM.format(-1, 2, "a"), "line 1: '-1' is not a time in seconds"),
        (RTTM.format(1, 0, "a"), "holds no turn"),
    ],
)
def test_bad_turns_are_named(diarized: Callable[..., Diarization], content: str, message: str) -> None:
    with pytest.raises(AnnotationError) as raised:
        diarized("0001.rttm", content)
    assert message in str(raised.value)
