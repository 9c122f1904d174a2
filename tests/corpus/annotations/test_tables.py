"""Tables of words, segments and turns: columns by their names, times in the units that they are in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations import read_turns
from imigue_build.corpus.annotations.sources import GivenText
from imigue_build.corpus.annotations.transcripts import read_transcript
from tests.corpus.annotations.conftest import Read


def rows(found: GivenText) -> list[tuple[float, float, str | None, str]]:
    return [
        (round(span.start, 3), round(span.end, 3), span.speaker, span.text)
        for segment, words in found.segments
        for span in words or [segment]
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("0001.tsv", "start\tend\ttext\n500\t3104\tso how was it\n3604\t5514\tit was 6-4\n"),
        ("0001.csv", "start,end,text\n500,3104,so how was it\n3604,5514,it was 6-4\n"),
        ("0001.csv", 'start,end,text\n500,3104," so how was it"\n3604,5514," it was 6-4"\n'),
        ("0001.csv", "Start (s);End (s);Text\n0,5;3,104;so how was it\n3,604;5,514;it was 6-4\n"),
        ("0001.csv", "start_ms,duration_ms,text\n500,2604,so how was it\n3604,1910,it was 6-4\n"),
        (
            "0001.csv",
            "Transcript,Begin Time,End Time\nso how was it,00:00:00.5,0:03.104\nit was 6-4,00:03.604,00:05.514\n",
        ),
        ("0001.csv", "sep=;\r\nIn;Out;Dialogue\r\n0.5;3.104;so how was it\r\n3.604;5.514;it was 6-4\r\n"),
        ("0001.csv", "Beginn,Ende,Text\n0.5,3.104,so how was it\n3.604,5.514,it was 6-4\n"),
        (
            "0001.csv",
            "Timecode In,Timecode Out,Text\n00:00:00.5,0:03.104,so how was it\n0:03.604,0:05.514,it was 6-4\n",
        ),
        (
            "0001.tsv",
            "Begin Time - hh:mm:ss.ms\tBegin Time - msec\tEnd Time - msec\tAnnotation\n"
            "0:00.5\t500\t3104\tso how was it\n0:03.604\t3604\t5514\tit was 6-4\n",
        ),
        (
            "0001.csv",
            "file,start,end,text\nx/1.wav,0.5,3.104,so how was it\n2.wav,9,9.5,no\nx/1.wav,3.604,5.514,it was 6-4",
        ),
    ],
)
def test_columns_and_units_are_found(read: Read, name: str, text: str) -> None:
    found = [row for row in rows(read(name, text)) if row[3] != "no"]
    assert found == [(0.5, 3.104, None, "so how was it"), (3.604, 5.514, None, "it was 6-4")]


def test_rows_of_one_word_are_words_with_speakers_and_confidence(read: Read) -> None:
    found = read("0001.csv", "id,word,start,end,speaker_id,score\n1,so,0.1,0.4,A,0.9\n2,'=x,0.5,0.9,B,\n")
    assert rows(found) == [(0.1, 0.4, "A", "so"), (0.5, 0.9, "B", "=x")]
    assert [words[0].confidence for _, words in found.segments] == [0.9, None]


@pytest.mark.parametrize(
    ("column", "second"), [("Speaker Name", "B"), ("Tier", "B"), ("Sprecher", "B"), ("Label", "B")]
)
def test_columns_of_speakers(read: Read, column: str, second: str) -> None:
    found = read("0001.csv", f"Participant,{column},start,end,text\n,A,0,1,so how was it\n,{second},1,2,it was fine\n")
    assert [row[2] for row in rows(found)] == ["A", "B"]


@pytest.mark.parametrize("nobody", ["NaN", "None", "UNKNOWN", "?"])
def test_placeholders_are_no_speakers(read: Read, nobody: str) -> None:
    found = read("0001.csv", f"start,end,speaker,text\n0,1,A,so how was it\n1,2,{nobody},it was fine\n")
    assert [row[2] for row in rows(found)] == ["A", None]


def test_a_text_without_an_end_lasts_until_the_next_one(read: Read) -> None:
    found = read("0001.csv", "timestamp,text\n0:01,so how was it\n0:03,it was fine\n0:03,yes it was\n0:09,and so on\n")
    assert [row[:2] for row in rows(found)] == [(1, 3), (3, 9), (3, 9), (9, 9.72)]


def test_frames_are_read_with_a_warning(read: Read) -> None:
    found = read(
        "0001.csv", "Start Time,End Time,Text\n00:00:00:12,00:00:03:24,so how\n00:00:04:00,00:00:05:01,it was\n"
    )
    assert [row[:2] for row in rows(found)] == [(0.48, 3.96), (4, 5.04)]
    assert found.warnings == ("the times of 0001.csv count frames: 25 a second are assumed",)


def test_the_words_of_a_table_of_words_and_phones_are_taken(read: Read) -> None:
    text = "Begin,End,Label,Type,Speaker\n0.1,0.4,so,words,A\n0.4,0.9,how,words,A\n0.1,0.2,S,phones,A\n"
    assert rows(read("0001.csv", text)) == [(0.1, 0.4, "A", "so"), (0.4, 0.9, "A", "how")]


def test_labels_in_texts_are_speakers(read: Read) -> None:
    text = "start\tend\ttext\n0\t1000\tSpeaker 1: so how was it\n1000\t2000\tSpeaker 2: it was fine\n"
    assert [row[2:] for row in rows(read("0001.tsv", text))] == [
        ("Speaker 1", "so how was it"),
        ("Speaker 2", "it was fine"),
    ]


def test_a_quotation_mark_in_tabs_is_text(read: Read) -> None:
    found = read("0001.tsv", 'start\tend\ttext\n0\t1000\t"So" he said\n1000\t2000\tand 5" more "\n')
    assert [row[3] for row in rows(found)] == ['"So" he said', 'and 5" more "']


def test_one_of_several_recordings_is_taken(read: Read) -> None:
    text = "video_id,start,end,word\n0001,0,1,so\n0002,0,1,no\n0001,1,2,it\n"
    assert [row[3] for row in rows(read("words.csv", text))] == ["so", "it"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column 'start'"),
        ("a,b\n1,2\n", "has no column 'start' and none 'text'"),
        ("start,end,text\n1,x,so\n", "line 2: 'x' is not a time"),
        ("start,end,text\n2,1,so\n", "line 2: 2 to 1 ends before it begins"),
        ("start,end,text\n2,3\n\n,,\n4\n", "line 5: '' is not a time"),
        ('start,end,text\n1,2,"so\n', "line 2"),
        ("video_id,start,end,text\n0002,1,2,a b\n0003,1,2,c\n", "lists 2 recordings, but not 0001"),
    ],
)
def test_what_is_wrong_is_said(read: Read, text: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        read("0001.csv", text)


def test_a_label_is_a_speaker_beside_text_and_text_without(read: Read, tmp_path: Path) -> None:
    text = "start,end,label\n0,1,A B\n1,2,C D\n"
    assert [row[2:] for row in rows(read("0001.csv", text))] == [(None, "A B"), (None, "C D")]
    assert len({turn.speaker for turn in read_turns(tmp_path / "0001.csv", "0001", 10.0).turns}) == 2


def test_only_phones_are_left_out_of_words(read: Read) -> None:
    found = read("0001.csv", "start,end,word,type\n0,1,so,word\n1,2,uh,filler\n2,3,S,phone\n")
    assert [row[3] for row in rows(found)] == ["so", "uh"]


def test_turns_need_ends(tmp_path: Path) -> None:
    path = tmp_path / "0001.csv"
    path.write_text("start,speaker\n0,A\n1,B\n")
    with pytest.raises(AnnotationError, match="has no column 'end'"):
        read_turns(path, "0001", 10.0)


def test_turns_of_nobody_are_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "0001.csv"
    path.write_text("speaker,start,end\nA,0,1.5\n,1.5,2\nB,2,3\n")
    warnings: list[str] = []
    found = read_turns(path, "0001", 10.0, warnings.append)
    assert [(turn.start, turn.end, turn.speaker) for turn in found.turns] == [
        (0, 1.5, "SPEAKER_00"),
        (2, 3, "SPEAKER_01"),
    ]
    assert warnings == ["0001.csv: 1 of 3 rows name no speaker and are left out"]


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=12)


@given(st.lists(texts, min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_every_letter_is_in_the_transcript(
    tmp_path_factory: pytest.TempPathFactory, said: list[str], separator: str
) -> None:
    buffer = io.StringIO()
    table = csv.writer(buffer, delimiter=separator)
    table.writerow(("start", "end", "text"))
    table.writerows((at, at + 1, f"x{at} {text}") for at, text in enumerate(said))
    path = tmp_path_factory.mktemp("table") / "0001.csv"
    path.write_text(buffer.getvalue(), encoding="utf-8")
    found = read_transcript(path, "0001")
    taken = "".join(f"{row[2] or ''}{row[3]}" for row in rows(found))
    due = "".join(f"x{at}{text}" for at, text in enumerate(said))
    assert [char for char in taken if char.isalnum()] == [char for char in due if char.isalnum()]
