"""The three forms of gesture labels, and what is said of rows that are wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imigue_build.apps.gestures.labels import GestureLabels, read_gestures
from imigue_build.core.errors import UsageError
from tests.apps.gestures.made import HEADER, line, long


def messages(given: GestureLabels) -> dict[str, str]:
    """Row -> message."""
    return {problem.row: problem.message for problem in given.problems}


def test_the_long_form_as_it_is_published(tmp_path: Path) -> None:
    text = f"{HEADER}\n371,1,6.8553,171,9.8553,246,20,1,F,United States,Win\n12,7,0.5,12,1.5,37,99,2,M,Spain,Lose\n"
    (tmp_path / "labels.csv").write_text(text)
    given = read_gestures(tmp_path / "labels.csv")
    assert not given.problems and not given.warnings and given.total == 2
    (first,) = given.rows["0371"]
    assert (first.label_id, first.number, first.start, first.end) == ("1", 20, 6.8553, 9.8553)
    assert (first.start_frame, first.end_frame, first.line) == (171, 246, 2)
    assert given.subjects == {"0371": "1", "0012": "2"} and given.outcomes == {"0371": "Win", "0012": "Lose"}


def test_the_three_forms_in_one_folder(tmp_path: Path) -> None:
    long(tmp_path / "all.csv", [line(1, 1.0, 2.0)])
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "2.txt").write_bytes(b"6.8553\t9.8553\t20.0\r\n10.5\t11.25\t99.0\r\n")
    (tmp_path / "0003").mkdir()
    (tmp_path / "0003" / "0003_label.csv").write_text("8,171,246\n32,300,310\n")
    (tmp_path / "README.txt").write_text("Labels of gestures.\n")
    (tmp_path / "labels.csv").write_text("video_id,subject_gender,subject_nationality,win_or_lose\n1,F,,Win\n")
    given = read_gestures(tmp_path)
    assert not given.problems and sorted(given.rows) == ["0001", "0002", "0003"] and given.total == 5
    assert [(row.number, row.start, row.end, row.raw) for row in given.rows["0002"]] == [
        (20, 6.8553, 9.8553, True),
        (99, 10.5, 11.25, True),
    ]
    assert [(row.number, row.start, row.start_frame, row.end_frame) for row in given.rows["0003"]] == [
        (8, None, 171, 246),
        (99, None, 300, 310),
    ]
    assert "skipped: README.txt, labels.csv" in given.warnings[0]
    assert "class 32 is read as 99 (illustrative)" in given.warnings[1] and "0003/0003_label.csv" in given.warnings[1]


def test_every_fault_is_told_with_its_row_and_keeps_no_other_row_out(tmp_path: Path) -> None:
    wrong = {
        3: ("1,2,5.0,125,4.0,100,20,1,F,US,Win", "reversed: from 5 to 4 s"),
        4: ("1,2,5.0,125,5.0,125,20,1,F,US,Win", "empty: from 5 to 5 s"),
        5: ("1,2,5.0,125,6.0,150,44,1,F,US,Win", "unknown class 44"),
        6: ("1,2,5.0,125,6.0,150,0,1,F,US,Win", "unknown class 0"),
        7: ("1,2,x,125,6.0,150,20,1,F,US,Win", "time 'x' is not a number of seconds"),
        8: ("1,2,5.0,125,nan,150,20,1,F,US,Win", "time 'nan' is not a number of seconds"),
        9: ("1,2,5.0,125.5,6.0,150,20,1,F,US,Win", "frame '125.5' is not a frame number"),
        10: ("1,2,5.0,150,6.0,125,20,1,F,US,Win", "reversed: from frame 150 to 125"),
        11: ("../1,2,5.0,125,6.0,150,20,1,F,US,Win", "video_id '../1' is not an id"),
        12: ("1,2,5.0,125,6.0,150,nodding,1,F,US,Win", "class 'nodding' is not a number"),
        13: ("1,2,,,,,20,1,F,US,Win", "neither times nor frames"),
        14: ("1,2,5.0", "3 fields where the header has 11"),
        15: (line(1, 1.0, 2.0), "the same gesture as on line 2"),
        16: ("1,2,5.0,125,6.0,150,20,9,F,US,Win", "subject_id of video 0001 is '9', on an earlier row '1'"),
        17: ("1,2,1e999,125,6.0,150,20,1,F,US,Win", "time '1e999' is not a number"),
    }
    given = read_gestures(long(tmp_path / "t.csv", [line(1, 1.0, 2.0), *(text for text, _ in wrong.values())]))
    found = messages(given)
    assert found.keys() == {f"t.csv:{number}" for number in wrong}
    for number, (_, message) in wrong.items():
        assert message in found[f"t.csv:{number}"]
    assert [row.line for row in given.rows["0001"]] == [2, 16] and given.total == 16


def test_a_video_in_two_files_is_told_once_and_the_first_one_counts(tmp_path: Path) -> None:
    long(tmp_path / "a.csv", [line(1, 1.0, 2.0)])
    (tmp_path / "0001.txt").write_text("3.0\t4.5\t8.0\n5.0\t6.5\t8.0\n")
    given = read_gestures(tmp_path)
    assert messages(given) == {"a.csv:2": "video 0001 has gestures in 0001.txt too: those are used"}
    assert [row.number for row in given.rows["0001"]] == [8, 8]


def test_broken_files_in_a_folder_are_told_and_the_others_are_read(tmp_path: Path) -> None:
    long(tmp_path / "a.csv", [line(1, 1.0, 2.0)])
    (tmp_path / "0002.txt").write_bytes(b"1.0\t2.0\x00\t20\n")
    (tmp_path / "0003_label.csv").write_text('8,1,2\n8,"1,2\n')
    (tmp_path / "0004.txt").write_text("")
    (tmp_path / "0005_label.csv").write_text("start,end,class\n8,10,20\n")
    os.mkfifo(tmp_path / "0006.txt")
    found = messages(read_gestures(tmp_path))
    assert "is a binary file" in found["0002.txt"]
    assert "not CSV" in found["0003_label.csv"]
    assert "it has no gestures" in found["0004.txt"]
    assert "class 'start' is not a number" in found["0005_label.csv:1"]
    assert "it is a named pipe" in found["0006.txt"] and len(found) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no file with gesture labels"),
        ("video_id,subject_gender,subject_nationality,win_or_lose\n1,F,US,Win\n", "no file with gesture labels"),
        ("video_id,class\n1,20\n", "has no columns with the times of gestures"),
        ("video_id,class,class,start_time,end_time\n1,20,20,1,2\n", "has the column class twice"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(UsageError) as raised:
        read_gestures(tmp_path / "labels.csv")
    assert message in str(raised.value)


def test_wrong_paths_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, message in {"none": "does not exist", "pipe": "named pipe", "folder": "holds no .csv or .txt"}.items():
        with pytest.raises(UsageError) as raised:
            read_gestures(tmp_path / name)
        assert message in str(raised.value)


def test_times_alone_and_other_orders_of_columns_are_taken(tmp_path: Path) -> None:
    header = "Class, end_time ,start_time,video_id"
    given = read_gestures(long(tmp_path / "t.csv", ["99.0,2.5,1.5,0440"], header))
    (row,) = given.rows["0440"]
    assert (row.number, row.start, row.end, row.start_frame, row.label_id) == (99, 1.5, 2.5, None, None)


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_with_other_separators_is_refused_and_says_so(tmp_path: Path, separator: str, name: str) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(f"{HEADER}\n{line(1, 1.0, 2.0)}\n".replace(",", separator))
    with pytest.raises(UsageError, match=f"line 1: columns are separated by {name}; save the table with commas"):
        read_gestures(table)
    (tmp_path / "2.txt").write_text("6.8553\t9.8553\t20.0\n")
    given = read_gestures(tmp_path)
    assert list(given.rows) == ["0002"] and f"separated by {name}" in messages(given)["labels.csv"]
