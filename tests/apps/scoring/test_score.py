"""A release against a folder of references, and the command that does it."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imigue_build.apps.scoring.score import score
from imigue_build.cli.main import app
from imigue_build.core.errors import ReleaseError
from imigue_build.core.extras import remedy
from tests.apps.scoring.tiny import LabelledSpan, Spoken, rttm, write_json, write_release

SHARED = os.environ.get("IMIGUE_SHARED_DATA")
ASKED, TOLD = "SPEAKER_00", "SPEAKER_01"
WORDS = [(ASKED, 0.1, 0.5, "How"), (ASKED, 0.5, 0.9, "so?"), (TOLD, 2.0, 2.5, "Very"), (TOLD, 2.5, 3.0, "well.")]
TURNS = [(ASKED, 0.0, 1.0), (TOLD, 2.0, 5.0)]
TRUTH = [("kim", 0.1, 0.5, "how"), ("kim", 0.5, 0.9, "so"), ("ann", 2.0, 2.5, "very"), ("ann", 2.5, 3.0, "well")]
TRUE_TURNS = [("kim", 0.0, 1.0), ("ann", 2.0, 5.0)]
TRUE_ROLES = {"kim": "interviewer", "ann": "interviewee"}
MEASURES = ("wer", "der", "der_collar_025", "jer", "word_speaker_accuracy", "role_accuracy")
BOUNDARIES = ("word_boundary", "phone_boundary")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two interviews with the same words."""
    return write_release(tmp_path / "release", {"0001": WORDS, "0002": WORDS}, {"0001": TURNS, "0002": TURNS})


@pytest.fixture
def references(tmp_path: Path) -> Path:
    for name in ("0001", "0002"):
        write_json(tmp_path / "references" / f"{name}.json", TRUTH, TRUE_TURNS, TRUE_ROLES)
    return tmp_path / "references"


def run(*words: object, code: int = 0) -> tuple[str, str]:
    """Standard output and error of `imigue-build score`."""
    done = CliRunner().invoke(app, ["score", *map(str, words)])
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.stdout, done.stderr


def scored(*words: object, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json", code=code)[0])
    return found


def test_all_right(release: Path, references: Path) -> None:
    found = scored(references, release)
    assert [found[name] for name in MEASURES] == [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
    assert found["word_boundary"] == {
        "mean_ms": 0.0,
        "median_ms": 0.0,
        "within_20": 1.0,
        "within_50": 1.0,
        "within_100": 1.0,
        "n": 16,
    }
    assert found["phone_boundary"] is None
    assert list(found["interviews"]) == ["0001", "0002"]
    for item in found["interviews"].values():
        assert item.keys() >= {*MEASURES, *BOUNDARIES, "wer_parts", "cpwer", "der_parts"}
    assert found["missing"] == {"release": [], "reference": []} and found["failed"] == {}


def test_interviews_are_pooled_by_words(release: Path, references: Path) -> None:
    write_json(references / "0002.json", [*TRUTH, *TRUTH, ("ann", 9.0, 9.5, "lost"), ("ann", 9.5, 9.9, "too")])
    found = scored(references, release)
    assert found["interviews"]["0001"]["wer"] == 0.0
    assert found["interviews"]["0002"]["wer"] == pytest.approx(6 / 10)
    assert found["wer"] == pytest.approx(6 / 14, abs=1e-6)
    assert found["interviews"]["0002"]["der"] is None and found["der"] == 0.0


def test_swapped_roles_and_a_third_voice(tmp_path: Path, references: Path) -> None:
    swapped = {ASKED: "interviewee", TOLD: "interviewer"}
    release = write_release(tmp_path / "swapped", {"0001": WORDS}, {"0001": TURNS}, roles=swapped)
    assert scored(references / "0001.json", release)["role_accuracy"] == 0.0
    everybody = {ASKED: "interviewee", TOLD: "interviewee"}
    release = write_release(tmp_path / "one", {"0001": WORDS}, {"0001": TURNS}, roles=everybody)
    found = scored(references / "0001.json", release)
    assert found["role_accuracy"] == 0.5 and found["word_speaker_accuracy"] == 1.0


def test_two_reporters_who_are_one_in_the_release_are_both_reporters(tmp_path: Path, references: Path) -> None:
    release = write_release(tmp_path / "release", {"0001": WORDS}, {"0001": TURNS})
    turns = [("kim", 0.0, 0.6), ("lee", 0.6, 1.0), *TRUE_TURNS[1:]]
    write_json(references / "0001.json", TRUTH, turns, {**TRUE_ROLES, "lee": "interviewer"})
    found = scored(references / "0001.json", release)
    assert found["role_accuracy"] == 1.0
    assert found["der"] == pytest.approx(0.4 / 4)


def test_roles_without_turns_go_by_words(release: Path, references: Path) -> None:
    write_json(references / "0001.json", TRUTH, (), TRUE_ROLES)
    assert scored(references / "0001.json", release)["role_accuracy"] == 1.0


def test_what_has_no_reference_is_null(release: Path, tmp_path: Path) -> None:
    path = tmp_path / "0001.rttm"
    path.write_text(rttm("0001", TRUE_TURNS))
    found = scored(path, release)
    assert found["der"] == found["jer"] == 0.0
    assert {name for name in (*MEASURES, *BOUNDARIES) if found[name] is None} == {
        "wer",
        "word_speaker_accuracy",
        "role_accuracy",
        *BOUNDARIES,
    }
    path = tmp_path / "0001.stm"
    path.write_text("0001 1 kim 0 1 How so\n0001 1 ann 2 3 Very well\n")
    found = scored(path, release)
    assert (found["wer"], found["cpwer"], found["word_speaker_accuracy"]) == (0.0, 0.0, 1.0)
    assert {name for name in (*MEASURES, *BOUNDARIES) if found[name] is None} == {
        "der",
        "der_collar_025",
        "jer",
        "role_accuracy",
        *BOUNDARIES,
    }


def test_phones_fifteen_milliseconds_late(tmp_path: Path) -> None:
    phones: list[LabelledSpan] = [(0.115, 0.315, "HH"), (0.315, 0.515, "AW1")]
    release = write_release(tmp_path / "release", {"0001": WORDS}, {"0001": TURNS}, {"0001": {"interviewer": phones}})
    true: list[Spoken] = [("kim", 0.1, 0.3, "hv"), ("kim", 0.3, 0.5, "aw"), ("ann", 2.0, 2.5, "v")]
    reference = write_json(tmp_path / "0001.json", TRUTH, TRUE_TURNS, TRUE_ROLES, true)
    boundary = scored(reference, release)["phone_boundary"]
    assert (boundary["mean_ms"], boundary["within_20"], boundary["n"]) == (15.0, 1.0, 4)


def test_what_readers_leave_out_of_references_is_said(tmp_path: Path, release: Path) -> None:
    cues = "00:00.100 --> 00:00.900\n<v kim>How so?\n\n00:02.000 --> 00:03.000\n<v ann>Very well.\n"
    (tmp_path / "0001.vtt").write_text(f"WEBVTT\n\nNOTE heard [twice]\n\n{cues}")
    out, said = run(tmp_path / "0001.vtt", release, "--json")
    found = json.loads(out)
    assert found["wer"] == 0 and list(found["warnings"]) == ["0001"]
    assert "NOTE heard [twice]" in found["warnings"]["0001"][0] and "warning: 0001: " in said
    assert "NOTE heard [twice]" in said


def test_an_interview_in_which_nobody_speaks_is_scored(tmp_path: Path, references: Path) -> None:
    release = write_release(tmp_path / "release", {}, {"0001": []})
    found = scored(references / "0001.json", release)
    assert (found["wer"], found["der"], found["role_accuracy"]) == (1.0, 1.0, 0.0)


def test_interviews_on_one_side_are_said(release: Path, references: Path) -> None:
    (references / "0002.json").rename(references / "0003.json")
    output, errors = run(references, release, "--json")
    assert json.loads(output)["missing"] == {"release": ["0003"], "reference": ["0002"]}
    assert "0003" in errors and "0002" in errors and "warning" in errors


def test_an_unreadable_reference_is_named_and_the_others_go_on(release: Path, references: Path) -> None:
    (references / "0001.json").write_text("{")
    output, errors = run(references, release, "--json", code=1)
    found = json.loads(output)
    assert list(found["interviews"]) == ["0002"] and found["wer"] == 0.0
    assert "0001.json is not valid JSON" in found["failed"]["0001"]
    assert "failed: 0001" in errors
    (references / "0002.json").write_text("")
    assert scored(references, release, code=1)["wer"] is None
    assert "0002" in run(references, release, code=1)[1]


def test_one_file_is_the_reference_of_the_only_interview(tmp_path: Path, references: Path) -> None:
    release = write_release(tmp_path / "release", {"demo": WORDS}, {"demo": TURNS})
    assert list(scored(references / "0001.json", release)["interviews"]) == ["demo"]


@pytest.mark.parametrize("wrong", ["reference", "release", "both", "ids"])
def test_wrong_paths(tmp_path: Path, release: Path, references: Path, wrong: str) -> None:
    if wrong == "ids":
        for path in references.iterdir():
            path.rename(references / f"x{path.name}")
    pairs = {
        "reference": (tmp_path / "nowhere", release),
        "release": (references, references),
        "both": (release, references),
        "ids": (references, release),
    }
    output, errors = run(*pairs[wrong], code=2)
    assert output == "" and errors.startswith("error: ")


@pytest.mark.parametrize(
    "line", ["{", "{}", '{"video_id": "../../x", "role": "interviewee", "speaker": "A", "words": []}']
)
def test_a_broken_manifest_is_named_by_its_line(release: Path, references: Path, line: str) -> None:
    with (release / "manifest.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ReleaseError, match="line 9"):
        score(references, release)
    assert "line 9" in run(references, release, code=1)[1]


def test_a_missing_file_of_the_release_fails_its_interview(release: Path, references: Path) -> None:
    (release / "0001" / "0001.rttm").unlink()
    assert "0001.rttm" in scored(references, release, code=1)["failed"]["0001"]


def test_the_table_has_a_row_an_interview_the_pool_and_the_definitions(release: Path, references: Path) -> None:
    output, _ = run(references, release, "--verbose")
    for text in ("0001", "0002", "all", "WER", "hits 4", "wer:", "der:", "role_accuracy:"):
        assert text in output


@pytest.mark.parametrize("library", ["jiwer", "pyannote.metrics"])
def test_a_missing_library_is_named_with_the_remedy(
    release: Path, references: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    output, errors = run(references, release, code=2)
    assert output == "" and errors.startswith(f"error: score needs packages that are not installed ({library}): ")
    assert remedy("score") in errors


@pytest.mark.skipif(not SHARED, reason="IMIGUE_SHARED_DATA is not set: no recordings with references")
def test_references_score_perfectly_against_themselves(tmp_path: Path) -> None:
    assert SHARED
    folder = Path(SHARED) / "interviews"
    words: dict[str, list[Spoken]] = {}
    turns: dict[str, list[tuple[str, float, float]]] = {}
    phones: dict[str, dict[str, list[LabelledSpan]]] = {}
    roles: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text())
        words[path.stem] = [(item["speaker"], item["start"], item["end"], item["word"]) for item in document["words"]]
        turns[path.stem] = [(item["speaker"], item["start"], item["end"]) for item in document["segments"]]
        phones[path.stem] = apart(document["phones"], document["roles"])
        roles |= document["roles"]
    release = write_release(tmp_path / "release", words, turns, phones, roles)
    found = scored(folder, release)
    assert found["wer"] == found["cpwer"] == 0.0
    assert found["word_speaker_accuracy"] == found["role_accuracy"] == 1.0
    assert found["der"] < 1e-3 and found["der_collar_025"] == 0.0 and found["jer"] < 1e-3  # RTTM has whole ms
    assert found["word_boundary"]["mean_ms"] == 0.0
    assert found["phone_boundary"]["within_20"] > 0.99


def apart(phones: list[dict[str, Any]], roles: dict[str, str]) -> dict[str, list[LabelledSpan]]:
    """Phones by role, each cut where the one before it ends."""
    found: dict[str, list[LabelledSpan]] = {}
    for phone in sorted(phones, key=lambda phone: float(phone["start"])):
        own = found.setdefault(roles[phone["speaker"]], [])
        start = max(phone["start"], own[-1][1] if own else 0.0)
        if start < phone["end"]:
            own.append((start, phone["end"], phone["phone"]))
    return found


def test_the_page_has_the_words_side_by_side(tmp_path: Path, references: Path) -> None:
    wrong = [*WORDS[:2], (TOLD, 2.0, 2.5, "<b>Merry"), (TOLD, 2.5, 2.6, "so"), WORDS[3]]
    root = write_release(tmp_path / "wrong", {"0001": wrong, "0002": WORDS}, {"0001": TURNS, "0002": TURNS})
    run(references, root, "--html", tmp_path / "score.html")
    text = (tmp_path / "score.html").read_text()
    assert re.findall(r"<(del|ins)>(.*?)</", text)[2:] == [("del", "very"), ("ins", "merry so")] and "<b>" not in text
    assert "how so" in text and "1 place with other words" in text and "0 places with other words" in text
    assert ">0:02<" in text and "<script" not in text
    _, error = run(references, root, "--html", root / "score.html", code=2)
    assert "lies in a release" in error
