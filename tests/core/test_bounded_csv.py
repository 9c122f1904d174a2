"""The one reader of tables: encodings, separators, limits, and the lines that errors name."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from imigue_build.apps.convert.split_file import read_splits
from imigue_build.core.errors import ConfigError, UsageError
from imigue_build.core.untrusted.bounded_csv import TABLE, TextFile, plain
from imigue_build.core.untrusted.csv_rows import LONGEST_ROW, CsvError, parse
from imigue_build.core.untrusted.files import Kind
from imigue_build.corpus import read_labels, read_subjects
from imigue_build.text.lexicon import read_lexicon


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path, columns: tuple[str, ...] = ("id", "name"), kind: Kind = TABLE) -> str:
    """What is said of a table, from its name on."""
    with pytest.raises(kind.error) as caught:
        list(TextFile(path, kind).table(columns))
    return str(caught.value).replace(f"{path.parent}/", "")


READERS: dict[str, tuple[str, Callable[[Path], tuple[str, ...]]]] = {
    "--labels": (
        "video_id,subject_gender,subject_nationality,win_or_lose\n1,F,Curaçao,Win\n",
        lambda path: read_labels(path).warnings,
    ),
    "--subjects": ("video_id,subject_id\n1,Müller\n", lambda path: read_subjects(path).warnings),
    "--split-file": ("subject_id,split\nMüller,train\n", lambda path: read_splits(path, {"0001": "Müller"})[1]),
    "align.lexicon": ("word,phones\nMüller,M Y L ER\n", lambda path: read_lexicon(path).warnings),
}


@pytest.mark.parametrize("option", READERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_every_option_takes_a_table_in_every_encoding(option: str, encoding: str, tmp_path: Path) -> None:
    text, read = READERS[option]
    warnings = read(written(tmp_path / "t.csv", text.encode(encoding)))
    if encoding.startswith("utf"):
        assert warnings == ()
    else:
        (warning,) = warnings
        assert warning.startswith("t.csv is not in UTF-8 (byte 0x")
        assert warning.endswith("in line 2): read as Windows-1252")


def test_cells_of_a_latin_1_table_are_the_characters_that_were_meant(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "video_id,subject_id\n1,Müller\n".encode("latin-1"))
    assert read_subjects(path).of == {"0001": "Müller"}


def test_rows_carry_the_number_of_their_first_line(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", 'Name,ID\n\n ,\n"a\nb",1\nc,2\n')
    assert list(TextFile(path).table(("id", "name"))) == [
        (4, {"name": "a\nb", "id": "1"}),
        (6, {"name": "c", "id": "2"}),
    ]


def test_a_file_that_is_named_tsv_is_cut_at_tabs(tmp_path: Path) -> None:
    path = written(tmp_path / "t.tsv", "id\tname\n1\ta,b\n")
    assert [record.fields for record in TextFile(path).table(("id", "name"))] == [{"id": "1", "name": "a,b"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv is empty: it begins with the line id,name"),
        ("id;name\n1;a\n", "line 1: columns are separated by semicolons; save the table with commas"),
        ("id\tname\n1\ta\n", "line 1: columns are separated by tabs"),
        ("id,title\n", "line 1: no column name in 'id,title'; expected id,name"),
        ("id,name,note,note\n", "line 1: column note is there twice; keep one"),
        ("," * 2000 + "\n", "t.csv is empty"),
        ("id,name" + ",x" * 2000 + "\n", "line 1: 2002 columns; at most 1000 are read"),
        ("id,name\n1\n2,b\n3,c,d\n", "t.csv has 2 faults:\n  line 2: 1 fields where the header has 2"),
        ('id,name\n1,"a\n', "line 2: not CSV (unexpected end of data); check the quotation marks"),
        ('id,name\n1,"' + "a\n" * 5000, "line 2: not CSV (a quotation mark that is not closed)"),
        ("id,name\n1," + "a" * LONGEST_ROW + "\n", f"line 2: more than {LONGEST_ROW} characters"),
        (b"id,name\n1,\0\n", "t.csv is a binary file, not text: save the table as CSV in UTF-8"),
        ("id,name\n1,\0\n".encode("utf-16"), "t.csv is a binary file, not text"),
        (b"id,name\n1,\x81\n", "t.csv is not in CP1252 (byte 0x81): save the table as CSV in UTF-8"),
        ("id,name\n" + "1,a\n" * 300_000, "t.csv has more than 300000 lines: name the right file"),
    ],
)
def test_what_is_refused(content: str | bytes, message: str, tmp_path: Path) -> None:
    assert message in refusal(written(tmp_path / "t.csv", content))


def test_the_size_and_the_class_of_errors_are_the_callers(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "id,name\n1,a\n")
    small = Kind("the list", ConfigError, "check list", 10)
    assert "larger than 1e-05 MB" in refusal(path, kind=small)
    assert refusal(path, ("id", "x"), small._replace(most_bytes=100)).startswith("t.csv, line 1: no column x")
    with pytest.raises(UsageError, match=r"the list .*none\.csv cannot be read \(No such file"):
        TextFile(tmp_path / "none.csv", small)


def test_a_table_may_be_longer_than_what_is_held_where_the_caller_streams_it(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "id\n" + "1\n" * 300_001)
    assert sum(1 for _ in TextFile(path, max_lines=sys.maxsize).table(("id",))) == 300_001


def test_an_encoding_that_the_user_names_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "id\ndéjà\n".encode("mac-roman"))
    assert [record.fields["id"] for record in TextFile(path, encoding="mac-roman").table(("id",))] == ["déjà"]
    with pytest.raises(UsageError, match="there is no encoding 'klingon'"):
        list(TextFile(path, encoding="klingon").rows())


def test_two_tables_that_are_read_in_turns_do_not_change_each_other(tmp_path: Path) -> None:
    """The limit of a cell is of the whole process: no reader may set it while another is at work."""
    long = written(tmp_path / "t.csv", "id\n" + f"{'x' * 500_000}\n" * 3)
    limit = csv.field_size_limit()
    first, second = (TextFile(long).table(("id",)) for _ in range(2))
    assert len([*islice(first, 1), *second, *first]) == 6
    assert csv.field_size_limit() == limit == LONGEST_ROW


def test_a_fault_in_a_text_names_its_line() -> None:
    with pytest.raises(CsvError, match="unexpected end of data") as caught:
        list(parse(["a\n", '"b\n']))
    assert caught.value.line == 2


def test_a_cell_is_one_line_without_what_commands_a_terminal() -> None:
    assert plain(" a\tb\r\nc\x1b[2Jd\x9b\x07\x00\x7f ") == "a b c[2Jd"
