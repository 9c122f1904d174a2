"""What single formats do beyond being readable: cues, shards, cells, paths; and a format of another package."""

from __future__ import annotations

import csv
import textwrap
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from imigue_build.apps.convert import Request, catalogue, convert, formats, huggingface
from imigue_build.apps.convert.subtitles import cues, srt_cue, vtt_cue
from imigue_build.core.entry_points import Offer
from imigue_build.core.records import ROLES
from imigue_build.release.reader import Segment, Word
from tests.release import tiny_release
from tests.release.tiny_release import Content


def spoken(*texts: str, pace: float = 0.5, gap: float = 0.0) -> list[Segment]:
    """One word after the other, in a segment for each text; the roles take turns."""
    segments, at = [], 0.0
    for number, text in enumerate(texts):
        words = []
        for word in text.split():
            words.append(Word(word, round(at, 3), round(at + pace, 3), True))
            at += pace + gap
        role, name = ROLES[1 - number % 2], f"SPEAKER_0{number % 2}"
        start, end = words[0].start, words[-1].end
        segments.append(Segment("0001", role, None, name, start, end, None, text, text, tuple(words)))
    return segments


def test_cues_end_with_sentences_at_pauses_and_where_they_are_full() -> None:
    assert [len(cue.words) for cue in cues(spoken("How are you? And now"))] == [3, 2]
    assert [len(cue.words) for cue in cues(spoken("a b c", gap=1.5))] == [1, 1, 1]
    long = cues(spoken(" ".join(["words"] * 40), pace=0.1))
    assert sum(len(cue.words) for cue in long) == 40
    for cue in long:
        lines = srt_cue(1, cue._replace(new=True)).splitlines()[2:-1]
        assert len(lines) <= 2 and all(len(line) <= 42 for line in lines)
    assert all(cue.end - cue.start <= 7 for cue in cues(spoken(" ".join(["so"] * 30))))


def test_a_cue_names_its_role_and_escapes_what_markup_means() -> None:
    first, second = cues(spoken("a --> <b>", "c & d"))
    assert srt_cue(1, first) == "1\n00:00:00,000 --> 00:00:01,500\nINTERVIEWER: a -> <b>\n\n"
    assert vtt_cue(2, second).splitlines()[2] == "<v Interviewee>c &amp; d</v>"
    assert "&lt;b&gt;" in vtt_cue(1, first) and vtt_cue(1, first).count("-->") == 1


def test_a_word_longer_than_a_line_is_kept_whole() -> None:
    (cue,) = cues(spoken("x" * 100))
    assert "x" * 100 in srt_cue(1, cue)


def test_large_corpora_are_cut_into_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet

    monkeypatch.setattr(huggingface, "_SHARD", 100_000)
    monkeypatch.setattr(huggingface, "_GROUP", 1)
    release = tiny_release.build(tmp_path / "release", Content())
    convert(Request(release.root, "hf", tmp_path / "out"))
    files = sorted((tmp_path / "out" / "data").iterdir())
    assert [file.name for file in files] == [f"train-{n:05d}-of-{len(files):05d}.parquet" for n in range(len(files))]
    assert len(files) > 1
    ids = [utterance for file in files for utterance in parquet.read_table(file)["id"].to_pylist()]
    assert ids == sorted(ids, key=lambda name: name[:4]) and len(ids) == 5


def test_no_cell_of_csv_is_a_formula_and_all_can_be_restored(tmp_path: Path) -> None:
    from imigue_build.core.untrusted.formula_cells import restored

    content = Content()
    content.rows[0]["words"][0]["word"] = "=cmd()"
    content.rows[0]["raw"] = "=cmd() did it feel?"
    release = tiny_release.build(tmp_path / "release", content)
    convert(Request(release.root, "csv", tmp_path / "out"))
    rows = list(csv.DictReader((tmp_path / "out" / "words.csv").open(encoding="utf-8")))
    assert rows[0]["word"] == "'=cmd()" and restored(rows[0]["word"]) == "=cmd()"
    assert (rows[0]["start"], rows[0]["aligned"], rows[0]["split"]) == ("0.300", "true", "")
    about = (tmp_path / "out" / "README.md").read_text()
    assert all(f"| `{column}` |" in about for column in rows[0])


def test_no_cell_of_csv_commands_a_terminal(tmp_path: Path) -> None:
    content = Content()
    content.labels = "video_id,subject_gender,subject_nationality,win_or_lose\n0001,F,a\x1b[2J\x9bb,Win\n0002,,,\n"
    release = tiny_release.build(tmp_path / "release", content)
    convert(Request(release.root, "csv", tmp_path / "out"))
    (cell, _) = (row["subject_nationality"] for row in csv.DictReader((tmp_path / "out" / "interviews.csv").open()))
    assert cell == "a[2Jb"


def test_an_eaf_names_the_sound_by_url_and_has_a_slot_for_each_end(tmp_path: Path) -> None:
    release = tiny_release.build(tmp_path / "release", Content())
    convert(Request(release.root, "eaf", tmp_path / "out", audio_root="../re lease"))
    root = ElementTree.parse(tmp_path / "out" / "0001.eaf").getroot()  # noqa: S314 - it is ours
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None and media.get("RELATIVE_MEDIA_URL") == "../re%20lease/0001/0001.wav"
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE", "")) for slot in root.findall("TIME_ORDER/TIME_SLOT")}
    used = []
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        first, last = annotation.get("TIME_SLOT_REF1"), annotation.get("TIME_SLOT_REF2")
        assert slots[first] < slots[last]
        used += [first, last]
    assert sorted(used, key=str) == sorted(slots, key=str) and len(set(used)) == len(used)
    assert list(slots.values()) == sorted(slots.values())


def test_an_eaf_is_the_same_of_a_textgrid_that_praat_saved_in_its_short_form(tmp_path: Path) -> None:
    """With quotation marks, blanks and markup in labels."""
    from praatio import textgrid

    content = Content()
    release = tiny_release.build(tmp_path / "release", content)
    ours = tmp_path / "release" / "0001" / "0001.TextGrid"
    text = ours.read_text(encoding="utf-8").replace('text = "speech"', 'text = " a ""b"" <c> & \u2028 "', 1)
    ours.write_text(text, encoding="utf-8")
    convert(Request(release.root, "eaf", tmp_path / "long"))
    for path in sorted((tmp_path / "release").glob("*/*.TextGrid")):
        grid = textgrid.openTextgrid(str(path), True)
        grid.save(str(path), format="short_textgrid", includeBlankSpaces=True)
        assert "intervals [1]" not in path.read_text(encoding="utf-8")
    convert(Request(release.root, "eaf", tmp_path / "short"))
    for name in ("0001.eaf", "0002.eaf"):
        assert (tmp_path / "long" / name).read_bytes() == (tmp_path / "short" / name).read_bytes()
    root = ElementTree.parse(tmp_path / "long" / "0001.eaf").getroot()  # noqa: S314 - it is ours
    assert root.findtext("TIER[@TIER_ID='vad']/ANNOTATION/ALIGNABLE_ANNOTATION/ANNOTATION_VALUE") == 'a "b" <c> &'


def test_an_eaf_is_what_a_tree_of_elements_writes(tmp_path: Path) -> None:
    release = tiny_release.build(tmp_path / "release", Content())
    convert(Request(release.root, "eaf", tmp_path / "out", audio_root='/a "b" <c>&'))
    text = (tmp_path / "out" / "0001.eaf").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)  # noqa: S314 - it is ours
    ElementTree.indent(root, " ")
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    ElementTree.register_namespace("xsi", instance)
    again = ElementTree.tostring(root, "unicode")
    assert (
        text.splitlines()[2:] == again.splitlines()[1:]
    )  # the first line of a tree has its attributes in another order
    assert "file:///a%20%22b%22%20%3Cc%3E%26/0001/0001.wav" in text


def test_a_format_of_another_package_is_written_as_the_documentation_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = textwrap.dedent((formats.__doc__ or "").split("segment:\n\n")[1].split("\n\nAll times")[0])
    assert {line.split()[1] for line in example.splitlines() if line.startswith("from")} == {
        "contextlib",
        "imigue_build.apps.convert.formats",
    }
    package: dict[str, Any] = {}
    exec(example, package)  # noqa: S102 - the documentation's own
    monkeypatch.setitem(catalogue.FORMATS, "segments", package["SEGMENTS"])
    release = tiny_release.build(tmp_path / "release", Content())
    result = convert(Request(release.root, "segments", tmp_path / "out", splits="0.5,0.5", audio_root="/data"))
    text = {split: (tmp_path / "out" / split / "segments.txt").read_text() for split in result.interviews}
    assert sorted(text) == ["test", "train"]
    lines = "".join(text.values()).splitlines()
    assert len(lines) == 5 and "0002-SPEAKER_00\t/data/0002/interviewee/segment_001.wav\tThank you." in lines


def test_what_another_package_cannot_add_is_said() -> None:
    form = catalogue.FORMATS["ctm"]
    found = catalogue.chosen(
        [
            Offer("broken", "one 1", None, "one:X cannot be loaded (ImportError: no)"),
            Offer("ctm", "one 1", form),
            Offer("mine", "one 1", form),
            Offer("none", "one 1", "a text"),
            Offer("twice", "one 1", form),
            Offer("twice", "two 2", form),
        ]
    )
    assert found.formats == {"mine": form}
    assert [problem.partition(" is not used: ")[2] for problem in found.problems] == [
        "one:X cannot be loaded (ImportError: no)",
        "imigue-build has one of that name",
        "it is no Format but a str",
        *["the name is taken twice, uninstall one of them"] * 2,
    ]
