"""RTTM, sums and labels: what is written is read, and hostile lines are named."""

from __future__ import annotations

import pytest

from imigue_build.core.diarization import overlap
from imigue_build.core.records import Label, Turn
from imigue_build.corpus.labels import read_labels
from imigue_build.release.schema import labels, rttm, sums
from imigue_build.release.schema.fault import FormatError

GOOD = "SPEAKER 0440 1 0.500 1.750 <NA> <NA> SPEAKER_00 <NA> <NA>\n"


def test_turns_are_read_as_written() -> None:
    turns = (Turn(0.1, 0.3, "SPEAKER_00"), Turn(0.2, 3.0, "SPEAKER_01"), Turn(0.2, 3.001, "SPEAKER_00"))
    assert rttm.parse(rttm.write("0440", reversed(turns), 10_000), "0440") == turns
    assert rttm.parse("", "0440") == rttm.parse("\n\n", "0440") == ()


def test_turns_that_touch_in_the_file_touch_when_read() -> None:
    """As sums of floats 5.276 + 2.28 ends before 7.556, and other turns after the next begins."""
    for start, length in ((5276, 2280), (42012, 2898), (19356, 2152), (10070, 3460)):
        first, second = rttm.parse(
            rttm.write(
                "0440",
                [
                    Turn(start / 1000, (start + length) / 1000, "SPEAKER_00"),
                    Turn((start + length) / 1000, 99.0, "SPEAKER_01"),
                ],
                99_000,
            ),
            "0440",
        )
        assert first.end == second.start and not overlap((first, second))


def test_turns_are_cut_to_the_recording() -> None:
    text = rttm.write("0440", [Turn(-1.0, 0.5, "SPEAKER_00"), Turn(2.0, 9.0, "SPEAKER_01"), Turn(5.0, 6.0, "x")], 3000)
    assert rttm.parse(text, "0440") == (Turn(0.0, 0.5, "SPEAKER_00"), Turn(2.0, 3.0, "SPEAKER_01"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (GOOD.replace("0440", "0441"), "it is about '0441'"),
        (GOOD.replace("SPEAKER 0440", "SPKR 0440"), "it is not 'SPEAKER id"),
        ("x " * 1_000_000, "it is not 'SPEAKER id"),
        (GOOD.replace("0.500", "nan"), "no time"),
        (GOOD.replace("0.500", "1e3"), "no time"),
        (GOOD.replace("0.500", "-1"), "no time"),
        (GOOD.replace("0.500", "9" * 8), "no time"),
        (GOOD.replace("0.500", "\u0661"), "no time"),
        (GOOD.replace("1.750", "0.0001"), "no length"),
        (GOOD.replace("SPEAKER_00", "<script>"), "no id of a speaker"),
    ],
)
def test_a_line_that_is_no_turn_is_named(line: str, why: str) -> None:
    with pytest.raises(FormatError, match=f"line 2: .*{why}"):
        rttm.parse(GOOD + line, "0440")


def test_more_speakers_than_an_interview_can_have() -> None:
    text = "".join(GOOD.replace("SPEAKER_00", f"SPEAKER_{number:02d}") for number in range(300))
    with pytest.raises(FormatError, match="line 201: more turns or speakers"):
        rttm.parse(text, "0440")


def test_sums_are_read_as_written() -> None:
    found = {"labels.csv": "a" * 64, "0440/a\u2028b.txt": "b" * 64}
    assert sums.encode(found).decode().startswith(f"{'b' * 64}  0440/")
    assert sums.parse(sums.encode(found)) == found
    for line in (f"{'a' * 64}  labels.csv", f"{'a' * 63}  x", ""):
        with pytest.raises(FormatError, match="line 3"):
            sums.parse(sums.encode(found) + line.encode() + b"\n")


def test_labels_are_read_as_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    found = [Label("0001", "F", "=HYPERLINK(1)", "Win"), Label("0002", "", 'Korea, "South"', "Lose")]
    path.write_bytes(labels.encode(found))
    assert list(read_labels(path).labels.values()) == found
