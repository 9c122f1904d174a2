"""The align stage with MFA's stand-in: several interviews at once, each with its own outcome."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core.record_json import encode
from imigue_build.core.records import Alignment, Diarization, Record, Transcript, TranscriptSegment, Turn, Word
from imigue_build.engine.stage import Done, Failed, Task
from imigue_build.stages.align import AlignStage
from imigue_build.stages.common import ALIGNMENT, AUDIO, DIARIZATION, TRANSCRIPT, read_record
from tests.backends.alignment.mfa_fake import HOPELESS, FakeMfa, installed, recording, utterance


@pytest.fixture
def mfa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMfa:
    fake = installed(tmp_path)
    monkeypatch.setenv("FAKE_MFA_LOG", str(fake.log))
    monkeypatch.setenv("FAKE_MFA_HOPELESS", "OY1")
    return fake


def interview(folder: Path, video_id: str, *texts: str) -> Task:
    """An interview in which two people take turns, two seconds each."""
    own = folder / video_id
    own.mkdir()
    said = [utterance(text, 2.0 * at + 0.5, 2.0 * at + 1.5, f"SPEAKER_0{at % 2}") for at, text in enumerate(texts)]
    words = tuple(Word(word.start, word.end, word.word) for one in said for word in one.words)
    turns = tuple(Turn(one.start, one.end, one.speaker) for one in said)
    records: dict[str, Record] = {
        TRANSCRIPT: Transcript("en", (TranscriptSegment(words[0].start, words[-1].end, words),)),
        DIARIZATION: Diarization(turns, turns, (), (), ()),
    }
    for name, record in records.items():
        (own / name).write_bytes(encode(record))
    with wave.open(str(own / "audio.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(recording(*said).tobytes())
    inputs = {AUDIO: own / "audio.wav", f"transcribe/{TRANSCRIPT}": own / TRANSCRIPT}
    return Task(video_id, inputs | {f"speakers/{DIARIZATION}": own / DIARIZATION}, own)


def test_a_batch_is_one_run_and_each_interview_has_its_outcome(
    mfa: FakeMfa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_MFA_CORRUPT", "i0002.wav")
    stage = AlignStage(mfa.config(interviews=3))
    assert stage.batch == 3
    tasks = [
        interview(tmp_path, "0001", "we played", "hello"),
        interview(tmp_path, "0002", "hello"),
        interview(tmp_path, "0003", "we played", HOPELESS, "6-4, uh-huh"),
    ]
    first, second, third = stage.open().run(tasks)
    assert first == Done(10.0)
    assert isinstance(second, Failed) and "Format not recognised" in second.reason
    assert isinstance(third, Done)
    assert third.warnings == ("1 of 3 utterances could not be aligned and keep the ASR's times: 2.5-3.5 s",)
    found = read_record(tmp_path / "0003" / ALIGNMENT, Alignment)
    assert [word.word for one in found.utterances for word in one.words] == ["we", "played", HOPELESS, "6-4,", "uh-huh"]


def test_a_run_without_mfa_says_what_to_install(mfa: FakeMfa, tmp_path: Path) -> None:
    stage = AlignStage(mfa.config(launcher=("no-such-mfa",)))
    (outcome,) = stage.open().run([interview(tmp_path, "0001", "hello")])
    assert isinstance(outcome, Failed)
    assert "conda env create -f configs/mfa-environment.yml" in outcome.reason


def test_how_mfa_is_run_is_no_part_of_the_results_identity(mfa: FakeMfa) -> None:
    one = AlignStage(mfa.config()).settings()
    assert one == AlignStage(mfa.config(launcher=("conda", "run"), jobs=8, interviews=1, timeout=1.0)).settings()
    assert one != AlignStage(mfa.config(beam=11)).settings()
