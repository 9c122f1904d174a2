"""Cues of SRT and WebVTT: every text line is taken once or reported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations import captions
from imigue_build.corpus.annotations.sources import GivenText
from tests.corpus.annotations.conftest import Read


def spans(found: GivenText) -> list[tuple[float, float, str | None, str]]:
    """The words where they are timed, else the segments."""
    return [
        (round(span.start, 3), round(span.end, 3), span.speaker, span.text)
        for segment, words in found.segments
        for span in words or [segment]
    ]


TWO = [(1.0, 2.0, None, "so how was it"), (2.5, 4.0, None, "it was 10 fine")]


@pytest.mark.parametrize(
    "text",
    [
        "1\n{a}\nso how\nwas it\n\n2\n{b}\nit was\n10\nfine\n",
        "1\n{a}\nso how\nwas it\n2\n{b}\nit was\n10\nfine\n",
        "{a}\nso how\nwas it\n{b}\nit was\n10\nfine\n",
        "1\n{a}\nso how\n\nwas it\n\n2\n{b}\n\nit was\n\n10\n\nfine",
        "1\n\n{a}\n\nso how\n\nwas it\n\n2\n\n{b}\n\nit was\n\n10\n\nfine\n\n",
        "\n\n 1 \n  {a}  \n\t so how \n was it\n \n2\n{b}\nit was\n 10 \nfine\n",
        "WEBVTT\n\n{a}\nso how\nwas it\n\n{b} align:start position:0%\nit was\n10\nfine\n",
        "WEBVTT Kind: captions\nRegion: id=fred\n\nfirst cue\n{a}\nso how\nwas it\n\nx-2\n{b}\nit was\n10\nfine",
        "WEBVTT\n{a}\nso how\nwas it\n{b}\nit was\n10\nfine\n",
        "7\n{a} X1:10 X2:20\nso how\nwas it\n\n9\n{b}\nit was\n10\nfine\n",
        "1\n\n1\n{a}\nso how\nwas it\n\n2\n\n2\n{b}\nit was\n10\nfine\n",
        "\u200f1\n\u200f{a}\n\u202bso how\nwas it\u202c\n\n\u200f2\n{b}\nit was\n10\nfine\n\ufeff",
        "1\n{a}\nso how\nwas it\n\n2\n{b}\nit was\n10\nfi\u00ad\nne\n\n3\n00:00:00,00 --> 00:00:00,00\n\n",
    ],
)
def test_a_cue_lasts_until_the_next_times(read: Read, text: str) -> None:
    a, b = "00:00:01.000 --> 00:00:02.000", "00:00:02.500 --> 00:00:04.000"
    found = read("0001.vtt" if "WEBVTT" in text else "0001.srt", text.format(a=a, b=b))
    assert spans(found) == TWO and not found.warnings


@pytest.mark.parametrize(
    "times",
    [
        "00:00:01,000 -> 00:00:02,000",
        "00: 00: 01, 000 -- > 00: 00: 02, 000",
        "00:00:01.000 \u2192 00:00:02.000",
        "00:00:01,000 --> 00:00:02,000",
        "00:01.000-->00:02.000",
        "0:0:1.0 --> 0:0:2",
        "0:00:01.000,0:00:02.000",
        "00:00:01.000000 --> 00:00:02.0",
    ],
)
def test_times_are_read_as_tools_write_them(read: Read, times: str) -> None:
    assert spans(read("0001.srt", f"1\n{times}\nyes\n")) == [(1.0, 2.0, None, "yes")]


def test_headers_and_styles_are_no_text_and_comments_are_reported(read: Read) -> None:
    found = read(
        "0001.vtt",
        "WEBVTT - a title\nKind: captions\nLanguage: es-419\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        "STYLE\n::cue(b) { color: red }\n\nREGION\nid:fred\n\nNOTE heard by\ntwo people\n\n"
        "00:01.000 --> 00:02.000\nyes\n\nNOTE the end\n",
    )
    assert spans(found) == [(1.0, 2.0, None, "yes")]
    (warning,) = found.warnings
    assert "3 lines" in warning and "NOTE heard by / two people / NOTE the end" in warning
    assert found.language == "es"


def test_text_before_the_first_cue_is_reported(read: Read) -> None:
    (warning,) = read("0001.srt", "Subtitles by a fan\n\n1\n00:00:01,000 --> 00:00:02,000\nyes\n").warnings
    assert "Subtitles by a fan" in warning


def test_segments_of_a_stream_are_put_on_one_clock(read: Read) -> None:
    head = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{}\n\n00:01.000 --> 00:02.000\n{}\n\n"
    found = read("0001.vtt", head.format(900_000, "so") + head.format(1_800_000, "now"))
    assert spans(found) == [(1.0, 2.0, None, "so"), (11.0, 12.0, None, "now")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<i>so</i> <b>how</b> <u>was</u> <font color='red'>it</font>", "so how was it"),
        ("<c.yellow.bg_blue>so</c> <lang en>how</lang>", "so how"),
        ("{\\an8}so\\Nhow<br>was<br/>it", "so how was it"),
        ("r&amp;b&nbsp;&lt;so&gt; &#39;how&#x27; &quot;x&quot;", "r&b <so> 'how' \"x\""),
        ("&amp;gt; AT&T R&D; 5 < 6 & 7 > 2", "&gt; AT&T R&D; 5 < 6 & 7 > 2"),
        ("&gt;&gt; so &gt;&gt;how", "so how"),
        ("don&#39t", "don't"),
        ("<noise> so <unk>", "<noise> so <unk>"),
        ("a --> b", "a --> b"),
    ],
)
def test_markup_is_no_text(read: Read, text: str, words: str) -> None:
    found = read("0001.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n")
    assert " ".join(span[3] for span in spans(found)) == words


def test_several_voices_in_a_cue_share_its_time(read: Read) -> None:
    found = read("0001.vtt", "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Jane Doe>abc</v> <v.loud Tom>abc</v>\n<v Eve>abc d")
    assert spans(found) == [(1.0, 1.571, "Jane Doe", "abc"), (1.571, 2.143, "Tom", "abc"), (2.143, 3.0, "Eve", "abc d")]


def test_labels_in_cues_are_speakers(read: Read) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n[SPEAKER_00]: so\n\n2\n00:00:02,000 --> 00:00:03,000\nand\n\n"
    found = read("0001.srt", f"{text}3\n00:00:03,000 --> 00:00:04,000\n[SPEAKER_01]: yes\n[SPEAKER_00]: no\n")
    assert spans(found) == [
        (1.0, 2.0, "SPEAKER_00", "so"),
        (2.0, 3.0, "SPEAKER_00", "and"),
        (3.0, 3.571, "SPEAKER_01", "yes"),
        (3.571, 4.0, "SPEAKER_00", "no"),
    ]


@pytest.mark.parametrize("name", ["{}", "{}:", '1 "{}" (3876)'])
def test_names_before_the_times_are_speakers(read: Read, name: str) -> None:
    cue = "{}\n00:0{}.000 --> 00:0{}.000\n{}\n\n"
    names = ["Jane Doe", "Max", "Jane Doe", "Max"]
    cues = (
        cue.format(name.format(who), at, at + 1, word) for at, (who, word) in enumerate(zip(names, "abcd", strict=True))
    )
    found = read("0001.vtt", "WEBVTT\n\n" + "".join(cues))
    assert [span[2:] for span in spans(found)] == [("Jane Doe", "a"), ("Max", "b"), ("Jane Doe", "c"), ("Max", "d")]


def test_other_identifiers_are_no_speakers(read: Read) -> None:
    cue = "{}\n00:0{}.000 --> 00:0{}.000\nso\n\n"
    ids = ["intro", "8a3c-0", "crosstalk", "8a3c-0"]
    found = read("0001.vtt", "WEBVTT\n\n" + "".join(cue.format(name, at, at + 1) for at, name in enumerate(ids)))
    assert {span[2:] for span in spans(found)} == {(None, "so")}


@pytest.mark.parametrize(
    "lines",
    [
        "- so how\n- fine",
        "-so how\n-fine",
        "<i>- so how</i>\n\u2013 fine",
        "{\\an8}- so how. - fine",
        ">> so how >> fine",
    ],
)
def test_dashes_tell_two_speakers_apart(read: Read, lines: str) -> None:
    found = read("0001.srt", f"1\n00:00:00,000 --> 00:00:01,300\n{lines}\n")
    assert [(span[2], span[3].rstrip(".")) for span in spans(found)] == [(None, "so how"), (None, "fine")]


def test_a_dash_after_a_sentence_is_another_speakers(read: Read) -> None:
    found = read(
        "0001.srt",
        "1\n00:00:00,000 --> 00:00:01,000\nSo how?\n-Fine.\n-\n\n2\n00:00:01,000 --> 00:00:02,000\nAnd well\n- so\n",
    )
    assert [span[3] for span in spans(found)] == ["So how?", "Fine.", "And well so"]


def test_a_number_in_a_cue_is_text_although_it_is_the_next_cues(read: Read) -> None:
    cue = "{}\n00:00:0{}.000 --> 00:00:0{}.000\n{}\n\n"
    found = read(
        "0001.srt", "".join(cue.format(at, at, at + 1, text) for at, text in enumerate(["so", "\n2", "and", "no"]))
    )
    assert [span[3] for span in spans(found)] == ["so", "2", "and", "no"]


def test_cues_before_the_recording_are_left_out_with_a_warning(read: Read) -> None:
    found = read("0001.srt", "1\n-1:58:00,300 --> -1:58:03,540\nthe [title]\n\n2\n-0:00:01,000 --> 00:00:02,000\nso\n")
    assert spans(found) == [(0.0, 2.0, None, "so")]
    assert len(found.warnings) == 1 and "the [title]" in found.warnings[0]


def test_other_dashes_are_kept(read: Read) -> None:
    said = ["- laughs -", "-5 degrees", "so - and", "well -"]
    cue = "00:00:0{}.000 --> 00:00:0{}.000\n{}\n\n"
    found = read("0001.srt", "".join(cue.format(at, at + 1, text) for at, text in enumerate([*said, "- so"])))
    assert [span[3] for span in spans(found)] == [*said, "so"]


def test_a_voice_of_a_dash_alone_is_nobody(read: Read) -> None:
    found = read("0001.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v ->so</v>\n\n00:02.000 --> 00:03.000\n<v Eve>\nno\n")
    assert [span[2:] for span in spans(found)] == [(None, "so"), ("Eve", "no")]


@pytest.mark.parametrize(("begin", "end"), [("(clears", "throat)"), ("[speaking", "foreign language]")])
def test_a_mark_over_two_cues_is_one(read: Read, begin: str, end: str) -> None:
    found = read(
        "0001.srt",
        f"00:00:01,000 --> 00:00:02,000\nso {begin}\n\n00:00:02,000 --> 00:00:03,000\n{end} well (I think)\n",
    )
    assert [span[3] for span in spans(found)] == [f"so {begin} {end}", "well (I think)"]


def test_speech_in_brackets_over_two_cues_stays_where_it_is(read: Read) -> None:
    found = read("0001.srt", "00:00:01,000 --> 00:00:02,000\nso (I\n\n00:00:02,000 --> 00:00:03,000\nthink) yes\n")
    assert [span[3] for span in spans(found)] == ["so (I", "think) yes"]


def test_text_in_the_form_of_faster_whispers_console_has_times(read: Read) -> None:
    found = read("0001.txt", "[0.00s -> 3.10s]  So, how?\n[3.10s -> 4.00s] SPEAKER_01: fine.\n")
    assert spans(found) == [(0.0, 3.1, None, "So, how?"), (3.1, 4.0, "SPEAKER_01", "fine.")]


def test_text_in_the_form_of_whispers_console_has_times(read: Read) -> None:
    found = read("0001.txt", "[00:00.000 --> 00:03.100]  So, how?\n[00:00:03.100 --> 00:00:04.000]  Jane: fine.\n")
    assert spans(found) == [(0.0, 3.1, None, "So, how?"), (3.1, 4.0, None, "Jane: fine.")]


def stamp(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"


def rolled(rows: list[list[str]], *, timed: bool, held: bool) -> str:
    """Captions that show each row under the one before; a second for each word; held for 10 ms, as YouTube has it."""
    text, at, before = "WEBVTT\nKind: captions\nLanguage: en\n\n", 0.0, " "
    for row in rows:
        end = at + len(row)
        inner = "".join(f"<{stamp(at + place)}><c> {word}</c>" for place, word in enumerate(row[1:], 1))
        plain = " ".join(row)
        text += f"{stamp(at)} --> {stamp(end - 0.01 * held)} align:start position:0%\n{before}\n"
        text += f"{row[0]}{inner}\n\n" if timed else f"{plain}\n\n"
        if held:
            text += f"{stamp(end - 0.01)} --> {stamp(end)} align:start position:0%\n{plain}\n \n\n"
        at, before = end, plain
    return text


ROWS = [["so", "how", "was", "it"], ["it"], ["it", "was"], ["no", "no"], ["no"], ["no", "no"], ["fine"]]


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("timed", [False, True])
def test_rolling_captions_are_read_once(read: Read, timed: bool, held: bool) -> None:
    found = read("0001.vtt", rolled(ROWS, timed=timed, held=held))
    assert " ".join(span[3] for span in spans(found)).split() == [word for row in ROWS for word in row]
    assert any("read once each" in warning for warning in found.warnings)
    if timed:
        assert [span[0] for span in spans(found)][:6] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_captions_that_grow_are_read_once(read: Read) -> None:
    cue = "00:00:0{}.000 --> 00:00:0{}.000\n{}\n\n"
    shown = ["so", "so how", "so how was", "so how was it", "how was it then"]
    found = read("0001.srt", "".join(cue.format(at, at + 1, text) for at, text in enumerate(shown)))
    assert [span[3] for span in spans(found)] == ["so", "how", "was", "it", "then"]


@pytest.mark.parametrize("tag", ["u", "b", "i", "c.current", 'font color="#00ff00"'])
def test_captions_that_highlight_each_word_are_read_once(read: Read, tag: str) -> None:
    end = tag.split()[0].split(".")[0]
    shown = [f"<{tag}>so</{end}> how\nwas it", f"so <{tag}>how</{end}>\nwas it", "so how\nwas it"]
    shown += [f"so how\n<{tag}>was</{end}> it", f"so how\nwas <{tag}>it</{end}>", f"<{tag}>no</{end}>", "no"]
    found = read(
        "0001.srt", "".join(f"{at}\n{stamp(at)} --> {stamp(at + 1)}\n{text}\n\n" for at, text in enumerate(shown))
    )
    assert [(span[0], span[3]) for span in spans(found)] == [
        (0.0, "so"),
        (1.0, "how"),
        (3.0, "was"),
        (4.0, "it"),
        (5.0, "no"),
    ]


def test_what_a_speaker_repeats_is_kept(read: Read) -> None:
    cue = "00:00:0{}.000 --> 00:00:0{}.000\n{}\n\n"
    said = ["no", "no", "no, I said", "go on", "go on", "well", "yes"]
    found = read("0001.srt", "".join(cue.format(at, at + 1, text) for at, text in enumerate(said)))
    assert [span[3] for span in spans(found)] == said and not found.warnings


def test_a_word_with_a_time_ends_at_a_pause(read: Read) -> None:
    found = read("0001.vtt", "WEBVTT\n\n00:01.000 --> 00:09.000\nso <00:02.000>it <00:08.000>was\n")
    assert spans(found) == [(1.0, 1.5, None, "so"), (2.0, 2.5, None, "it"), (8.0, 8.65, None, "was")]


words = st.sampled_from(
    ["so", "Jane:", "JANE DOE:", "10", "&gt;&gt;", "<i>", "</i>", "<v Tom>", "[SPEAKER_00]:", "NOTE", "-->"]
)
blanks = st.sampled_from(["", "\n", "\n \n"])


@given(
    st.booleans(),
    st.lists(st.tuples(blanks, st.booleans(), st.lists(st.tuples(st.lists(words, max_size=4), blanks), max_size=3))),
)
def test_every_word_is_in_the_transcript_or_in_a_warning(
    tmp_path_factory: pytest.TempPathFactory, webvtt: bool, cues: list[tuple[str, bool, list[tuple[list[str], str]]]]
) -> None:
    text, marks = "WEBVTT\n\n" if webvtt else "", []
    rows = [row for _, _, lines in cues for row, _ in lines]
    for number, (blank, numbered, lines) in enumerate(cues, 1):
        text += f"{number}\n" * numbered + f"{stamp(number)} --> {stamp(number + 0.5)}\n"
        for place, (row, after) in enumerate(lines):
            marks.append(f"mark{number}x{place}x")
            text += " ".join([*row, marks[-1]]) + f"\n{after}"
        text += blank
    path = tmp_path_factory.mktemp("cues") / ("0001.vtt" if webvtt else "0001.srt")
    path.write_text(text)
    if any(re.match(r"(?:10 )+-->", " ".join(row)) for row in rows):
        with pytest.raises(AnnotationError, match="is not a pair of times"):
            captions.read(path)
        return
    found = captions.read(path)
    taken = " ".join(span.text for segment, own in found.segments for span in (segment, *own))
    assert [mark for mark in marks if mark not in taken + " ".join(found.warnings)] == []


@pytest.mark.parametrize(
    "line",
    ["{:.2f}\t{:.2f}\t{}: {}", "{:.2f} {:.2f} {}: {}", "{:.3f}s - {:.3f}s | {}: {}", "[{:.2f}s -> {:.2f}s] {}: {}"],
)
def test_columns_of_seconds_are_times(read: Read, tmp_path: Path, line: str) -> None:
    rows = [
        (0.5, 1.5, "Jane", "So?"),
        (1.75, 2.5, "Max", "Well."),
        (3.0, 4.0, "Jane", "And?"),
        (4.0, 5.0, "Max", "No."),
    ]
    text = "\n".join(line.format(*row) for row in rows)
    assert spans(read("0001.txt", text)) == rows
    assert captions.in_cues(tmp_path / "0001.txt")


def test_frames_in_times(read: Read) -> None:
    found = read("0001.srt", "1\n00:00:01:12 --> 00:00:02:24\nso\n\n2\n00:00:03;00 --> 00:00:04;05\nwell\n")
    assert spans(found) == [(1.48, 2.96, None, "so"), (3.0, 4.2, None, "well")]
    assert found.warnings == ("the times of 0001.srt count frames: 25 a second are assumed",)
