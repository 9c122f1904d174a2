"""TextGrids in every form that Praat reads, and those that other programs write."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations.sources import LabelledSpan
from imigue_build.corpus.annotations.textgrid import Tier, textgrid

HEAD = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
SHORT = HEAD + '0\n3\n<exists>\n1\n"IntervalTier"\n"Anna"\n0\n3\n2\n0\n1.25\n"so ""x"""\n1.25\n3\n""\n'
LONG = (
    HEAD
    + '''xmin = 0
xmax = 3
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "Anna"
        xmin = 0
        xmax = 3
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = "so ""x"""
        intervals [2]:
            xmin = 1.25
            xmax = 3
            text = ""
'''
)
ANNA = [Tier("Anna", (LabelledSpan(0.0, 1.25, 'so "x"'),))]
CHRONOLOGICAL = '''"Praat chronological TextGrid text file"
0 3   ! Time domain.
2   ! Number of tiers.
"IntervalTier" "Anna" 0 3
"TextTier" "clicks" 0 3

! Anna:
1 0 1.25
"so ""x"""

! clicks:
2 0.5
"click"

! Anna:
1 1.25 3
"yes"
'''
BINARY = b64decode(
    "b29CaW5hcnlGaWxlCFRleHRHcmlkAAAAAAAAAABACAAAAAAAAAEAAAADDEludGVydmFsVGllcgAEQW5uYQAAAAAAAAAAQAgAAAAA"
    "AAAAAAACAAAAAAAAAAA/9AAAAAAAAAANc28gIngiIGNhZlxlJz/0AAAAAAAAQAgAAAAAAAAAAAxJbnRlcnZhbFRpZXIAA0JlbgAA"
    "AAAAAAAAQAgAAAAAAAAAAAABAAAAAAAAAABACAAAAAAAAP//AAsBWgB3AGkBBQB0AGUAawAgJgMAINg93gAIVGV4dFRpZXIABGJl"
    "bGwAAAAAAAAAAEAIAAAAAAAAAAAAAT/4AAAAAAAAAARkaW5n"
)
"""As Praat 6.1 saves it."""
GRID = f'class = "TextGrid"\nname = "x"\n{LONG.removeprefix(HEAD)}'
SOUND = 'class = "Sound 2"\nname = "s"\nxmin = 0\nnx = 2\nz [] []:\nz [1]:\nz [1] [1] = 0.5\nz [1] [2] = -0.5\n'


def read(path: Path, data: str, encoding: str = "utf-8") -> list[Tier]:
    path.write_bytes(data.encode(encoding))
    return textgrid(path)


@pytest.mark.parametrize(
    "data",
    [
        SHORT,
        LONG,
        LONG.replace("\n", "\r\n"),
        LONG.replace(" = ", "=").replace('="', ' ="').replace("=", "= "),
        LONG.replace("item [", "item[").replace("intervals [1]:", "intervals [1]"),  # ELAN 6.7
        LONG.replace("xmin = 0\n", "xmin = -0\n"),
        LONG.replace("xmin = 0\n", "xmin = 0 seconds ! from the start\n"),
        LONG.replace("1.25", "1.25e+00").replace("xmax = 3", "xmax = 3E0"),
        LONG.replace("intervals: size = 2", "intervals: size = 1"),  # MFA with blank intervals
        SHORT.replace("ooTextFile", "ooTextFile short"),
    ],
)
def test_every_form_is_read_alike(tmp_path: Path, data: str) -> None:
    assert read(tmp_path / "a.TextGrid", data) == ANNA


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (tier,) = read(tmp_path / "a.TextGrid", LONG.replace("so", "olé"), encoding)
    assert [label.text for label in tier.intervals] == ['olé "x"']


def test_labels_in_time_order(tmp_path: Path) -> None:
    anna, clicks = read(tmp_path / "a.TextGrid", CHRONOLOGICAL)
    assert anna == Tier("Anna", (LabelledSpan(0.0, 1.25, 'so "x"'), LabelledSpan(1.25, 3.0, "yes")))
    assert clicks == Tier("clicks", (LabelledSpan(0.5, 0.5, "click"),), points=True)


def test_a_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_bytes(BINARY)
    assert textgrid(path) == [
        Tier("Anna", (LabelledSpan(0.0, 1.25, 'so "x" café'),)),
        Tier("Ben", (LabelledSpan(0.0, 3.0, "Świątek \N{SNOWMAN} \N{GRINNING FACE}"),)),
        Tier("bell", (LabelledSpan(1.5, 1.5, "ding"),), points=True),
    ]


@pytest.mark.parametrize("length", range(12, 261, 7))
def test_a_binary_file_that_is_cut_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_bytes(BINARY[:length])
    with pytest.raises(AnnotationError, match="is not a valid TextGrid"):
        textgrid(path)


@pytest.mark.parametrize("objects", [(GRID,), (GRID, SOUND), (SOUND, GRID)])
def test_the_one_textgrid_of_a_collection(tmp_path: Path, objects: tuple[str, ...]) -> None:
    data = f'File type = "ooTextFile"\nObject class = "Collection"\n\nsize = {len(objects)}\n{"".join(objects)}'
    assert read(tmp_path / "a.TextGrid", data) == ANNA


def test_a_collection_of_several_textgrids_is_refused(tmp_path: Path) -> None:
    data = f'File type = "ooTextFile"\nObject class = "Collection"\n\nsize = 2\n{GRID}{GRID}'
    with pytest.raises(AnnotationError, match=r"a collection of 2 TextGrids: select the interview's TextGrid alone"):
        read(tmp_path / "a.TextGrid", data)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("caf\\e' Ma\\n~ana", "café Mañana"),
        ('\\o""sterreich \\C<ilic', "österreich Čilic"),
        ("\\?dqu\\e'? S\\o/ren gro\\ss", "¿qué? Søren groß"),
        ("h\\sw\\l~\\o^", "həɫô"),
        ('either\\or C:\\x \\""left\\"" \\', 'either\\or C:\\x \\"left\\" \\'),
    ],
)
def test_letters_that_praat_writes_in_ascii(tmp_path: Path, written: str, shown: str) -> None:
    (tier,) = read(tmp_path / "a.TextGrid", SHORT.replace('so ""x""', written))
    assert [label.text for label in tier.intervals] == [shown]


def test_errors_of_rounding_are_no_errors(tmp_path: Path) -> None:
    data = LONG.replace("xmin = 0\n", "xmin = -1e-17\n").replace("xmin = 1.25", "xmin = 3.0000000000000004")
    (tier,) = read(tmp_path / "a.TextGrid", data.replace('text = ""', 'text = "yes"'))
    assert [(label.start, label.end) for label in tier.intervals] == [(0.0, 1.25), (3.0000000000000004,) * 2]


def test_tiers_of_unequal_length(tmp_path: Path) -> None:
    second = '"IntervalTier"\n"Ben"\n0.5\n2.5\n1\n0.5\n2.5\n"yes"\n'
    found = read(tmp_path / "a.TextGrid", SHORT.replace("<exists>\n1", "<exists>\n2") + second)
    assert found == [*ANNA, Tier("Ben", (LabelledSpan(0.5, 2.5, "yes"),))]


def test_a_textgrid_without_tiers(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="it ends too early"):
        read(tmp_path / "a.TextGrid", HEAD + "0\n3\n<absent>\n")


def test_times_near_zero_are_written_with_exponents(tmp_path: Path) -> None:
    (tier,) = read(tmp_path / "a.TextGrid", LONG.replace("xmax = 1.25", "xmax = 5e-05"))
    assert tier.intervals[0].end == 5e-05


def test_points_are_labels_without_duration(tmp_path: Path) -> None:
    data = HEAD + '0\n3\n<exists>\n1\n"TextTier"\n"clicks"\n0\n3\n1\n1.5\n"click"\n'
    assert read(tmp_path / "a.TextGrid", data) == [Tier("clicks", (LabelledSpan(1.5, 1.5, "click"),), points=True)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "it ends too early"),
        ("nonsense", "it ends too early"),
        ("ooBinaryFile\x08TextGrid", "byte 21: it ends too early"),
        ("ooBinaryFile\x08PitchTie", "byte 21: it does not begin as a TextGrid"),
        ('"Praat chronological TextGrid text file"\n0 3 ! Time domain.\n', "it ends too early"),
        (CHRONOLOGICAL.replace("\n1 1.25", "\n3 1.25"), "more than 2 tiers"),
        (CHRONOLOGICAL.replace("\n1 1.25", "\n0 1.25"), "0 is not the number of a tier"),
        (LONG.replace('"TextGrid"', '"Sound 2"'), "does not begin as a TextGrid"),
        (LONG.replace('""x""', '"x'), "line"),
        (LONG.replace("xmax = 1.25", "xmax = -1.25"), "line 17: -1.25 is a negative time"),
        (LONG.replace("xmin = 1.25", "xmin = 4"), "an interval from 4.0 to 3.0"),
        (LONG.replace("xmin = 1.25", "xmin = 1e999"), "inf is not a time in seconds"),
        (LONG.replace("intervals: size = 2", "intervals: size = 3"), "it ends too early"),
        (LONG.replace("size = 1\n", "size = 1.5\n"), "1.5 is not a number of tiers"),
        (LONG.replace("size = 1\n", "size = 501\n"), "more than 500 tiers"),
        (LONG.replace('"IntervalTier"', '"Pitch"'), "'Pitch' is no kind of tier"),
        (LONG[:300], "it ends too early"),
    ],
)
def test_what_is_wrong_is_said_with_the_line(tmp_path: Path, data: str, message: str) -> None:
    with pytest.raises(AnnotationError) as raised:
        read(tmp_path / "a.TextGrid", data)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 400
