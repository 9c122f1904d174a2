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
TICKS = 10_000_000
AZURE_WORDS = [
    {"word": "it's", "offset": "PT1S", "duration": "PT0.4S", "offsetInTicks": 1.0 * TICKS, "durationInTicks": 4000000},
    {"word": "today", "offset": "PT1.5S", "duration": "PT0.5S", "offsetInTicks": 15000000, "durationInTicks": 5000000},
]
GOOGLE = {
    "alternatives": [
        {
            "transcript": "It's today.",
            "words": [
                {"startOffset": "1s", "endOffset": "1.400s", "word": "It's", "speakerLabel": "1"},
                {"startOffset": "1.500s", "endOffset": "2s", "word": "today.", "speakerLabel": "1"},
            ],
        }
    ],
    "languageCode": "en-us",
}
AWS_ITEMS = [
    {
        "type": "pronunciation",
        "start_time": "1.0",
        "end_time": "1.4",
        "alternatives": [{"content": "It's", "confidence": "0.99"}],
    },
    {"type": "pronunciation", "start_time": "1.5", "end_time": "2.0", "alternatives": [{"content": "today"}]},
    {"type": "punctuation", "alternatives": [{"content": "."}]},
]
PLAIN: list[dict[str, Any]] = [{"word": "It's", "start": 1.0, "end": 1.4}, {"word": "today.", "start": 1.5, "end": 2.0}]
TURN = {"start": 1.0, "end": 2.0, "text": "It's today."}
LINES = [
    {"audio_filepath": "a.wav", "offset": 1.0, "duration": 0.4, "text": "It's", "speaker": "s1"},
    {"audio_filepath": "a.wav", "offset": 1.5, "duration": 0.5, "text": "today.", "speaker": "s1"},
]
TIMED: dict[str, Any] = {
    "azure, batch": {
        "combinedRecognizedPhrases": [{"channel": 0, "display": "It's today."}],
        "recognizedPhrases": [
            {
                "channel": 0,
                "speaker": 1,
                "locale": "en-US",
                "offsetInTicks": 1.0 * TICKS,
                "durationInTicks": 1.0 * TICKS,
                "nBest": [{"display": "It's today.", "words": AZURE_WORDS}, {"display": "Its to day."}],
            }
        ],
    },
    "azure, fast": {
        "combinedPhrases": [{"text": "It's today."}],
        "phrases": [
            {
                "offsetMilliseconds": 1000,
                "durationMilliseconds": 1000,
                "text": "It's today.",
                "speaker": 1,
                "locale": "en-US",
                "words": [
                    {"text": "It's", "offsetMilliseconds": 1000, "durationMilliseconds": 400},
                    {"text": "today.", "offsetMilliseconds": 1500, "durationMilliseconds": 500},
                ],
            }
        ],
    },
    "azure, results of the SDK": [
        {
            "RecognitionStatus": "Success",
            "Offset": 10000000,
            "Duration": 10000000,
            "DisplayText": "It's today.",
            "NBest": [
                {
                    "Display": "It's today.",
                    "Words": [
                        {"Word": "it's", "Offset": 10000000, "Duration": 4000000},
                        {"Word": "today", "Offset": 15000000, "Duration": 5000000},
                    ],
                }
            ],
        }
    ],
    "google, batch": {"results": {"gs://a/b.wav": {"inlineResult": {"transcript": {"results": [GOOGLE]}}}}},
    "google, a result without alternatives": {"results": [{"resultEndOffset": "1s"}, GOOGLE]},
    "amazon, speakers at items": {
        "results": {"items": [{**item, "speaker_label": "spk_0"} for item in AWS_ITEMS], "audio_segments": []}
    },
    "amazon, calls": {
        "LanguageCode": "en-US",
        "Transcript": [
            {
                "BeginOffsetMillis": 1000,
                "EndOffsetMillis": 2000,
                "Content": "It's today.",
                "ParticipantRole": "AGENT",
                "Items": [
                    {"Content": "It's", "BeginOffsetMillis": 1000, "EndOffsetMillis": 1400, "Type": "pronunciation"},
                    {"Content": "today", "BeginOffsetMillis": 1500, "EndOffsetMillis": 2000, "Type": "pronunciation"},
                    {"Content": ".", "Type": "punctuation"},
                ],
            }
        ],
    },
    "faster-whisper, named tuples as lists": [
        [
            1,
            100,
            1.0,
            2.0,
            " It's today.",
            [1, 2],
            -0.2,
            1.1,
            0.1,
            [[1.0, 1.4, " It's", 0.9], [1.5, 2.0, " today.", 0.9]],
            0,
        ]
    ],
    "faster-whisper, words as lists": {
        "segments": [{**TURN, "words": [[1.0, 1.4, " It's", 0.9], [1.5, 2.0, " today.", 0.9]]}]
    },
    "faster-whisper, info beside": {"segments": [SEGMENT], "info": {"language": "en"}},
    "insanely-fast-whisper": {
        "speakers": [{"text": "It's today.", "timestamp": [1.0, 2.0], "speaker": "SPEAKER_00"}],
        "chunks": [{"text": " It's", "timestamp": [1.0, 1.4]}, {"text": " today.", "timestamp": [1.5, 2.0]}],
        "text": " It's today.",
    },
    "whisper.cpp, a token without offsets": {
        "transcription": [
            {
                "offsets": {"from": 1000, "to": 2000},
                "text": " It's today.",
                "tokens": [
                    {"text": " It", "offsets": {"from": 1000, "to": 1400}},
                    {"text": "'s", "t_dtw": -1},
                    {"text": " today", "offsets": {"from": 1500, "to": 2000}},
                    {"text": ".", "offsets": {"from": 2000, "to": 2000}},
                ],
            }
        ]
    },
    "whisperkit": {
        "language": "en",
        "segments": [{**SEGMENT, "text": "<|startoftranscript|><|en|><|1.00|> It's today.<|2.00|><|endoftext|>"}],
    },
    "gladia": {
        "result": {
            "transcription": {
                "languages": ["en"],
                "utterances": [{**TURN, "speaker": 0, "language": "en", "words": PLAIN}],
            }
        }
    },
    "gladia, version 1": {
        "prediction": [
            {
                "time_begin": 1.0,
                "time_end": 2.0,
                "transcription": "It's today.",
                "speaker": "speaker_0",
                "words": [
                    {"word": "It's", "time_begin": 1.0, "time_end": 1.4},
                    {"word": " today.", "time_begin": 1.5, "time_end": 2.0},
                ],
            }
        ]
    },
    "symbl": {
        "messages": [
            {
                "text": "It's today.",
                "from": {"id": "a", "name": "Anna"},
                "startTime": "2020-08-04T07:57:11.000Z",
                "timeOffset": 1.0,
                "duration": 1.0,
                "words": [
                    {"word": "It's", "timeOffset": 1.0, "duration": 0.4},
                    {"word": "today.", "timeOffset": 1.5, "duration": 0.5},
                ],
            }
        ]
    },
    "pyannoteAI": {
        "jobId": "x",
        "output": {
            "diarization": [{"speaker": "SPEAKER_00", "start": 1.0, "end": 2.0}],
            "wordLevelTranscription": [
                {"start": 1.0, "end": 1.4, "text": "It's", "speaker": "SPEAKER_00"},
                {"start": 1.5, "end": 2.0, "text": "today.", "speaker": "SPEAKER_00"},
            ],
            "turnLevelTranscription": [{**TURN, "speaker": "SPEAKER_00"}],
        },
    },
    "nemo, hypothesis": {
        "audio_filepath": "a.wav",
        "text": "It's today.",
        "timestamp": {
            "word": [
                {"word": "It's", "start_offset": 10, "end_offset": 14, "start": 1.0, "end": 1.4},
                {"word": "today.", "start_offset": 15, "end_offset": 20, "start": 1.5, "end": 2.0},
            ],
            "segment": [{"segment": "It's today.", "start": 1.0, "end": 2.0}],
        },
    },
    "nemo, lines of a manifest": "\n".join(map(json.dumps, LINES)),
    "nemo, diarized": {
        "transcription": "It's today.",
        "words": [
            {"word": "It's", "start_time": 1.0, "end_time": 1.4, "speaker": "speaker_0"},
            {"word": "today.", "start_time": 1.5, "end_time": 2.0, "speaker": "speaker_0"},
        ],
        "sentences": [{"speaker": "speaker_0", "start_time": 1.0, "end_time": 2.0, "text": "It's today."}],
    },
    "parakeet-mlx": {
        "text": "It's today.",
        "sentences": [
            {
                **TURN,
                "tokens": [
                    {"id": 1, "text": " It", "start": 1.0, "end": 1.2, "duration": 0.2},
                    {"id": 2, "text": "'s", "start": 1.2, "end": 1.4, "duration": 0.2},
                    {"id": 3, "text": " today.", "start": 1.5, "end": 2.0, "duration": 0.5},
                ],
            }
        ],
    },
    "vosk, results in lines": "\n".join(
        json.dumps({"result": [word], "text": word["word"]}, indent=1) for word in PLAIN
    ),
    "vosk, alternatives": {"alternatives": [{"result": PLAIN, "text": "It's today."}, {"text": "its to day"}]},
    "ibm": {
        "results": [
            {"alternatives": [{"transcript": "It's today. ", "timestamps": [["It's", 1.0, 1.4], ["today.", 1.5, 2.0]]}]}
        ],
        "speaker_labels": [{"from": 1.0, "to": 1.4, "speaker": 0}, {"from": 1.5, "to": 2.0, "speaker": 0}],
    },
    "elevenlabs, segments": {
        "language_code": "en",
        "segments": [
            {"text": "It's today.", "words": [{**word, "speaker": {"id": "s", "name": "Anna"}} for word in PLAIN]}
        ],
    },
    "a server's answer": {"id": "x", "status": "succeeded", "output": {"segments": [SEGMENT], "language": "en"}},
    "editor of the BBC": {
        "words": [{"text": word["word"], "start": word["start"], "end": word["end"]} for word in PLAIN],
        "paragraphs": [{"start": 1.0, "end": 2.0, "speaker": "Anna"}],
    },
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
        ("azure, batch", "1"),
        ("azure, fast", "1"),
        ("google, batch", "1"),
        ("amazon, speakers at items", "spk_0"),
        ("amazon, calls", "AGENT"),
        ("insanely-fast-whisper", "SPEAKER_00"),
        ("gladia", "0"),
        ("symbl", "Anna"),
        ("pyannoteAI", "SPEAKER_00"),
        ("nemo, lines of a manifest", "s1"),
        ("nemo, diarized", "speaker_0"),
        ("ibm", "0"),
        ("elevenlabs, segments", "Anna"),
        ("editor of the BBC", "Anna"),
    ],
)
def test_speakers_are_those_of_the_file(tool: str, speaker: str | None, tmp_path: Path) -> None:
    assert speakers(given(tmp_path, TIMED[tool])) == [speaker, speaker]


@pytest.mark.parametrize(
    "tool",
    [
        *("whisper", "faster-whisper, segments and info", "whisperx", "openai, words and segments", "deepgram"),
        *("whisper.cpp, tokens", "assemblyai", "elevenlabs", "google", "amazon", "speechmatics", "azure, batch"),
        *(
            "azure, fast",
            "google, batch",
            "amazon, calls",
            "faster-whisper, info beside",
            "gladia",
            "a server's answer",
        ),
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


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([{"start_time": 1.0, "end_time": 2.0, "text": "Yes."}], (1.0, 2.0, "Yes.", None)),
        ([{"from": 1.0, "to": 2.0, "text": "Yes."}], (1.0, 2.0, "Yes.", None)),
        ([{"startMs": 1000, "endMs": 2000, "text": "Yes."}], (1.0, 2.0, "Yes.", None)),
        ([{"text": "Yes.", "start": 1.0, "duration": 1.0}], (1.0, 2.0, "Yes.", None)),
        ({"segments": [{"startTime": 1, "endTime": 2, "body": "Yes.", "speaker": "Anna"}]}, (1.0, 2.0, "Yes.", "Anna")),
        ({"segments": [{"start": "00:00:01.000", "end": "00:00:02,000", "text": "Yes."}]}, (1.0, 2.0, "Yes.", None)),
        ({"fragments": [{"begin": "1.000", "end": "2.000", "lines": ["Yes."]}]}, (1.0, 2.0, "Yes.", None)),
        ({"chunks": [{"start": 1, "end": 2, "text": "Yes."}]}, (1.0, 2.0, "Yes.", None)),
        (
            {"segments": [{"start": -0.02, "end": 2, "text": "Yes.", "speaker_name": "Anna"}]},
            (0.0, 2.0, "Yes.", "Anna"),
        ),
        ({"paragraphs": [{"start": 1, "end": 2, "text": "Yes."}]}, (1.0, 2.0, "Yes.", None)),
        ([{"segments": [{"start": 1, "end": 2, "text": "Yes."}]}], (1.0, 2.0, "Yes.", None)),
        ({"segments": [{"start": 1, "end": 2, "text": 6, "speaker": 2.0}]}, (1.0, 2.0, "6", "2")),
        ({"segments": [{"start": 1, "end": 2, "text": "Yes.", "speaker_id": "s1"}]}, (1.0, 2.0, "Yes.", "s1")),
        ("\ufeff" + '{"segments": [{"start": 1, "end": 2, "text": "Yes."}]}', (1.0, 2.0, "Yes.", None)),
    ],
)
def test_other_names_and_notations_of_fields(content: object, expected: tuple[object, ...], tmp_path: Path) -> None:
    found = given(tmp_path, content)
    assert [(*one, speaker) for one, speaker in zip(words(found), speakers(found), strict=True)] == [expected]
    assert found.warnings == ()


@pytest.mark.parametrize(
    "content",
    [
        {"segments": [{"start": 1000, "end": 2000, "text": "It's today."}]},
        {"words": [{"word": word["word"], "start": word["start"] * 1000, "end": word["end"] * 1000} for word in PLAIN]},
        {"results": [{"alternatives": [{"words": [{"startTime": 1000, "endTime": 2000, "word": "today."}]}]}]},
    ],
)
def test_milliseconds_where_seconds_are_expected(content: object, tmp_path: Path) -> None:
    found = given(tmp_path, content)
    assert [one[:2] for one in words(found)][-1][1] == 2.0
    assert found.warnings == ("its times are taken for milliseconds: as seconds, nobody would speak that slowly",)


def test_a_slow_speaker_does_not_speak_in_milliseconds(tmp_path: Path) -> None:
    found = given(
        tmp_path, {"segments": [{"start": 0, "end": 30, "text": "Yes."}, {"start": 30, "end": 60, "text": "No."}]}
    )
    assert words(found) == [(0, 30, "Yes."), (30, 60, "No.")]


def test_the_channels_of_amazon_where_only_their_list_names_them(tmp_path: Path) -> None:
    channels = [{"channel_label": "ch_0", "items": AWS_ITEMS[:1]}, {"channel_label": "ch_1", "items": AWS_ITEMS[1:]}]
    found = given(tmp_path, {"results": {"channel_labels": {"channels": channels}, "items": AWS_ITEMS}})
    assert words(found) == WORDS
    assert speakers(found) == ["ch_0", "ch_1"]


def test_the_channels_of_elevenlabs(tmp_path: Path) -> None:
    rows = [{"channel_index": index, "words": [word]} for index, word in enumerate(PLAIN)]
    found = given(tmp_path, {"transcripts": rows})
    assert words(found) == WORDS
    assert speakers(found) == ["channel 0", "channel 1"]


def test_marks_before_a_word(tmp_path: Path) -> None:
    rows = [
        {"type": "punctuation", "attaches_to": "next", "alternatives": [{"content": "\u00bf"}]},
        {"type": "speaker_change", "start_time": 1, "end_time": 1},
        {"type": "word", "start_time": 1, "end_time": 2, "alternatives": [{"content": "Qu\u00e9", "speaker": "UU"}]},
        {"type": "punctuation", "attaches_to": "previous", "alternatives": [{"content": "?"}]},
    ]
    found = given(tmp_path, {"results": rows})
    assert words(found) == [(1, 2, "\u00bfQu\u00e9?")]
    assert speakers(found) == [None]


def test_sentences_of_deepgram_without_words(tmp_path: Path) -> None:
    paragraph = {"sentences": [{"text": "It's today.", "start": 1.0, "end": 2.0}], "speaker": 0}
    best = {"transcript": "It's today.", "paragraphs": {"paragraphs": [paragraph]}}
    found = given(tmp_path, {"results": {"channels": [{"alternatives": [best]}]}})
    assert words(found) == [(1.0, 2.0, "It's today.")]
    assert speakers(found) == ["0"]
    with pytest.raises(AnnotationError, match=r"none of its 1 words and segments has usable times"):
        given(tmp_path, {"results": {"channels": [{"alternatives": [{"transcript": "It's today."}]}]}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"segments": [{"start": 1, "end": 2, "text": "Yes."},]}', r"\(line 1: a comma after the last item\)"),
        ('{"segments": [],', r"is not valid JSON"),
        ("[{'start': 1, 'end': 2, 'text': 'Yes.'}]", "it is Python's notation: write it with json.dump"),
        ('{"segments": [{"start": 1', "is not valid JSON"),
        (
            '{"a": {"segments": [{"start": 1, "end": 2, "text": "a"}]}, "b": [{"start": 1, "end": 2, "text": "b"}]}',
            "holds 2 transcripts",
        ),
        (
            "\n".join(json.dumps({**row, "audio_filepath": name}) for row, name in zip(LINES, "ab", strict=True)),
            "several audio files",
        ),
        ({"diarization": [{"start": 1, "end": 2, "speaker": "A"}]}, "neither segments nor words"),
        ([{"segments": [{"start": 1, "end": 2, "text": name}]} for name in "ab"], "holds 2 transcripts"),
        ({"recognizedPhrases": []}, "neither segments nor words"),
        ({"status": "queued", "text": None, "words": None, "utterances": None}, "neither segments nor words"),
    ],
)
def test_what_is_no_transcript_is_refused(content: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=message):
        given(tmp_path, content)


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
