"""The stage speakers: corrections of who speaks are applied once, in files that later stages depend on apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

import imigue_build
from imigue_build.config import RolesRule
from imigue_build.core.diarization import from_turns
from imigue_build.core.record_json import decode, encode
from imigue_build.core.records import Correction, Diarization, Roles, Transcript, TranscriptSegment, Turn, Word
from imigue_build.corpus import Players
from imigue_build.engine.stage import Done, Failed, Outcome, Task
from imigue_build.stages.speakers import SpeakersStage

A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
FOUND = from_turns([Turn(0.0, 5.0, "a"), Turn(4.0, 30.0, "b"), Turn(31.0, 33.0, "c")])
SWAP = "roles:\n- {voice: 1.0, role: interviewee}\n"
NAMED = from_turns([Turn(0.0, 5.0, "a"), Turn(4.0, 30.0, "b")], names={"a": "Rafael Nadal", "b": "Jane Doe"})
TEXT = Transcript("en", (TranscriptSegment(0.0, 1.0, (Word(0.0, 1.0, "so"),)),))
MERGE = "merge_speakers:\n- [1.0, 32.0]\n"


class Case:
    """An interview with a diarization."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stage = SpeakersStage(RolesRule(), root)

    def of(self, player: str, follow_names: bool = True) -> Case:
        """The same with labels that name the player."""
        players = Players(self.root / "labels.csv", {"0440": player})
        self.stage = SpeakersStage(RolesRule(follow_names=follow_names), self.root, players)
        return self

    def run(self, corrections: str = "", diarization: Diarization = FOUND, transcript: Transcript = TEXT) -> Outcome:
        (self.root / "0440.yaml").write_text(corrections or "comment: none\n")
        (self.root / "found.json").write_bytes(encode(diarization))
        given = {name: file.path for name, file in self.stage.given("0440").items()}
        (self.root / "text.json").write_bytes(encode(transcript))
        artifacts = zip(self.stage.inputs, (self.root / "found.json", self.root / "text.json"), strict=True)
        task = Task("0440", {**dict(artifacts), **given}, self.root)
        (outcome,) = self.stage.run([task])
        return outcome

    def files(self) -> tuple[bytes, bytes]:
        return (self.root / "diarization.json").read_bytes(), (self.root / "roles.json").read_bytes()

    def records(self) -> tuple[Diarization, Roles]:
        diarization, roles = self.files()
        return decode(diarization, Diarization), decode(roles, Roles)

    def key(self, corrections: str) -> object:
        """What the stage's result depends on of the corrections."""
        (self.root / "0440.yaml").write_text(corrections)
        return {name: file.sha256 for name, file in self.stage.given("0440").items()}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_without_corrections_the_diarization_is_passed_on(case: Case) -> None:
    assert case.run() == Done(0.0)
    diarization, roles = case.records()
    assert diarization == FOUND
    assert roles.roles == {A: "interviewer", B: "interviewee", C: "interviewer"}


def test_a_corrected_role_changes_the_roles_alone(case: Case) -> None:
    case.run()
    before = case.files()
    assert case.run(SWAP) == Done(0.0)
    after = case.files()
    assert after[0] == before[0] and after[1] != before[1]
    roles = case.records()[1]
    assert (roles.roles[A], roles.roles[B], roles.confidence) == ("interviewee", "interviewer", 1.0)


def test_a_merge_changes_both(case: Case) -> None:
    assert case.run(MERGE + SWAP) == Done(0.0)
    diarization, roles = case.records()
    assert [(speaker.speaker, speaker.seconds) for speaker in diarization.speakers] == [(A, 7.0), (B, 26.0)]
    assert roles.roles == {A: "interviewee", B: "interviewer"}
    assert roles.seconds == {A: 7.0, B: 26.0}
    assert [(fix.kind, fix.applied) for fix in roles.corrections] == [("merge_speakers", True), ("roles", True)]


def test_a_merge_that_fits_nothing_leaves_the_diarization_as_it_is_and_is_reported(case: Case) -> None:
    outcome = case.run("merge_speakers:\n- [1.0, 30.5]\n")
    assert isinstance(outcome, Done) and "no longer fits" in outcome.warnings[0]
    diarization, roles = case.records()
    assert diarization == FOUND
    assert [fix.applied for fix in roles.corrections] == [False]


def test_the_number_of_speakers_that_a_person_gave_is_passed_on_and_reported_by_diarize(case: Case) -> None:
    unmet = (Correction("num_speakers", "there are 2 speakers", False),)
    assert case.run(MERGE, replace(FOUND, corrections=unmet)) == Done(0.0)
    assert case.records()[0].corrections == unmet


def test_one_speaker_alone_is_a_warning_also_after_a_merge(case: Case) -> None:
    outcome = case.run("merge_speakers:\n- [1.0, 20.0, 32.0]\n")
    assert isinstance(outcome, Done) and "only one speaker was found" in outcome.warnings[0]


def test_no_speaker_fails_the_interview(case: Case) -> None:
    assert isinstance(case.run(diarization=from_turns([])), Failed)


def test_it_depends_on_merges_and_roles_alone(case: Case) -> None:
    nothing = case.key("comment: x\n")
    others = "num_speakers: 2\ndrop:\n- {start: 1, end: 2}\nwords:\n- {at: 1, was: a, now: b}\n"
    assert case.key(others) == nothing
    assert case.key(SWAP) != nothing and case.key(MERGE) != nothing


def test_names_in_the_transcript_make_the_roles_and_a_contradiction_is_a_warning(case: Case) -> None:
    said = (("Q", Word(4.0, 28.0, "so")), ("A", Word(0.0, 4.5, "yes")))
    text = Transcript("en", tuple(TranscriptSegment(w.start, w.end, (w,), speaker=name) for name, w in said))
    outcome = case.run(diarization=NAMED, transcript=text)
    assert isinstance(outcome, Done) and len(outcome.warnings) == 1
    assert (
        "the file names the roles: SPEAKER_00 ('A') is the interviewee, though SPEAKER_01 ('Q')" in outcome.warnings[0]
    )
    assert case.records()[1].roles == {A: "interviewee", B: "interviewer"}


def test_a_person_beats_names_and_ends_the_doubt(case: Case) -> None:
    assert case.of("Nadal").run("roles:\n- {voice: 20.0, role: interviewee}\n", NAMED) == Done(0.0)
    roles = case.records()[1]
    assert roles.roles == {A: "interviewer", B: "interviewee"} and roles.by_person
    assert (roles.confidence, roles.reasons) == (1.0, ())


def test_the_players_name_in_the_labels_makes_the_roles_unless_names_are_not_followed(case: Case) -> None:
    case.of("Nadal, Rafael").run(diarization=NAMED)
    assert case.records()[1].roles == {A: "interviewee", B: "interviewer"}
    assert case.of("Nadal, Rafael", follow_names=False).run(diarization=NAMED) == Done(0.0)
    assert case.records()[1].roles == {A: "interviewer", B: "interviewee"}


def test_it_depends_on_the_players_name_alone_of_the_labels(case: Case) -> None:
    without = case.key("comment: x\n")
    nadal = case.of("Nadal").key("comment: x\n")
    assert nadal != without and nadal != case.of("Federer").key("comment: x\n")
    assert case.of("Nadal", follow_names=False).key("comment: x\n") == without


def test_voices_that_are_one_keep_a_name(case: Case) -> None:
    case.run("merge_speakers:\n- [1.0, 20.0]\n", NAMED)
    assert [speaker.name for speaker in case.records()[0].speakers] == ["Jane Doe"]


def test_no_other_module_merges_speakers() -> None:
    """`pipeline.override` checks with the same function which corrections fit."""
    root = Path(imigue_build.__file__).parent
    callers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "merge_speakers(" in path.read_text() or "correct_turns(" in path.read_text()
    }
    assert callers == {"corpus/overrides/apply.py", "pipeline/override/fits.py", "stages/speakers.py"}
