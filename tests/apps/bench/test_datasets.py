"""The loaders, on trees laid out as the corpora are; the real counts stand in the loaders, the tests give their own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from imigue_build.apps.bench import datasets
from imigue_build.apps.bench.datasets import emodb, emotiontalk, iemocap, msp_improv
from imigue_build.apps.bench.datasets.base import DEFAULT_OPTIONS, Options
from imigue_build.apps.bench.folds import make_folds
from imigue_build.core.errors import ImigueError, UsageError
from tests.apps.bench import trees

PARTIAL = Options(allow_partial=True)


def test_the_published_counts() -> None:
    assert sum(emodb.COUNTS.values()) == 535
    assert sum(iemocap.COUNTS.values()) == 5531
    assert sum(msp_improv.COUNTS.values()) == 7798
    assert sum(emotiontalk.COUNTS.values()) == 19_250


def test_emodb(tmp_path: Path) -> None:
    expected = {"anger": 2, "neutral": 2, **dict.fromkeys(("boredom", "disgust", "fear", "happiness", "sadness"), 0)}
    found = emodb.load(trees.emodb(tmp_path), DEFAULT_OPTIONS, expected)
    assert [(utterance.id, utterance.label, utterance.speaker) for utterance in found.utterances][:2] == [
        ("03a01Na", "neutral", "03"),
        ("03a01Wa", "anger", "03"),
    ]
    assert found.labels == ("anger", "neutral") and found.protocol == "speaker"
    with pytest.raises(UsageError, match="but 4 were found; classes: anger: 2 instead of 127"):
        datasets.load("emodb", tmp_path)
    (warning, *_) = datasets.load("EmoDB", tmp_path, PARTIAL).warnings
    assert warning.startswith("EmoDB should have 535 utterances, but 4 were found")


def test_ravdess_takes_any_folders_and_speech_alone(tmp_path: Path) -> None:
    root = trees.ravdess(tmp_path / "Audio_Speech_Actors_01-24")
    trees.tone(root / "Actor_01" / "03-02-03-01-01-01-01.wav")  # a song
    shutil.copytree(root / "Actor_02", tmp_path / "again" / "Actor_02")
    found = datasets.load("ravdess", tmp_path)
    assert len(found.utterances) == 24 * 8 and len(found.labels) == 8
    assert {utterance.speaker for utterance in found.utterances} == {f"{actor:02d}" for actor in range(1, 25)}
    assert found.warnings[0].startswith("RAVDESS: 8 files occur twice")
    assert found.warnings[1].startswith("RAVDESS should have 1440 utterances, but 192 were found")
    assert len(make_folds(found).folds) == 24


@pytest.mark.parametrize(("actors", "classes"), [(range(1, 24), range(1, 9)), (range(1, 25), range(1, 8))])
def test_ravdess_without_an_actor_or_a_class_is_refused(tmp_path: Path, actors: range, classes: range) -> None:
    trees.ravdess(tmp_path, actors, classes)
    with pytest.raises(UsageError, match="RAVDESS should have 1440 utterances, but 1"):
        datasets.load("ravdess", tmp_path)
    assert datasets.load("ravdess", tmp_path, PARTIAL).warnings


def test_iemocap(tmp_path: Path) -> None:
    found = iemocap.load(trees.iemocap(tmp_path), DEFAULT_OPTIONS, {"Session1": 3, "Session2": 3})
    assert [(utterance.id, utterance.label, utterance.speaker, utterance.session) for utterance in found.utterances][
        :3
    ] == [
        ("Ses01F_impro01_F000", "neu", "Ses01F", "Session1"),
        ("Ses01F_impro01_F002", "hap", "Ses01F", "Session1"),
        ("Ses01F_impro01_M001", "ang", "Ses01M", "Session1"),
    ]
    assert [fold.name for fold in make_folds(found).folds] == ["Session1", "Session2"]


def test_iemocap_says_every_lack_at_once(tmp_path: Path) -> None:
    trees.iemocap(tmp_path)
    wavs = tmp_path / "Session2" / "sentences" / "wav" / "Ses02F_impro01"
    (wavs / "Ses02F_impro01_F000.wav").unlink()
    trees.tone(wavs / "Ses02F_impro01_M009.wav")
    with pytest.raises(UsageError) as error:
        iemocap.load(tmp_path, DEFAULT_OPTIONS, {"Session1": 3, "Session2": 3, "Session3": 3})
    said = str(error.value)
    assert "IEMOCAP: no Session3 in" in said
    assert "1 label has no audio file: Ses02F_impro01_F000" in said
    assert "1 audio file has no label: Ses02F_impro01_M009" in said
    assert "Session2: 2 instead of 3; Session3: 0 instead of 3" in said
    assert "--allow-partial" in said


MSP = {"angry": 2, "happy": 2, "neutral": 2, "sad": 2}


@pytest.mark.parametrize("table", msp_improv.TABLES)
def test_msp_improv(tmp_path: Path, table: str) -> None:
    found = msp_improv.load(trees.msp_improv(tmp_path, table=table), DEFAULT_OPTIONS, MSP, 2)
    assert [(utterance.id, utterance.label, utterance.speaker, utterance.session) for utterance in found.utterances][
        :2
    ] == [
        ("MSP-IMPROV-S01A-F01-S-FM00", "angry", "F01", "session1"),
        ("MSP-IMPROV-S01A-F01-S-FM01", "happy", "F01", "session1"),
    ]
    assert [fold.name for fold in make_folds(found).folds] == ["session1", "session2"]


def test_msp_improv_without_a_session_a_sound_and_a_label(tmp_path: Path) -> None:
    trees.msp_improv(tmp_path)
    (tmp_path / "session1" / "S01A" / "S" / "MSP-IMPROV-S01A-F01-S-FM00.wav").unlink()
    trees.tone(tmp_path / "session1" / "MSP-IMPROV-S09A-F01-S-FM00.wav")
    with pytest.raises(UsageError) as error:
        msp_improv.load(tmp_path, DEFAULT_OPTIONS, MSP, 3)
    said = str(error.value)
    assert "no utterances of session3" in said and "angry: 1 instead of 2" in said
    assert "1 label has no audio file: MSP-IMPROV-S01A-F01-S-FM00" in said
    assert "1 audio file has no label: MSP-IMPROV-S09A-F01-S-FM00" in said


def test_emotiontalk(tmp_path: Path) -> None:
    found = emotiontalk.load(trees.emotiontalk(tmp_path), DEFAULT_OPTIONS, {"train": 2, "validation": 2, "test": 2})
    (fold,) = make_folds(found).folds
    assert (fold.train, fold.validation, fold.test) == ((0, 1), (2, 3), (4, 5))
    assert found.utterances[1].speaker == "02" and found.utterances[1].label == "sad"
    with pytest.raises(UsageError, match="parts: train: 2 instead of 15413"):
        datasets.load("emotiontalk", tmp_path)


def test_emotiontalks_own_partition_is_read_and_runs_nothing(tmp_path: Path) -> None:
    trees.emotiontalk(tmp_path, split=False)
    stems = sorted(path.stem for path in tmp_path.rglob("*.wav"))
    parts = {
        key: {name: {"emo": 1, "val": -10} for name in stems[first : first + 2]}
        for first, key in ((0, "train_corpus"), (2, "val_corpus"), (4, "test_corpus"))
    }
    saved: dict[str, Any] = {key: np.array(value) for key, value in parts.items()}
    np.savez_compressed(tmp_path / "mm_label.npz", **saved)
    found = emotiontalk.load(tmp_path, DEFAULT_OPTIONS, {"train": 2, "validation": 2, "test": 2})
    assert [utterance.fold for utterance in found.utterances] == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2

    harmful: dict[str, Any] = {key: np.array(Path("x")) for key in parts}
    np.savez_compressed(tmp_path / "mm_label.npz", **harmful)  # a pickle that names a class which is none of numpy's
    with pytest.raises(UsageError, match="it names pathlib"):
        emotiontalk.load(tmp_path, DEFAULT_OPTIONS)


def test_emotiontalk_without_a_partition_can_be_split_by_speaker(tmp_path: Path) -> None:
    trees.emotiontalk(tmp_path, split=False)
    found = datasets.load("emotiontalk", tmp_path, PARTIAL)
    assert len(make_folds(found, "speaker").folds) == 6
    with pytest.raises(UsageError, match="6 utterances are in no part"):
        make_folds(found)


def test_emotiontalk_from_the_json_of_each_utterance(tmp_path: Path) -> None:
    trees.emotiontalk(tmp_path)
    (tmp_path / "mm.csv").unlink()
    for path in tmp_path.rglob("*.wav"):
        document = {"data": {"A": {"emotion": "sad"}}, "emotion_result": "disgusted", "file_name": f"x/{path.stem}.wav"}
        (tmp_path / f"{path.stem}.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="all 6 utterances have the label 'disgusted'"):
        datasets.load("emotiontalk", tmp_path, PARTIAL)


def test_emobox(tmp_path: Path) -> None:
    found = datasets.load("emobox", trees.emobox(tmp_path))
    assert found.labels == ("Angry", "Neutral") and found.protocol == "given"
    folds = make_folds(found)
    assert [fold.test for fold in folds.folds] == [(2, 3), (0, 1)] and folds.speakers_apart is True
    apart = datasets.load("emobox", tmp_path / "downloads" / "emodb", Options(tmp_path / "data" / "emodb"))
    assert apart.utterances == found.utterances


def test_emobox_without_a_sound(tmp_path: Path) -> None:
    folder = trees.emobox(tmp_path)
    (tmp_path / "downloads" / "emodb" / "wav" / "03a01Wa.wav").unlink()
    with pytest.raises(UsageError, match="1 label has no audio file: emodb-03a01Wa"):
        datasets.load("emobox", folder)
    assert len(datasets.load("emobox", folder, PARTIAL).splits[1].test) == 1


def test_a_table(tmp_path: Path) -> None:
    found = datasets.load("table", trees.table(tmp_path))
    assert found.name == "table" and found.protocol == "speaker" and found.labels == ("glad", "sad")
    assert datasets.load("table", tmp_path, Options(tmp_path / "table.csv")) == found


def test_json_lines_find_their_sound_by_id(tmp_path: Path) -> None:
    trees.iemocap(tmp_path)
    lines = [{"id": name, "sentence": "Excuse me.", "label": label} for name, label in trees.IEMOCAP.items()]
    table = tmp_path / "seed.jsonl"
    table.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = datasets.load("table", table)
    assert {utterance.id: utterance.label for utterance in found.utterances} == trees.IEMOCAP
    assert {utterance.speaker for utterance in found.utterances} == {"Ses01F", "Ses01M"} and found.protocol == "speaker"
    assert "like those of IEMOCAP" in found.warnings[0]


def test_a_table_says_all_its_faults(tmp_path: Path) -> None:
    trees.tone(tmp_path / "a.wav")
    rows = [
        ["a.wav", "glad", "0.1"],
        ["b.wav", "glad", ""],
        ["a.wav", "NaN", ""],
        ["a.wav", "sad", "soon"],
        ["", "x", ""],
    ]
    trees.write_csv(tmp_path / "t.csv", ["path", "label", "start"], rows)
    with pytest.raises(UsageError) as error:
        datasets.load("table", tmp_path / "t.csv")
    assert "has 4 faults" in str(error.value)
    for said in (
        "line 3: no audio file b.wav",
        "line 4: no label",
        "line 5: start is 'soon'",
        "line 6: neither a path",
    ):
        assert said in str(error.value)


def test_a_release_with_labels(tmp_path: Path) -> None:
    root = trees.release(tmp_path / "release")
    rows = [["0001/interviewee/segment_001.wav", "glad"], ["0002/interviewee/segment_002", "sad"]]
    labels = trees.write_csv(tmp_path / "labels.csv", ["segment", "label"], rows)
    found = datasets.load("release", root, Options(labels))
    assert [utterance.speaker for utterance in found.utterances] == ["0001/SPEAKER_00", "0002/SPEAKER_00"]
    assert "counts as several" in found.warnings[0]
    longer = [["0001", "segment_001", "glad", "Ann"], ["0002", "segment_001", "sad", "Bob"]]
    named = trees.write_csv(tmp_path / "named.csv", ["video_id", "segment", "label", "speaker"], longer)
    assert [utterance.speaker for utterance in datasets.load("release", root, Options(named)).utterances] == [
        "Ann",
        "Bob",
    ]
    trees.write_csv(labels, ["segment", "label"], [["0009/interviewee/segment_001", "glad"], [rows[0][0], "nan"]])
    with pytest.raises(UsageError, match=r"line 2: the release has no clip 0009(.|\n)*line 3: 0001.* has no label"):
        datasets.load("release", root, Options(labels))


def test_a_release_that_points_out_of_itself_is_refused(tmp_path: Path) -> None:
    root = trees.release(tmp_path / "release")
    text = (root / "manifest.jsonl").read_text()
    (root / "manifest.jsonl").write_text(text.replace("0001/interviewee/segment_001.wav", "../../secret.wav"))
    labels = trees.write_csv(tmp_path / "labels.csv", ["segment", "label"], [["x", "y"]])
    with pytest.raises(ImigueError, match=r"line 2, interview 0001: its clip is '\.\./\.\./secret\.wav', not"):
        datasets.load("release", root, Options(labels))


@pytest.mark.parametrize("name", datasets.NAMES)
def test_a_root_that_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        datasets.load(name, tmp_path / "nowhere", Options(tmp_path / "labels.csv"))


Harm = Callable[[Path], object]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.write_bytes(b"path,label\n\0"), "is a binary file, not text"),
        (lambda path: path.write_text(""), "is empty"),
        (lambda path: path.write_text("path,label,Label\n"), "column label is there twice"),
        (lambda path: path.write_text('label\n"open'), "not CSV"),
        (lambda path: path.write_text("path,label\na\n"), "line 2: 1 fields where the header has 2"),
        (lambda path: path.write_text("path;label\n"), "columns are separated by semicolons"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, harm: Harm, said: str) -> None:
    harm(tmp_path / "t.csv")
    with pytest.raises(UsageError, match=said):
        datasets.load("table", tmp_path / "t.csv")


def test_an_unknown_dataset_names_the_known() -> None:
    with pytest.raises(UsageError, match=r"there is no dataset 'savee': choose one of emodb, ravdess"):
        datasets.load("savee", Path())


def json_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def rows_of(root: Path) -> list[dict[str, Any]]:
    """Records `{id, sentence, label}` of sounds whose names tell no speaker, with line ends that end no line."""
    trees.table(root, speakers="ab")
    return [
        {"id": path.stem, "sentence": "Yes.\u2028No.\x85", "label": path.stem.split("_")[1], "more": {"x": [1]}}
        for path in sorted(root.glob("*.wav"))
    ]


def test_json_lines_without_speakers_have_random_folds_and_this_is_said(tmp_path: Path) -> None:
    rows = rows_of(tmp_path)
    found = datasets.load("table", json_lines(tmp_path / "t.jsonl", rows))
    assert len(found.utterances) == 8 and found.protocol == "random" and "folds are random" in found.warnings[0]
    assert make_folds(found).speakers_apart is None
    (tmp_path / "t.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    assert datasets.load("table", tmp_path / "t.json").utterances == found.utterances
    suffixed = json_lines(tmp_path / "s.jsonl", [{**row, "id": f"{row['id']}.wav"} for row in rows])
    assert [utterance.path for utterance in datasets.load("table", suffixed).utterances] == [
        utterance.path for utterance in found.utterances
    ]


def test_an_id_of_two_sounds_is_a_fault_and_not_a_guess(tmp_path: Path) -> None:
    table = json_lines(tmp_path / "t.jsonl", rows_of(tmp_path))
    trees.tone(tmp_path / "other" / "a_sad_0.wav")
    with pytest.raises(UsageError, match="line 3: 2 audio files are named a_sad_0"):
        datasets.load("table", table)


def test_a_record_that_no_file_can_hold_is_a_fault(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text('{"id": "a", "label": "\\ud800"}\n{"id": "b"', encoding="utf-8")
    with pytest.raises(UsageError, match="2 faults"):
        datasets.load("table", table)
    long = trees.write_csv(tmp_path / "long.csv", ["path", "label"], [["said " * 200, "glad"]])
    with pytest.raises(UsageError, match="no audio file said"):
        datasets.load("table", long)


def folded(root: Path, folds: dict[str, str]) -> Path:
    """A table of speakers whose utterances have these folds."""
    trees.table(root, speakers="".join(folds))
    rows = [[path.name, path.stem.split("_")[1], path.name[0]] for path in sorted(root.glob("*.wav"))]
    return trees.write_csv(root / "folds.csv", ["path", "label", "speaker", "fold"], [[*r, folds[r[2]]] for r in rows])


def test_parts_are_parts_however_they_are_written(tmp_path: Path) -> None:
    found = datasets.load("table", folded(tmp_path, {"a": "Train", "b": "Dev", "c": "TEST"}))
    assert found.protocol == "official" and {utterance.fold for utterance in found.utterances} == {
        "train",
        "validation",
        "test",
    }
    with pytest.raises(UsageError, match="has parts and other folds: test, train, tset"):
        datasets.load("table", folded(tmp_path, {"a": "train", "b": "tset", "c": "test"}))


def test_a_fold_that_is_missing_changes_no_protocol_in_silence(tmp_path: Path) -> None:
    found = datasets.load("table", folded(tmp_path, {"a": "1", "b": "2", "c": ""}))
    with pytest.raises(UsageError, match="4 utterances have no fold"):
        make_folds(found)
    assert len(make_folds(found, "speaker").folds) == 3


def test_the_labels_of_a_release_name_parts_as_a_table_does(tmp_path: Path) -> None:
    root = trees.release(tmp_path / "release")
    rows = [[f"000{video}/interviewee/segment_00{n}", label, "Train" if video == 1 else "Test"]
            for video in (1, 2) for n, label in ((1, "glad"), (2, "sad"))]  # fmt: skip
    labels = trees.write_csv(tmp_path / "labels.csv", ["segment", "label", "fold"], rows)
    found = datasets.load("release", root, Options(labels))
    assert found.protocol == "official" and [fold.name for fold in make_folds(found).folds] == ["official"]


def test_a_folder_with_one_table_and_paths_as_windows_writes_them(tmp_path: Path) -> None:
    trees.tone(tmp_path / "wav" / "a.wav")
    trees.tone(tmp_path / "wav" / "b.wav")
    rows = [["wav\\a.wav", "glad", "A"], ["wav\\b.wav", "sad", "B"]]
    trees.write_csv(tmp_path / "t.csv", ["path", "label", "speaker"], rows)
    assert len(datasets.load("table", tmp_path).utterances) == 2
    shutil.copy(tmp_path / "t.csv", tmp_path / "again.csv")
    with pytest.raises(UsageError, match="is not a table"):
        datasets.load("table", tmp_path)


def test_a_pipe_in_the_place_of_labels_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    root = trees.release(tmp_path / "release")
    trees.emotiontalk(tmp_path / "talk")
    for name, folder in (("release", root), ("emotiontalk", tmp_path / "talk"), ("table", root)):
        with pytest.raises(UsageError, match="named pipe"):
            datasets.load(name, folder, Options(tmp_path / "pipe"))


def test_iemocap_as_its_archive_unpacks_and_with_suffixes_in_capitals(tmp_path: Path) -> None:
    trees.iemocap(tmp_path / "IEMOCAP_full_release")
    found = datasets.load("iemocap", tmp_path, PARTIAL)
    for path in list(tmp_path.rglob("*.wav")):
        path.rename(path.with_suffix(".WAV"))
    assert [utterance.id for utterance in datasets.load("iemocap", tmp_path, PARTIAL).utterances] == [
        utterance.id for utterance in found.utterances
    ]


def test_msp_improv_says_which_ratings_are_nan(tmp_path: Path) -> None:
    found = datasets.load("msp-improv", trees.msp_improv(tmp_path), PARTIAL)
    assert "8 utterances have ratings that are NaN, and the classes are used" in found.warnings[0]


def test_emotiontalks_other_table_will_do(tmp_path: Path) -> None:
    root = trees.emotiontalk(tmp_path, split=False)
    trees.write_csv(root / "transcription.csv", ["name", "emotion", "chinese"], [
        [path.stem, "happy" if path.stem.endswith("0") else "sad", "好"] for path in root.rglob("*.wav")
    ])  # fmt: skip
    found = datasets.load("emotiontalk", root, Options(root / "transcription.csv", allow_partial=True))
    assert len(found.utterances) == 6


def test_speakers_of_emobox_are_checked_where_the_names_tell_them(tmp_path: Path) -> None:
    folder = trees.emobox(tmp_path)
    path = folder / "fold_1" / "emodb_train_fold_1.json"
    test = next((folder / "fold_1").glob("*test*"))
    moved = json.loads(test.read_text())
    path.write_text(json.dumps(json.loads(path.read_text()) | {"emodb-08a01Wa": moved.pop("emodb-08a01Wa")}))
    test.write_text(json.dumps(moved))
    with pytest.raises(UsageError, match="speakers are in training and test: 08"):
        make_folds(datasets.load("emobox", folder))


def test_a_class_is_written_in_one_way(tmp_path: Path) -> None:
    table = trees.table(tmp_path)
    table.write_text(table.read_text().replace(",glad,a", ",Glad,a"))
    with pytest.raises(UsageError, match="labels that differ only in case: Glad, glad"):
        datasets.load("table", table)


def test_emotiontalk_without_a_partition_says_where_it_would_be(tmp_path: Path) -> None:
    found = datasets.load("emotiontalk", trees.emotiontalk(tmp_path, split=False), PARTIAL)
    with pytest.raises(UsageError, match=r"in no part.*official parts are missing \(a column split, or mm_label.npz\)"):
        make_folds(found)
