"""References in the formats that people have, good and hostile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.apps.scoring import reference
from imigue_build.apps.scoring.labels import Labels
from imigue_build.core.errors import AnnotationError, UsageError
from tests.apps.scoring.tiny import rttm, write_json
from tests.release.tiny_release import textgrid

WORDS = [("A", 0.1, 0.5, "Hello"), ("B", 1.0, 1.5, "there.")]
TURNS = [("A", 0.0, 0.6), ("B", 0.9, 1.6)]


@pytest.fixture
def given(tmp_path: Path) -> Callable[..., Labels]:
    """What files of the given names and contents say together of 0001."""

    def read(**files: str) -> Labels:
        for suffix, content in files.items():
            (tmp_path / f"0001.{suffix}").write_text(content, encoding="utf-8")
        return reference.read(reference.find(tmp_path, ["0001"])["0001"], "0001")

    return read


def test_json_holds_everything(tmp_path: Path) -> None:
    phones = [("A", 0.1, 0.3, "hh"), ("A", 0.3, 0.5, "ax"), ("B", 0.1, 0.5, "z")]
    path = write_json(tmp_path / "0001.json", WORDS, TURNS, {"A": "interviewer", "B": "interviewee"}, phones)
    labels = reference.read([path], "0001")
    assert labels.words and labels.turns
    assert [(word.speaker, word.start, word.end, word.text) for word in labels.words] == WORDS
    assert [phone.phone for phone in labels.words[0].phones] == ["hh", "ax"]
    assert [(turn.speaker, turn.start, turn.end) for turn in labels.turns] == TURNS
    assert labels.roles == {"A": "interviewer", "B": "interviewee"}


def test_segments_of_a_transcript_are_no_turns(given: Callable[..., Labels]) -> None:
    segments = [{"start": 0, "end": 1, "speaker": "A", "text": "Hello there"}, {"start": 2, "end": 3, "text": "Yes"}]
    labels = given(json=json.dumps({"segments": segments}))
    assert labels.words and [word.speaker for word in labels.words] == ["A", "A", None]
    assert labels.turns is None
    assert given(json=json.dumps(segments)).words == labels.words


def test_the_json_of_other_tools(given: Callable[..., Labels]) -> None:
    said = {"word": "yes", "punctuated_word": "Yes.", "start": 1, "end": 2, "speaker": 0}
    deepgram = {"results": {"channels": [{"alternatives": [{"words": [said]}]}]}, "segments": 5}
    labels = given(json=json.dumps(deepgram))
    assert labels.words and [(word.text, word.start, word.speaker) for word in labels.words] == [("Yes.", 1, "0")]
    assert labels.turns is None


def test_words_without_times_share_the_gap(given: Callable[..., Labels]) -> None:
    rows = [{"word": "a", "start": 0, "end": 1}, {"word": "bb", "start": None}, {"word": "cc"}]
    segments = [{"start": 0, "end": 5, "speaker": 3, "words": rows}, {"start": 5, "end": 6, "text": "d", "words": None}]
    labels = given(json=json.dumps({"segments": segments}))
    assert labels.words and [(word.text, word.start, word.end, word.timed) for word in labels.words] == [
        ("a", 0, 1, True),
        ("bb", 1, 3, False),
        ("cc", 3, 5, False),
        ("d", 5, 6, False),
    ]


@pytest.mark.parametrize(("named", "turns"), [({"speaker": "B"}, [(0.0, 1.5), (2.0, 3.0)]), ({}, None)])
def test_segments_without_text_are_the_turns(
    given: Callable[..., Labels], named: dict[str, str], turns: list[tuple[float, float]] | None
) -> None:
    document = {
        "words": [{"word": "a", "start": 0, "end": 1}],
        "turns": [{"start": 0, "end": 1, "speaker": "A", "text": "a"}],
        "segments": [{"start": 0, "end": 1.5, "speaker": "A"}, {"start": 2, "end": 3, **named}],
    }
    labels = given(json=json.dumps(document))
    assert (labels.turns and [(turn.start, turn.end) for turn in labels.turns]) == turns


def test_rttm_has_turns_alone(given: Callable[..., Labels]) -> None:
    labels = given(rttm=rttm("0001", TURNS))
    assert labels.words is None and labels.turns and len(labels.turns) == 2


def test_stm_has_words_of_speakers_without_times_and_no_turns(given: Callable[..., Labels]) -> None:
    labels = given(stm=";; a comment\n0001 1 A 0.0 1.0 <o,f0,male> Hello there.\n0001 1 B 2 3 Yes\n")
    assert labels.turns is None and labels.words
    assert [(word.text, word.speaker, word.timed) for word in labels.words] == [
        ("Hello", "A", False),
        ("there.", "A", False),
        ("Yes", "B", False),
    ]
    assert [word.start for word in labels.words] == pytest.approx([0.0, 5 / 11, 2.0])


def test_words_of_a_ctm_take_the_speaker_whose_turn_covers_them(given: Callable[..., Labels]) -> None:
    turns = rttm("0001", [("A", 0.0, 2.0), ("B", 1.5, 3.0)])
    ctm = "0001 1 0.5 0.5 hello\n0001 1 1.6 0.2 both\n0001 1 2.5 0.2 there 0.9\n0001 1 7 0.2 nobody\n"
    labels = given(ctm=ctm, rttm=turns)
    assert labels.words and [word.speaker for word in labels.words] == ["A", None, "B", None]
    assert all(word.timed for word in labels.words)


def test_textgrid_with_words_phones_and_turns(given: Callable[..., Labels]) -> None:
    tiers = {
        "interviewee - words": [(0.1, 0.5, "Hello")],
        "interviewee - phones": [(0.1, 0.3, "HH"), (0.3, 0.5, "AH0")],
        "interviewer - words": [(1.0, 1.5, "there.")],
        "diarization": [(0.0, 0.6, "SPEAKER_00"), (0.9, 1.6, "SPEAKER_01")],
    }
    labels = given(TextGrid=textgrid(2.0, tiers))
    assert labels.words and labels.turns
    assert [(word.speaker, word.text, len(word.phones)) for word in labels.words] == [
        ("interviewee", "Hello", 2),
        ("interviewer", "there.", 0),
    ]
    assert [turn.speaker for turn in labels.turns] == ["SPEAKER_00", "SPEAKER_01"]
    assert labels.roles == {"interviewee": "interviewee", "interviewer": "interviewer"}


def test_a_textgrid_of_the_montreal_forced_aligner(given: Callable[..., Labels]) -> None:
    labels = given(TextGrid=textgrid(2.0, {"words": [(0.1, 0.5, "hello")], "phones": [(0.1, 0.5, "HH")]}))
    assert labels.words and labels.words[0].speaker is None and labels.words[0].phones


def test_of_several_files_each_gives_what_it_has(given: Callable[..., Labels]) -> None:
    document = json.dumps({"words": [{"word": "a", "start": 0, "end": 1}], "turns": []})
    stm = "0001 1 A 0 1 not taken\n"
    labels = given(json=document, stm=stm, rttm=rttm("0001", TURNS))
    assert labels.words and [word.text for word in labels.words] == ["a"]
    assert labels.turns and len(labels.turns) == 2


def test_ids_are_the_files_names(tmp_path: Path) -> None:
    for name in ("1.rttm", "0002.json", "0002.stm", "demo.ctm", "labels.csv", "0001.mp4", "0003.words.TextGrid"):
        (tmp_path / name).touch()
    found = {video_id: [path.name for path in paths] for video_id, paths in reference.find(tmp_path).items()}
    assert found == {"0001": ["1.rttm"], "0002": ["0002.json", "0002.stm"], "demo": ["demo.ctm"]}


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_no_reference_at_all(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError):
        reference.find(tmp_path / place)


HOSTILE = {
    "json": [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        '{"words": []}',
        '{"words": [{"word": "a", "start": 0}]}',
        '{"words": [{"word": "a", "start": NaN, "end": 1}]}',
        '{"words": [{"word": "a", "start": 0, "end": 1}], "roles": {"A": "athlete"}}',
        '{"words": [{"word": "a", "start": 0, "end": 1}], "roles": []}',
        '{"words": [{"word": "a", "start": 0, "end": 1}], "phones": [{"phone": "ah"}]}',
        '{"words": [{"word": "a", "start": 0, "end": 1}], "turns": [{"start": -1, "end": 1, "speaker": "A"}]}',
        '{"words": [{"word": "a", "start": 0, "end": 1}], "turns": [{"start": "0", "end": 1, "speaker": "A"}]}',
    ],
    "rttm": ["", "SPEAKER 0001 1 0 1\n", "SPEAKER 0001 1 x 1 <NA> <NA> A <NA> <NA>\n", "SPKR-INFO 0001\n"],
    "stm": ["", "0001 1 A 0\n", "0002 1 A 0 1 a\n0003 1 A 0 1 b\n", "0001 1 A 0 inf a\n"],
    "ctm": ["", "0001 1 0 -1 a\n", "\x00\x01\x02"],
    "TextGrid": ["", "no TextGrid", textgrid(2.0, {"words": []})],
}


@pytest.mark.parametrize(("suffix", "content"), [(suffix, item) for suffix, many in HOSTILE.items() for item in many])
def test_hostile_references_are_named(tmp_path: Path, suffix: str, content: str) -> None:
    path = tmp_path / f"0001.{suffix}"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AnnotationError, match="0001") as caught:
        reference.read([path], "0001")
    assert str(path) in str(caught.value) and len(str(caught.value)) < 1000


def test_what_a_reader_leaves_out_is_a_warning(given: Callable[..., Labels]) -> None:
    labels = given(vtt="WEBVTT\n\nNOTE heard twice\n\n00:00.000 --> 00:01.000\n<v A>Hello there.\n")
    assert labels.words and [(word.speaker, word.text) for word in labels.words] == [("A", "Hello"), ("A", "there.")]
    assert len(labels.warnings) == 1 and "NOTE heard twice" in labels.warnings[0]


def test_plain_text_has_words_in_order_and_no_times(given: Callable[..., Labels]) -> None:
    labels = given(txt="Speaker 1: So how was it?\nSpeaker 2: Fine.\n", rttm=rttm("0001", TURNS))
    assert labels.words and labels.turns and not any(word.timed for word in labels.words)
    assert [(word.speaker, word.text) for word in sorted(labels.words, key=lambda word: word.start)] == [
        *(("Speaker 1", text) for text in ("So", "how", "was", "it?")),
        ("Speaker 2", "Fine."),
    ]


def test_text_with_times_and_tables_are_references(given: Callable[..., Labels]) -> None:
    for files in (
        {"txt": "[00:00.000 --> 00:01.500] A B: Hello\n[00:02.000 --> 00:03.000] A B: there.\n"},
        {"csv": "start,end,word,speaker\n0,1.5,Hello,A B\n2,3,there.,A B\n"},
    ):
        labels = given(**files)
        assert labels.words and [(w.start, w.end, w.speaker) for w in labels.words] == [(0, 1.5, "A B"), (2, 3, "A B")]


def test_other_tables_and_texts_in_a_folder_are_no_references(tmp_path: Path) -> None:
    for name in ("0001.json", "labels.csv", "README.txt", "0002.csv", "0003.txt"):
        (tmp_path / name).touch()
    assert sorted(reference.find(tmp_path, ["0001", "0002"])) == ["0001", "0002"]
