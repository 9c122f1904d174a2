"""Corrections of an interview: what fits is written, what does not is refused with what is nearest; undone, listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imigue_build.cli.main import app
from imigue_build.core.errors import AnnotationError, UsageError
from imigue_build.corpus import overrides
from imigue_build.pipeline.override import Changes, correct, listed, lost
from imigue_build.pipeline.prepare import _check_overrides
from imigue_build.store.workspace import Workspace
from tests.pipeline.override.making import A, B, add, workspace

WORD = Changes(words=((10.75, "Jokovic", "Djokovic"),))

SEVERAL = Changes(words=((10.75, "jokovic", "Djokovic"), (0.7, "how", "How")), drop=((1, 2),))


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return workspace(tmp_path / "work", "0440", "0441")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "overrides"


def texts(folder: Path, video_id: str = "0440") -> list[str]:
    path = overrides.find(folder, video_id)
    return [entry.text for entry in overrides.entries(overrides.read(path))] if path else []


def test_several_corrections_in_one_command(work: Workspace, folder: Path) -> None:
    done = correct(
        work, folder, "0440", Changes(words=((10.75, "jokovic", "Djokovic"), (0.7, "how", "How")), drop=((1, 2),))
    )
    assert [fix.applied for fix in done.corrections] == [True, True, True] and done.removed == ()
    assert done.runs_again == ("align", "export")
    assert texts(folder) == list(done.added) == [fix.text for fix in done.corrections]
    again = correct(work, folder, "0440", Changes(drop=((1, 2),)))
    assert (again.added, again.removed, again.runs_again) == ((), (), ())


@pytest.mark.parametrize(
    ("changes", "stages"),
    [
        (Changes(num_speakers=2), ("diarize", "speakers", "align", "export")),
        (Changes(merge=((1.0, 7.0),)), ("speakers", "align", "export")),
        (Changes(speakers=((6.0, 7.0, 1.0),)), ("speakers", "align", "export")),
        (WORD, ("align", "export")),
        (Changes(swap_roles=True), ("speakers", "export")),
        (Changes(drop=((1.0, 2.0),)), ("export",)),
    ],
)
def test_a_dry_run_says_which_stages_run_again_and_writes_nothing(
    changes: Changes, stages: tuple[str, ...], work: Workspace, folder: Path
) -> None:
    done = correct(work, folder, "0440", changes, dry_run=True)
    assert done.added and done.runs_again == stages and not folder.exists()
    assert all(stage in {"diarize", "speakers", "align", "export"} for stage in done.runs_again)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes(words=((10.75, "Jokowitsch", "x"),)), "the nearest word is 'Jokovic' at 10.75 s"),
        (Changes(words=((2.7, "Jokovic", "x"),)), "the nearest word is 'was' at 2.75 s; 'Jokovic' is at 10.75 s"),
        (Changes(interviewee=11.5), "nobody speaks at 11.5 s: the nearest is SPEAKER_00, from 12.00 to 20.00 s"),
        (Changes(interviewer=("SPEAKER_07",)), "there is no SPEAKER_07: the speakers are SPEAKER_00, SPEAKER_01"),
        (Changes(merge=((1.0, 5.6),)), "nobody speaks at 5.6 s: the nearest is SPEAKER_01, from 6.00 to 10.00 s"),
        (Changes(speakers=((7.0, 8.0, "SPEAKER_02"),)), "there is no SPEAKER_02"),
        (Changes(speakers=((70.0, 80.0, 1.0),)), "the recording ends at 20.0 s"),
        (Changes(drop=((30.0, 31.0),)), "the recording ends at 20.0 s"),
    ],
)
def test_what_fits_nothing_is_refused_with_what_is_nearest(
    changes: Changes, said: str, work: Workspace, folder: Path
) -> None:
    with pytest.raises(UsageError) as raised:
        correct(work, folder, "0440", changes)
    assert said in str(raised.value) and "--keep-anyway" in str(raised.value) and not folder.exists()
    kept = correct(work, folder, "0440", changes, keep_anyway=True)
    assert [fix.applied for fix in kept.corrections] == [False] and len(texts(folder)) == 1
    correct(work, folder, "0440", WORD)  # what was kept is in no later correction's way


def test_the_wrong_interview_is_told(work: Workspace, folder: Path) -> None:
    add(work, "0442", words=("we", "met", "in", "Paris"))
    with pytest.raises(UsageError, match="interview 0442 has it at that time"):
        correct(work, folder, "0440", Changes(words=((6.7, "Paris", "x"),)))
    with pytest.raises(UsageError, match="has no interview 044: perhaps 0442"):
        correct(work, folder, "044", WORD)


def test_a_word_that_the_aligner_moved_is_found_at_its_time_in_the_release(work: Workspace, folder: Path) -> None:
    add(work, "0440", later=1.5)
    done = correct(work, folder, "0440", Changes(words=((12.25, "Jokovic", "Djokovic"), (2.75, "was", "is"))))
    assert done.added == ("word 'Jokovic' at 10.75 s is 'Djokovic'", "word 'was' at 2.75 s is 'is'")
    add(work, "0440", words=("so", "so", "it", "so"), later=0.9)
    assert correct(work, folder, "0440", Changes(words=((7.65, "so", "x"),))).added[0] == "word 'so' at 7.65 s is 'x'"


def test_the_last_command_is_taken_back_and_the_one_before(work: Workspace, folder: Path) -> None:
    correct(work, folder, "0440", WORD)
    first = (folder / "0440.yaml").read_text()
    correct(work, folder, "0440", Changes(drop=((1.0, 2.0), (3.0, 4.0))))
    undone = correct(work, folder, "0440", Changes(undo=("last",)))
    assert len(undone.removed) == 2 and undone.runs_again == ("export",)
    assert (folder / "0440.yaml").read_text() == first
    correct(work, folder, "0440", Changes(undo=("last",)))
    assert not (folder / "0440.yaml").exists()
    with pytest.raises(UsageError, match="no command is known"):
        correct(work, folder, "0440", Changes(undo=("last",)))


def test_what_was_changed_by_hand_since_is_not_taken_back(work: Workspace, folder: Path) -> None:
    correct(work, folder, "0440", WORD)
    path = folder / "0440.yaml"
    path.write_text(path.read_text() + "# heard twice\n")
    with pytest.raises(UsageError, match="changed by hand since"):
        correct(work, folder, "0440", Changes(undo=("last",)))


def test_single_corrections_are_taken_away_by_number_or_text(work: Workspace, folder: Path) -> None:
    correct(work, folder, "0440", SEVERAL)
    path = folder / "0440.yaml"
    path.write_text(path.read_text().replace("drop:", "# it rings\ndrop:"))
    correct(work, folder, "0440", Changes(undo=("1", "word 'how' at 0.7 s is 'How'"), num_speakers=2))
    assert texts(folder) == ["there are 2 speakers", "1-2 s goes into no clip (dropped by a person)"]
    assert "# it rings" in path.read_text()
    for name, why in (("9", "it has 1 to 2"), ("there are 3 speakers", "perhaps 'there are 2 speakers'")):
        with pytest.raises(UsageError, match=why):
            correct(work, folder, "0440", Changes(undo=(name,)))


def test_a_file_put_there_by_hand_is_taken_as_it_is(work: Workspace, folder: Path) -> None:
    folder.mkdir()
    (folder / "0440.yaml").write_text("# mine\nwords: [{at: 10.75, was: Jokovic, now: Djokovic}]\n")
    correct(work, folder, "0440", Changes(num_speakers=2))
    assert texts(folder)[1] == "word 'Jokovic' at 10.75 s is 'Djokovic'" and len(texts(folder)) == 2
    assert "# mine" in (folder / "0440.yaml").read_text()


@pytest.mark.parametrize("name", ["440.yaml", "0440.yml", "0440 (1).yaml", "0440 copy.yaml"])
def test_two_files_of_one_interview_are_refused(name: str, work: Workspace, folder: Path) -> None:
    correct(work, folder, "0440", WORD)
    (folder / name).write_text("num_speakers: 2\n")
    unusable, warnings = _check_overrides(folder, {"0440"})
    assert f"{name} corrects 0440 as well" in unusable["0440"] and len(warnings) == 1
    with pytest.raises(UsageError, match="is of interview 0440, too"):
        correct(work, folder, "0440", Changes(num_speakers=2))
    (folder / name).unlink()
    (folder / "0440-copy.yaml").write_text("num_speakers: 2\n")
    assert _check_overrides(folder, {"0440", "0440-copy"}) == ({}, [])


def test_all_corrections_are_listed_with_what_is_lost(work: Workspace, folder: Path) -> None:
    correct(work, folder, "0440", WORD)
    correct(work, folder, "0441", Changes(drop=((1.0, 2.0),), interviewee=1.0))
    (folder / "0442.yaml").write_text("num_speakers: 2\n")
    add(work, "0440", words=("how", "was", "it", "hard", "against", "Đoković"))
    found, failed = listed(work, folder)
    assert [(one.video_id, one.correction.number, one.correction.applied) for one in found] == [
        ("0440", 1, False),
        ("0441", 1, True),
        ("0441", 2, True),
    ]
    assert "the nearest word is 'Đoković'" in found[0].nearest and list(failed) == ["0442.yaml"]
    assert lost(work, folder) == {"0440": ("word 'Jokovic' at 10.75 s is 'Djokovic'",)}
    assert lost(work, folder, ["0441"]) == {} and lost(work, None) == {}
    assert [one.video_id for one in listed(work, folder, ["0441"])[0]] == ["0441", "0441"]


def test_nothing_corrected_yet_is_no_error_but_a_folder_that_was_named_is_there(
    work: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert listed(work, Path("overrides")) == ([], {})
    with pytest.raises(UsageError, match="does not exist"):
        listed(work, folder)


def test_a_broken_file_is_named_and_the_others_listed(work: Workspace, folder: Path) -> None:
    correct(work, folder, "0441", WORD)
    (folder / "0440.yaml").write_text("words: 1\n")
    found, failed = listed(work, folder)
    assert [one.video_id for one in found] == ["0441"] and "0440.yaml, line 1" in failed["0440.yaml"]
    assert lost(work, folder) == {}
    with pytest.raises(AnnotationError):
        correct(work, folder, "0440", WORD)


def json_of(*words: str, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["override", *words, "--json"])
    assert done.exit_code == code, done.output
    found = json.loads(done.stdout) if done.stdout else {}
    assert isinstance(found, dict)
    return found


def test_the_command_line(work: Workspace, folder: Path) -> None:
    places = ["--work", str(work.root), "--overrides", str(folder)]
    tried = json_of("440", *places, "--word=10.75:Jokovic:Djokovic", "--speaker", "6-7:1", "--dry-run")
    assert (tried["written"], tried["runs_again"]) == (False, ["speakers", "align", "export"]) and not folder.exists()
    assert json_of("440", *places, "--word=10.75:Jokovic:Jokovic")["written"] is True
    assert json_of("440", *places, "--merge", "1,7")["written"] is True
    assert json_of("440", *places, "--undo")["removed"] == ["voices at 1 s, at 7 s are one"]
    assert json_of("--undo", "1", *places, "440")["removed"] == ["word 'Jokovic' at 10.75 s is 'Jokovic'"]
    assert json_of("--undo", *places, "440")["added"] == ["word 'Jokovic' at 10.75 s is 'Jokovic'"]
    rows = json_of("--list", *places)["corrections"]
    assert [(row["video_id"], row["number"], row["kind"], row["applied"]) for row in rows] == [
        ("0440", 1, "words", True)
    ]
    assert json_of("440", *places, "--word=10.75:x:y", code=2) == {}
    assert json_of("440", *places, "--word=10.75:x:y", "--keep-anyway")["corrections"][1]["applied"] is False
    assert json_of("440", *places, "--list", "--drop=1-2", code=2) == json_of(*places, "--drop=1-2", code=2) == {}


def test_a_swap_names_both_voices(work: Workspace, folder: Path) -> None:
    correct(work, folder, "0440", Changes(swap_roles=True))
    assert texts(folder) == ["voice at 16 s is interviewer", "voice at 8 s is interviewee"]
    assert (A, B) == ("SPEAKER_00", "SPEAKER_01")
