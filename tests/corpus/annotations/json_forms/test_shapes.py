"""The JSON of each tool, reduced to two or three words: times, speakers, language."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations.sources import GivenText
from imigue_build.corpus.annotations.transcripts import read_transcript

WORDS = [(1.0, 1.4, "It's"), (1.5, 2.0, "today.")]


def given(folder: Path, content: object) -> GivenText:
    path = folder / "0001.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_transcript(path, "0001")


def words(found: GivenText) -> list[tuple[float, float, str]]:
    spans = [span for segment, own in found.segments for span in (own or [segment])]
    return [(round(span.start, 3), round(span.end, 3), span.text.strip()) for span in spans]


def speakers(found: GivenText) -> list[str | None]:
    return [span.speaker for segment, own in found.segments for span in (own or [segment])]


def google_word(start: str | None, end: str, word: str, **more: object) -> dict[str, object]:
    return {**({"startTime": start} if start else {}), "endTime": end, "word": word, **more}


PIECES = [
    {"start": 1.0, "end": 1.2, "word": " It", "probability": 0.9},
    {"start": 1.2, "end": 1.4, "word": "'s", "probability": 0.8},
    {"start": 1.5, "end": 2.0, "word": " today.", "probability": 0.7},
]
SEGMENT = {"id": 0, "seek": 0, "start": 1.0, "end": 2.0, "text": " It's today.", "tokens": [1], "words": PIECES}
X_WORDS = [
    {"word": "It's", "start": 1.0, "end": 1.4, "score": 0.9, "speaker": "SPEAKER_01"},
    {"word": "today.", "start": 1.5, "end": 2.0, "score": 0.9, "speaker": "SPEAKER_01"},
]
TIMED: dict[str, Any] = {
    "whisper": {"text": " It's today.", "segments": [SEGMENT], "language": "en"},
    "faster-whisper, dataclasses": [SEGMENT],
    "faster-whisper, segments and info": [[SEGMENT], {"language": "en", "language_probability": 1}],
    "whisperx": {
        "segments": [{"start": 1.0, "end": 2.0, "text": "It's today.", "words": X_WORDS, "speaker": "SPEAKER_01"}],
        "word_segments": X_WORDS,
        "language": "en",
    },
    "whisperx, word_segments alone": {"word_segments": X_WORDS},
    "openai, words and segments": {
        "task": "transcribe",
        "language": "english",
        "text": "It's today.",
        "segments": [{"id": 0, "start": 0.0, "end": 9.0, "text": " It's today."}],
        "words": [{"word": "it's", "start": 1.0, "end": 1.4}, {"word": "today", "start": 1.5, "end": 2.0}],
    },
    "whisper.cpp, tokens": {
        "result": {"language": "en"},
        "transcription": [
            {
                "timestamps": {"from": "00:00:01,000", "to": "00:00:02,000"},
                "offsets": {"from": 1000, "to": 2000},
                "text": " It's today.",
                "tokens": [
                    {"text": text, "offsets": {"from": start, "to": end}, "p": 0.9}
                    for text, start, end in (
                        ("[_BEG_]", 0, 0),
                        (" It", 1000, 1200),
                        ("'s", 1200, 1400),
                        (" tod", 1500, 1700),
                        ("ay", 1700, 2000),
                        (".", 2000, 2000),
                        ("[_TT_100]", 2000, 2000),
                    )
                ],
            }
        ],
    },
    "whisper.cpp, -ml 1": {
        "transcription": [
            {"timestamps": {"from": f"00:00:0{start}", "to": f"00:00:0{end}"}, "text": text}
            for text, start, end in (
                ("", "0,000", "1,000"),
                (" It", "1,000", "1,200"),
                ("'s", "1,200", "1,400"),
                (" today.", "1,500", "2,000"),
            )
        ]
    },
    "deepgram": {
        "metadata": {"channels": 1},
        "results": {
            "channels": [
                {
                    "detected_language": "en",
                    "alternatives": [
                        {
                            "transcript": "It's today.",
                            "words": [
                                {"word": "it's", "punctuated_word": "It's", "start": 1.0, "end": 1.4, "speaker": 0},
                                {"word": "today", "punctuated_word": "today.", "start": 1.5, "end": 2.0, "speaker": 0},
                            ],
                        },
                        {"transcript": "Its to day.", "words": []},
                    ],
                }
            ]
        },
    },
    "assemblyai": {
        "id": "x",
        "language_code": "en_us",
        "status": "completed",
        "text": "It's today.",
        "words": [
            {"text": "It's", "start": 1000, "end": 1400, "confidence": 0.9, "speaker": "A"},
            {"text": "today.", "start": 1500, "end": 2000, "confidence": 0.9, "speaker": "A"},
        ],
        "utterances": None,
    },
    "elevenlabs": {
        "language_code": "eng",
        "text": "It's today.",
        "words": [
            {"text": "It's", "start": 1.0, "end": 1.4, "type": "word", "speaker_id": "speaker_0"},
            {"text": " ", "start": 1.4, "end": 1.5, "type": "spacing", "speaker_id": "speaker_0"},
            {"text": "today.", "start": 1.5, "end": 2.0, "type": "word", "speaker_id": "speaker_0"},
        ],
    },
    "google": {
        "results": [
            {
                "alternatives": [
                    {
                        "transcript": "It's today.",
                        "words": [google_word("1s", "1.400s", "It's"), google_word("1.500s", "2s", "today.")],
                    }
                ],
                "languageCode": "en-us",
            }
        ]
    },
    "google, an operation's response with seconds and nanos": {
        "response": {
            "results": [
                {
                    "alternatives": [
                        {
                            "words": [
                                {
                                    "start_time": {"seconds": "1"},
                                    "end_time": {"seconds": "1", "nanos": 400000000},
                                    "word": "It's",
                                },
                                {
                                    "start_time": {"seconds": 1, "nanos": 500000000},
                                    "end_time": {"seconds": 2},
                                    "word": "today.",
                                },
                            ]
                        }
                    ]
                }
            ]
        }
    },
    "amazon": {
        "jobName": "x",
        "status": "COMPLETED",
        "results": {
            "language_code": "en-US",
            "transcripts": [{"transcript": "It's today."}],
            "speaker_labels": {
                "speakers": 1,
                "segments": [
                    {
                        "start_time": "1.0",
                        "end_time": "2.0",
                        "speaker_label": "spk_0",
                        "items": [
                            {"start_time": "1.0", "end_time": "1.4", "speaker_label": "spk_0"},
                            {"start_time": "1.5", "end_time": "2.0", "speaker_label": "spk_0"},
                        ],
                    }
                ],
            },
            "items": [
                {
                    "type": "pronunciation",
                    "start_time": "1.0",
                    "end_time": "1.4",
                    "alternatives": [{"content": "It's", "confidence": "0.99"}],
                },
                {
                    "type": "pronunciation",
                    "start_time": "1.5",
                    "end_time": "2.0",
                    "alternatives": [{"content": "today", "confidence": "0.98"}],
                },
                {"type": "punctuation", "alternatives": [{"content": ".", "confidence": "0.0"}]},
            ],
        },
    },
    "speechmatics": {
        "metadata": {"transcription_config": {"language": "en"}},
        "results": [
            {
                "type": kind,
                "start_time": start,
                "end_time": end,
                "alternatives": [{"content": text, "speaker": "S1"}],
            }
            for kind, start, end, text in (
                ("word", 1.0, 1.4, "It's"),
                ("word", 1.5, 2.0, "today"),
                ("punctuation", 2.0, 2.0, "."),
            )
        ],
    },
    "rev": {
        "monologues": [
            {
                "speaker": 0,
                "elements": [
                    {"type": "text", "value": "It's", "ts": 1.0, "end_ts": 1.4},
                    {"type": "punct", "value": " "},
                    {"type": "text", "value": "today", "ts": 1.5, "end_ts": 2.0},
                    {"type": "punct", "value": "."},
                ],
            }
        ]
    },
    "hugging face, words": {
        "text": " It's today.",
        "chunks": [{"text": " It's", "timestamp": [1.0, 1.4]}, {"text": " today.", "timestamp": [1.5, 2.0]}],
    },
    "vosk": {
        "text": "it's today.",
        "result": [
            {"conf": 1.0, "start": 1.0, "end": 1.4, "word": "It's"},
            {"conf": 1.0, "start": 1.5, "end": 2.0, "word": "today."},
        ],
    },
}


@pytest.mark.parametrize("tool", TIMED)
def test_every_tool_gives_the_same_words(tool: str, tmp_path: Path) -> None:
    found = given(tmp_path, TIMED[tool])
    assert words(found) == WORDS
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("tool", "speaker"),
    [
        ("whisperx", "SPEAKER_01"),
        ("deepgram", "0"),
        ("assemblyai", "A"),
        ("elevenlabs", "speaker_0"),
        ("amazon", "spk_0"),
        ("speechmatics", "S1"),
        ("rev", "0"),
        ("whisper", None),
    ],
)
def test_speakers_are_those_of_the_file(tool: str, speaker: str | None, tmp_path: Path) -> None:
    assert speakers(given(tmp_path, TIMED[tool])) == [speaker, speaker]


@pytest.mark.parametrize(
    "tool",
    [
        *("whisper", "faster-whisper, segments and info", "whisperx", "openai, words and segments", "deepgram"),
        *("whisper.cpp, tokens", "assemblyai", "elevenlabs", "google", "amazon", "speechmatics"),
    ],
)
def test_the_language_is_that_of_the_file(tool: str, tmp_path: Path) -> None:
    assert given(tmp_path, TIMED[tool]).language == "en"


def test_a_language_without_a_code_is_reported(tmp_path: Path) -> None:
    found = given(tmp_path, {"segments": [{"start": 0, "end": 1, "text": "saluton"}], "language": "klingonese"})
    assert found.language is None
    assert "names the language 'klingonese'" in found.warnings[0]


def test_segments_of_utterances_and_their_speakers(tmp_path: Path) -> None:
    utterances = [
        {"speaker": "A", "text": "It's today.", "start": 1000, "end": 2000, "words": TIMED["assemblyai"]["words"]},
        {
            "speaker": "B",
            "text": "Yes?",
            "start": 2500,
            "end": 2900,
            "words": [{"text": "Yes?", "start": 2500, "end": 2900, "speaker": "B"}],
        },
    ]
    found = given(tmp_path, {**TIMED["assemblyai"], "utterances": utterances})
    assert words(found) == [*WORDS, (2.5, 2.9, "Yes?")]
    assert speakers(found) == ["A", "A", "B"]


def test_words_without_speakers_have_their_segments(tmp_path: Path) -> None:
    openai = TIMED["openai, words and segments"]
    parts = [
        {"start": 0, "end": 1.4, "text": "It's", "speaker": "A"},
        {"start": 1.4, "end": 3, "text": "today.", "speaker": "B"},
    ]
    assert speakers(given(tmp_path, {**openai, "segments": parts})) == ["A", "B"]


def test_deepgrams_channels_are_speakers_unless_they_hold_the_same(tmp_path: Path) -> None:
    (channel,) = TIMED["deepgram"]["results"]["channels"]
    other = {"alternatives": [{"transcript": "Yes.", "words": [{"word": "Yes.", "start": 1.45, "end": 1.5}]}]}
    found = given(tmp_path, {"results": {"channels": [channel, other]}})
    assert words(found) == [WORDS[0], (1.45, 1.5, "Yes."), WORDS[1]]
    assert speakers(found) == ["channel 0 speaker 0", "channel 1", "channel 0 speaker 0"]
    same = given(tmp_path, {"results": {"channels": [channel, channel]}})
    assert words(same) == WORDS
    assert "read once" in same.warnings[0]


def test_google_repeats_all_words_with_their_speakers_at_the_end(tmp_path: Path) -> None:
    spoken = [google_word(None, "1.4s", "It's"), google_word("1.500s", "2s", "today.")]
    tagged = [{**word, "speakerTag": tag} for word, tag in zip(spoken, (1, 2), strict=True)]
    results = [{"alternatives": [{"transcript": word["word"], "words": [word]}]} for word in spoken]
    found = given(tmp_path, {"results": [*results, {"alternatives": [{"words": tagged}]}]})
    assert words(found) == [(0.0, 1.4, "It's"), WORDS[1]]  # a time of zero is left out
    assert speakers(found) == ["1", "2"]


def test_google_adds_the_last_results_own_words_to_those_of_all(tmp_path: Path) -> None:
    spoken = [google_word("1s", "1.4s", "It's"), google_word("1.500s", "2s", "today.")]
    tagged = [{**word, "speakerTag": 1} for word in spoken]
    results = [
        {"alternatives": [{"transcript": "It's", "words": spoken[:1]}]},
        {"alternatives": [{"transcript": "today.", "words": tagged}]},
    ]
    assert words(given(tmp_path, {"results": results})) == WORDS


def test_google_hears_one_word_twice(tmp_path: Path) -> None:
    rows = [google_word("1s", "1.4s", "No."), google_word("2s", "2.5s", "No.")]
    results = [{"alternatives": [{"transcript": "No.", "words": [row]}]} for row in rows]
    assert words(given(tmp_path, {"results": results})) == [(1.0, 1.4, "No."), (2.0, 2.5, "No.")]


def test_whisper_cpp_cuts_letters_into_bytes(tmp_path: Path) -> None:
    rows = [("Świątek", 0, 1000), ("é?", 1000, 2000)]
    content = [{"offsets": {"from": start, "to": end}, "text": text} for text, start, end in rows]
    data = json.dumps({"transcription": content}, ensure_ascii=False).encode()
    (tmp_path / "0001.json").write_bytes(data.replace("é".encode(), b"\xc3"))
    found = read_transcript(tmp_path / "0001.json", "0001")
    assert words(found) == [(0.0, 1.0, "Świątek"), (1.0, 2.0, "\ufffd?")]
    assert found.warnings == ("bytes that are no UTF-8 in 1 of its words and segments: check their letters",)


def test_google_without_word_times(tmp_path: Path) -> None:
    rows = [("It's", "1.4s"), ("today.", "2s")]
    results = [{"alternatives": [{"transcript": text}], "resultEndTime": end} for text, end in rows]
    assert words(given(tmp_path, {"results": results})) == [(0.0, 1.4, "It's"), (1.4, 2.0, "today.")]


def test_the_last_chunk_of_a_pipeline_has_no_end(tmp_path: Path) -> None:
    chunks = [
        {"timestamp": [1.0, 2.0], "text": " It's today."},
        {"timestamp": [2.0, None], "text": " Not now."},
    ]
    found = given(tmp_path, {"text": " It's today. Not now.", "chunks": chunks})
    assert words(found) == [(1.0, 2.0, "It's today."), (2.0, 2.72, "Not now.")]


AUTOMATIC = [
    {"tStartMs": 0, "dDurationMs": 9000, "id": 1, "wpWinPosId": 1},
    {
        "tStartMs": 1000,
        "dDurationMs": 5000,
        "wWinId": 1,
        "segs": [{"utf8": "It's", "acAsrConf": 0}, {"utf8": " today.", "tOffsetMs": 500, "acAsrConf": 0}],
    },
    {"tStartMs": 2900, "dDurationMs": 3000, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]},
    {
        "tStartMs": 3000,
        "dDurationMs": 2000,
        "wWinId": 1,
        "segs": [{"utf8": "Not"}, {"utf8": " now", "tOffsetMs": 250}],
    },
]


def test_youtubes_automatic_captions_time_words(tmp_path: Path) -> None:
    found = given(tmp_path, {"wireMagic": "pb3", "events": AUTOMATIC})
    assert words(found) == [(1.0, 1.48, "It's"), (1.5, 2.22, "today."), (3.0, 3.25, "Not"), (3.25, 3.61, "now")]


def test_youtubes_captions_that_roll_are_read_once(tmp_path: Path) -> None:
    rows = [(0, 2000, "It's today."), (2000, 2000, "It's today.\nNot now."), (4000, 2000, "Not now.\nYes.")]
    events = [{"tStartMs": at, "dDurationMs": lasts, "segs": [{"utf8": text}]} for at, lasts, text in rows]
    found = given(tmp_path, {"events": [*events, {"tStartMs": 9000, "dDurationMs": 500, "segs": [{"utf8": "Yes."}]}]})
    assert words(found) == [(0.0, 2.0, "It's today."), (2.0, 4.0, "Not now."), (4.0, 6.0, "Yes."), (9.0, 9.5, "Yes.")]


@pytest.mark.parametrize("content", ["3", "{}", '"text"', '{"text": "no times"}', '{"results": {}}', '{"results": 1}'])
def test_another_shape_is_refused_with_those_that_are_read(content: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="neither segments nor words") as raised:
        given(tmp_path, content)
    for name in ("whisperX", "Deepgram", "AssemblyAI", "Google", "Amazon", "Hugging Face", "json3", "whisper.cpp"):
        assert name in str(raised.value)


JUNK: list[object] = [
    None,
    True,
    -1,
    1e999,
    float("nan"),
    10**400,
    "",
    "x",
    "1:2:3:4",
    [],
    {},
    [[]],
    [None],
    {"start": {}},
    "\x00",
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis_given(tool=st.sampled_from(sorted(TIMED)), data=st.data(), junk=st.sampled_from(JUNK), remove=st.booleans())
def test_a_broken_file_is_read_or_refused(
    tmp_path: Path, tool: str, data: st.DataObject, junk: object, remove: bool
) -> None:
    content = json.loads(json.dumps({"document": TIMED[tool]}))
    node: Any = content
    key: Any = "document"
    while isinstance(node[key], dict | list) and node[key] and data.draw(st.integers(0, 9)):
        node = node[key]
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
    if remove and len(node) > 1:
        del node[key]
    else:
        node[key] = junk
    with suppress(AnnotationError):
        found = given(tmp_path, content["document"])
        assert all(0 <= start <= end and math.isfinite(end) for start, end, _ in words(found))
