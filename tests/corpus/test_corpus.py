"""Which videos a folder holds, and what a label file says: every mistake by name, with its remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imigue_build.core.errors import UsageError
from imigue_build.core.records import Label
from imigue_build.corpus import Corpus, Labels, Players, Problem, Video, discover, match, padded, read_labels

HEADER = "video_id,subject_gender,subject_nationality,win_or_lose\n"
LONG = (
    "video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,"
    "subject_gender,subject_nationality,win_or_lose\n"
)


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def ids(corpus: Corpus) -> list[str]:
    return [video.video_id for video in corpus.videos]


def problem(folder: Path) -> Problem:
    """The one problem of a folder."""
    (found,) = discover(folder).problems
    return found


# --- discovery


def test_videos_are_found_at_any_depth_and_sorted_by_id(tmp_path: Path) -> None:
    touch(tmp_path, "b/440.mp4", "a/c/12.MOV", "Final_day-2.mkv", "7.wav", "notes.txt", "a/x.json")
    corpus = discover(tmp_path)
    assert ids(corpus) == ["0007", "0012", "0440", "Final_day-2"]
    assert corpus.videos[2] == Video("0440", tmp_path / "b/440.mp4")
    assert corpus.problems == ()


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "1.mp4", ".2.mp4", "._1.mp4", ".trash/3.mp4", "a/.git/4.mp4")
    assert ids(discover(tmp_path)) == ["0001"]


@pytest.mark.parametrize(
    ("stem", "identifier"),
    [("1", "0001"), ("440", "0440"), ("12345", "12345"), ("00440", "00440"), ("a1", "a1"), ("٣", "٣")],
)
def test_ids_of_digits_alone_are_padded_to_four(stem: str, identifier: str) -> None:
    assert padded(stem) == identifier


def test_one_file_may_have_any_suffix(tmp_path: Path) -> None:
    touch(tmp_path, "3.bin", "4.mp4")
    assert discover(tmp_path / "3.bin") == Corpus((Video("0003", tmp_path / "3.bin"),), ())


def test_two_files_with_one_id_are_both_refused_and_the_others_taken(tmp_path: Path) -> None:
    touch(tmp_path, "a/440.mp4", "b/0440.mov", "1.mp4")
    corpus = discover(tmp_path)
    assert ids(corpus) == ["0001"]
    assert [found.name for found in corpus.problems] == ["0440", "0440"]
    assert {found.path for found in corpus.problems} == {tmp_path / "a/440.mp4", tmp_path / "b/0440.mov"}
    assert {found.message for found in corpus.problems} == {
        "a/440.mp4 and b/0440.mov have one id, 0440: rename all but one, or move them away"
    }


def test_ids_that_differ_in_case_alone_are_one(tmp_path: Path) -> None:
    touch(tmp_path, "x/final.mp4", "y/Final.mp4")
    corpus = discover(tmp_path)
    assert corpus.videos == ()
    assert "x/final.mp4 and y/Final.mp4 have one id" in corpus.problems[0].message


@pytest.mark.parametrize("stem", ["my video", "-x", "_x", "é", "a.b", "x" * 65, "٣", "a\nb", "a\x1b[31m"])
def test_an_id_against_the_rule_is_refused_with_the_remedy(tmp_path: Path, stem: str) -> None:
    touch(tmp_path, f"{stem}.mp4", "1.mp4")
    corpus = discover(tmp_path)
    assert ids(corpus) == ["0001"]
    (found,) = corpus.problems
    assert "cannot be an id: rename it to at most 64 letters, digits, '-' and '_'" in found.message
    assert found.message.isprintable()


def test_a_name_that_is_no_text_is_shown_escaped(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"a\xffb.mp4")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    assert "a\\xffb.mp4: 'a\\xffb' cannot be an id" in problem(tmp_path).message


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    outside = touch(tmp_path / "outside", "9.mp4")
    inside = touch(tmp_path / "videos", "1.mp4")
    (inside / "2.mp4").symlink_to(outside / "9.mp4")
    (inside / "more").symlink_to(outside)
    corpus = discover(inside)
    assert ids(corpus) == ["0001"]
    assert [found.name for found in corpus.problems] == ["0002", "more"]
    assert corpus.problems[0].message == (
        f"2.mp4 is a link that leads out of {inside}: copy or hard-link what it leads to into the folder"
    )


def test_a_link_within_the_folder_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "store/a.mp4", "list.txt")
    (tmp_path / "5.mp4").symlink_to(tmp_path / "store/a.mp4")
    (tmp_path / "again").symlink_to(tmp_path / "store")
    assert ids(discover(tmp_path)) == ["0005", "a"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    touch(tmp_path / "real", "1.mp4")
    (tmp_path / "videos").symlink_to(tmp_path / "real")
    assert ids(discover(tmp_path / "videos")) == ["0001"]


@pytest.mark.parametrize("target", ["nowhere.mp4", "1.mp4"])
def test_a_link_that_leads_nowhere(tmp_path: Path, target: str) -> None:
    (tmp_path / "1.mp4").symlink_to(tmp_path / target)  # the second is a ring
    assert problem(tmp_path).message == "1.mp4 is a link that leads nowhere: mend it or remove it"


def test_a_named_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.mp4")  # opening it would wait for a writer
    assert problem(tmp_path).message == "1.mp4 is a named pipe: move it out of the folder"
    with pytest.raises(UsageError, match=r"1\.mp4 is a named pipe: name a folder or a video file"):
        discover(tmp_path / "1.mp4")


def test_an_unreadable_file_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "1.mp4", "2.mp4")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "2.mp4")  # root may read everything
    corpus = discover(tmp_path)
    assert ids(corpus) == ["0001"]
    assert corpus.problems[0].name == "0002"
    assert corpus.problems[0].message == "2.mp4 cannot be read: check its permissions"


def test_a_problem_does_not_take_the_name_of_a_video(tmp_path: Path) -> None:
    touch(tmp_path, "1.mp4")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/1.mp4").symlink_to(tmp_path / "nowhere")
    corpus = discover(tmp_path)
    assert ids(corpus) == ["0001"]
    assert [found.name for found in corpus.problems] == ["b/1.mp4"]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no videos at .*nowhere \(No such file or directory\): name an existing"):
        discover(tmp_path / "nowhere")


def test_a_folder_without_media_says_what_was_seen(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "b.txt", "c.jpg", "Makefile")
    with pytest.raises(UsageError, match=r"no audio or video file in .* \(files seen: 2 .txt, 1 .*\)") as caught:
        discover(tmp_path)
    assert "1 without suffix" in caught.value.what
    assert ".mp4" in caught.value.remedy


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no audio or video file in .* \(it is empty\)"):
        discover(tmp_path)


# --- labels


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(tmp_path: Path, content: str | bytes) -> str:
    """What is said about a label file that cannot be used, from its name on."""
    path = write(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_labels(path)
    return str(caught.value).removeprefix(f"{tmp_path}{os.sep}")


def test_the_form_of_the_release(tmp_path: Path) -> None:
    labels = read_labels(write(tmp_path, HEADER + "440,F,Spain,Win\n0012,M,United States,lose\n"))
    assert labels == Labels(
        {"0012": Label("0012", "M", "United States", "Lose"), "0440": Label("0440", "F", "Spain", "Win")}, ()
    )
    assert list(labels.labels) == ["0012", "0440"]


def test_the_micro_gesture_table_gives_one_row_a_video(tmp_path: Path) -> None:
    rows = (
        "371,1,6.8553,171,9.8553,246,20,1,F,United States,Win\n"
        "371,2,10.0,250,11.0,275,99,1,F,United States,Win\n"
        "2,1,0.5,12,1.0,25,3,4,M,Serbia,Lose\n"
    )
    labels = read_labels(write(tmp_path, LONG + rows))
    assert labels.labels == {
        "0002": Label("0002", "M", "Serbia", "Lose"),
        "0371": Label("0371", "F", "United States", "Win"),
    }


def test_a_video_that_contradicts_itself_names_the_lines(tmp_path: Path) -> None:
    rows = "371,1,0,0,1,25,20,1,F,Spain,Win\n" * 2 + "0371,3,0,0,1,25,20,1,F,Spain,Lose\n" * 2
    assert refusal(tmp_path, LONG + rows) == (
        "labels.csv, line 4: win_or_lose of video 0371 is 'Lose', on line 2 'Win'; make them agree"
    )


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEADER + "1,F,Spain,Win\n",
        (HEADER + "1,F,Spain,Win\n").replace("\n", "\r\n"),
        (HEADER + "1,F,Spain,Win\n").replace("\n", "\r"),
        HEADER + "1,F,Spain,Win",
        HEADER + "\n1,F,Spain,Win\n,,,\n\n",
        HEADER + ' 1 , F,"Spain",WIN \n',
        "\ufeff".encode("utf-16-le") + (HEADER + "1,F,Spain,Win\n").encode("utf-16-le"),
        "win_or_lose,extra,Video_ID,subject_nationality,subject_gender\nWin,?,1,Spain,F\n",
    ],
    ids=["bom", "crlf", "cr", "no-final-newline", "blank-lines", "spaces-and-quotes", "utf-16", "column-order"],
)
def test_what_is_tolerated(tmp_path: Path, content: str | bytes) -> None:
    assert read_labels(write(tmp_path, content)) == Labels({"0001": Label("0001", "F", "Spain", "Win")}, ())


@pytest.mark.parametrize("column", ["player", "Player Name", "subject_name", "athlete", "name"])
def test_a_column_with_the_players_names_is_no_label(tmp_path: Path, column: str) -> None:
    path = write(tmp_path, HEADER.replace("\n", f",{column}\n") + '1,F,Spain,Win,"Williams, Serena"\n2,M,Spain,Win,\n')
    labels = read_labels(path)
    assert labels.players == Players(path, {"0001": "Williams, Serena"})
    assert labels.labels["0001"] == Label("0001", "F", "Spain", "Win") and labels.warnings == ()


def test_two_names_of_one_player_are_none(tmp_path: Path) -> None:
    row = "371,1,6.8,171,9.8,246,20,1,F,Spain,Win,"
    labels = read_labels(write(tmp_path, LONG.replace("\n", ",player\n") + f"{row}Nadal\n{row}Federer\n{row}\n"))
    assert labels.players is None
    assert labels.warnings[0].endswith("gives several names of the player for 1 video (0371): none is taken")


def test_latin_1_is_read_with_a_warning(tmp_path: Path) -> None:
    labels = read_labels(write(tmp_path, (HEADER + "1,F,Spain,Win\n2,M,Curaçao,Lose\n").encode("latin-1")))
    assert labels.labels["0002"].subject_nationality == "Curaçao"
    (warning,) = labels.warnings
    assert warning.endswith("labels.csv is not in UTF-8 (byte 0xe7 in line 3): read as Windows-1252")


def test_an_empty_outcome_is_taken_with_a_warning(tmp_path: Path) -> None:
    labels = read_labels(write(tmp_path, HEADER + "1,,,\n2,M,Spain,Win\n"))
    assert labels.labels["0001"] == Label("0001")
    assert labels.warnings[0].endswith("labels.csv gives no outcome for 1 video (0001)")


def test_all_faults_of_a_file_are_reported_together_in_order(tmp_path: Path) -> None:
    rows = "1,F,Spain,Win\n2,M,Spain,Lost\nbad id,F,Spain,Win\n0001,F,Spain,Win\n3,F,Spain\n4,F,Spain,Win\n"
    assert refusal(tmp_path, HEADER + rows) == (
        "labels.csv has 4 faults:\n"
        "  line 3: win_or_lose is 'Lost'; write Win or Lose\n"
        "  line 4: video_id 'bad id' is no id; use at most 64 letters, digits, '-' and '_'\n"
        "  line 5: video_id 0001 is on line 2 too; keep one\n"
        "  line 6: 3 fields where the header has 4; quote fields that hold commas"
    )


def test_many_faults_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    said = refusal(tmp_path, HEADER + "x,F,Spain,draw\n" * 30)
    assert said.startswith("labels.csv has 30 faults:")
    assert said.endswith("... and 10 more")
    assert len(said.splitlines()) == 22


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "labels.csv is empty: a label file begins with the line video_id,subject_gender"),
        (b"\n ,,,\n", "labels.csv is empty"),
        (HEADER, "labels.csv has a header and no row: give it one row a video"),
        (
            "video_id,win_or_lose\n1,Win\n",
            "line 1: no column subject_gender, subject_nationality in 'video_id,win_or_lose'",
        ),
        (
            "1,F,Spain,Win\n",
            "line 1: no column video_id, subject_gender, subject_nationality, win_or_lose in '1,F,Spain,Win'; expected",
        ),
        (HEADER.replace(",", ";"), "line 1: columns are separated by semicolons; save the table with commas"),
        (HEADER.replace(",", "\t"), "line 1: columns are separated by tabs; save the table with commas"),
        (HEADER.replace("video_id", "video_id,video_id"), "line 1: column video_id is there twice; keep one"),
        (HEADER + '1,F,"Spain,Win\n', "line 2: not CSV (unexpected end of data); check the quotation marks"),
        (HEADER + "1,F,Spain,Win,extra\n", "line 2: 5 fields where the header has 4; quote fields that hold commas"),
        (HEADER + "../1,F,Spain,Win\n", "line 2: video_id '../1' is no id"),
        (HEADER + '1,F,"Sp\nain",Win\n\n2,F,Spain,?\n', "line 5: win_or_lose is '?'; write Win or Lose"),
        (b"\x00\x00\x00 ftypisom" * 1000, "labels.csv is a binary file, not text: save the table as CSV in UTF-8"),
        (HEADER.encode() + b"1,F,Sp\0ain,Win\n" * 1000, "labels.csv is a binary file, not text"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in refusal(tmp_path, content)


def test_no_such_label_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"labels .*labels\.csv cannot be read \(No such file or directory\)"):
        read_labels(tmp_path / "labels.csv")
    with pytest.raises(UsageError, match=r"\(it is a folder\): name a readable CSV file"):
        read_labels(tmp_path)


# --- both


def test_what_does_not_match_is_listed(tmp_path: Path) -> None:
    touch(tmp_path, "1.mp4", "2.mp4", "x/3.mp4", "y/3.mp4")
    labels = {name: Label(name) for name in ("0001", "0003", "0007", "0009")}
    assert match(discover(tmp_path), Labels(labels, ())) == (
        "no label for 1 video (0002): the label fields stay empty",
        "no video for 2 labels (0007, 0009): not in the release",
    )


def test_a_full_match_warns_of_nothing(tmp_path: Path) -> None:
    touch(tmp_path, "1.mp4")
    assert match(discover(tmp_path), Labels({"0001": Label("0001")}, ())) == ()


@pytest.mark.parametrize("name", ["staging", "Leases", "checked"])
def test_the_names_of_works_own_folders_are_no_ids(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.mp4").touch()
    (tmp_path / "0001.mp4").touch()
    corpus = discover(tmp_path)
    assert [video.video_id for video in corpus.videos] == ["0001"]
    assert "cannot be an id" in corpus.problems[0].message
