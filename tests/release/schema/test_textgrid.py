"""TextGrids: what is written is read, so is what Praat saves of it, and hostile ones are refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.corpus.annotations.textgrid import textgrid as read_leniently
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.textgrid import Label, TextGrid, Tier, disjoint, parse, write

GRID = TextGrid(3000, (Tier("overlap", ()), Tier('a "b"', (Label(0, 1250, 'so "x"'), Label(1250, 3000, "naïve")))))
HEAD = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
SHORT = HEAD + '0\n3\n<exists>\n1\n"IntervalTier"\n"vad"\n0\n3\n2\n0\n1.25\n"speech"\n1.25\n3\n""\n'


def long(
    interval: str = 'xmin = 0 \n xmax = 3 \n text = "a" ', name: str = "vad", tiers: int = 1, size: int = 1
) -> str:
    return (
        f"{HEAD}xmin = 0 \nxmax = 3 \ntiers? <exists> \nsize = {tiers} \nitem []: \n"
        f'    item [1]:\n        class = "IntervalTier" \n        name = "{name}" \n        xmin = 0 \n'
        f"        xmax = 3 \n        intervals: size = {size} \n        intervals [1]:\n {interval}\n"
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.TextGrid", GRID)
    data = (tmp_path / "a.TextGrid").read_bytes()
    assert parse(data) == GRID
    assert parse(data.decode().encode("utf-16")) == GRID  # as Praat saves what is not ASCII
    assert parse(data.replace(b"\n", b"\r\n")) == GRID
    assert parse(b"\xef\xbb\xbf" + data) == GRID
    assert [(tier.name, len(tier.intervals)) for tier in read_leniently(tmp_path / "a.TextGrid")] == [
        ("overlap", 0),
        ('a "b"', 2),
    ]


LABELS = st.lists(
    st.builds(
        lambda start, length, text: Label(start, start + length, text.strip() or "x"),
        st.integers(0, 900),
        st.integers(1, 50),
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=6),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(tiers=st.lists(LABELS, min_size=1, max_size=3))
def test_any_labels_are_read_as_written(tmp_path_factory: pytest.TempPathFactory, tiers: list[list[Label]]) -> None:
    grid = TextGrid(1000, tuple(Tier(f"t{n}", disjoint(labels, 1000)) for n, labels in enumerate(tiers)))
    path = tmp_path_factory.mktemp("grid") / "a.TextGrid"
    write(path, grid)
    assert parse(path.read_bytes()) == grid


def test_the_short_format_and_tiers_of_points() -> None:
    assert parse(SHORT.encode()) == TextGrid(3000, (Tier("vad", (Label(0, 1250, "speech"),)),))
    points = '"TextTier"\n"clicks"\n0\n3\n1\n1.5\n"click"\n'
    assert parse((SHORT.replace("<exists>\n1", "<exists>\n2") + points).encode()) == parse(SHORT.encode())


def test_times_finer_than_a_millisecond() -> None:
    text = SHORT.replace("1.25\n", "1.2500000000000002\n").replace("\n2\n0\n", "\n3\n0\n")
    text = text.replace('1.2500000000000002\n3\n""', '1.2500000000000002\n1.2504\n""\n1.2504\n3\n"x"')
    assert parse(text.encode()).labels("vad") == (Label(0, 1250, "speech"), Label(1250, 3000, "x"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin"),
        (HEAD, "does not begin"),
        (long().replace("xmin = 0 \nxmax = 3 \ntiers", "xmin = 1 \nxmax = 3 \ntiers"), "begins at 1"),
        (long(tiers=2), "no tier begins here"),
        (long(tiers=501), "more than 500 tiers"),
        (long(size=2), "no interval begins here"),
        (long(size=99_999_999), "intervals"),
        (long() + "x", "more follows"),
        (long('xmin = 0 \n xmax = 4 \n text = "a" '), "line 15: the interval from 0 to 4"),
        (long('xmin = 2 \n xmax = 1 \n text = "a" '), "the interval from 2 to 1"),
        (long('xmin = 1 \n xmax = 1 \n text = "a" '), "has no length"),
        (long('xmin = 0 \n xmax = nan \n text = "a" '), "no interval begins here"),
        (long('xmin = 0 \n xmax = 1e999 \n text = "a" '), "no time"),
        (long('xmin = -1 \n xmax = 1 \n text = "a" '), "no time"),
        (long("xmin = 0 \n xmax = 3 \n text = " + '"' + 'text = "x' * 100_000), "begins here|more follows"),
        (HEAD + " " * 3_000_000, "does not begin"),
        (HEAD + "9" * 3_000_000, "does not begin"),
        (long(name='""' * 1_000_000)[:-30], "begins here"),
        (SHORT.replace("<exists>\n1", "<exists>\n2") + SHORT[SHORT.index('"Int') :], "two tiers have one name"),
    ],
)
def test_what_is_no_textgrid(text: str, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        parse(text.encode())
    with pytest.raises(FormatError, match="UTF-8"):
        parse(b"\xff" + text.encode())
