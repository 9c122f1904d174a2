"""TextGrids in every form that Praat reads, and those that other programs write."""

from __future__ import annotations

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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path / "a.TextGrid", LONG, encoding) == ANNA


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
        ("ooBinaryFile\x08TextGrid", "is a binary TextGrid"),
        ('"Praat chronological TextGrid text file"\n0 3 ! Time domain.\n', "does not begin as a TextGrid"),
        (LONG.replace('""x""', '"x'), "line"),
        (LONG.replace("xmax = 1.25", "xmax = -1.25"), "line 17: a negative time"),
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
