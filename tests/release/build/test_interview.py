"""An interview's folder: clips to the sample, texts line by line, the same bytes again."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imigue_build.config import Export
from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import MediaError
from imigue_build.core.record_json import decode
from imigue_build.core.records import AlignedWord, Alignment, AlignmentQuality, Role, Roles, Span, Turn, Utterance
from imigue_build.core.times import samples_at
from imigue_build.release.build.assemble import assemble
from imigue_build.release.build.manifest import InterviewFacts, segment_of
from imigue_build.release.build.quality import measure
from imigue_build.release.build.segments import Row
from imigue_build.release.build.sound import Sound
from imigue_build.release.build.tools import provenance
from imigue_build.release.build.word_times import role_words
from imigue_build.release.reader.composition import RoleFigures
from imigue_build.release.schema.layout import SAMPLE_RATE
from imigue_build.release.validate.run import validate
from imigue_build.store.workspace import Workspace
from imigue_build.text.normalise import normalise
from tests.release import made


def manifest(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "rows.jsonl").read_bytes().splitlines()]


def samples(path: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, SAMPLE_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return made.write(tmp_path)


def test_clips_are_the_recording_to_the_sample(out: Path) -> None:
    recording = samples(out / "release/0440.wav")
    clips = [row for row in manifest(out) if row["clip"]]
    assert len(clips) == 5
    for row in clips:
        path = out / "release" / row["clip"].removeprefix("0440/")
        first, last = (samples_at(round(row[edge] * 1000), SAMPLE_RATE) for edge in ("start", "end"))
        assert np.array_equal(samples(path), recording[first:last])
        assert path.stat().st_size == 44 + 2 * (last - first)


def test_the_recording_is_linked_not_copied(tmp_path: Path, out: Path) -> None:
    assert (out / "release/0440.wav").samefile(tmp_path / "audio.44k.wav")


def test_texts_have_a_line_per_row(out: Path) -> None:
    rows = manifest(out)
    raw = (out / "release/0440.raw.txt").read_bytes().decode().split("\n")
    asr = (out / "release/0440.asr.txt").read_bytes().decode().split("\n")
    assert raw == [*(row["raw"] for row in rows), ""]
    assert asr == [*(row["asr"] for row in rows), ""]
    assert [row["asr"] for row in rows] == [normalise(row["raw"]) for row in rows]
    for row in rows:
        if row["clip"]:
            folder = out / "release" / row["role"]
            assert (folder / f"{row['segment_id']}.raw.txt").read_text("utf-8") == row["raw"] + "\n"
            assert (folder / f"{row['segment_id']}.asr.txt").read_text("utf-8") == row["asr"] + "\n"


def test_readable_transcript_has_a_line_a_turn(out: Path) -> None:
    assert (out / "release/0440.txt").read_text("utf-8").splitlines() == [
        "[0.400-2.100] INTERVIEWER: How was it?",
        '[2.400-5.900] INTERVIEWEE: 6-4, naïve "great" So.',
        "[5.700-6.900] INTERVIEWER: and now?",
        "[7.200-9.400] INTERVIEWEE: Paris. Maybe.",
    ]


def test_a_manifest_row(out: Path) -> None:
    line = (out / "rows.jsonl").read_bytes().splitlines()[1]
    assert b'"start":2.400,"end":4.100,' in line
    row = json.loads(line)
    assert isinstance(row.pop("snr_db"), float)
    assert row == {
        "video_id": "0440",
        "role": "interviewee",
        "segment_id": "segment_001",
        "speaker": "SPEAKER_01",
        "start": 2.4,
        "end": 4.1,
        "clip": "0440/interviewee/segment_001.wav",
        "raw": '6-4, naïve "great"',
        "asr": normalise('6-4, naïve "great"'),
        "words": [
            {"word": "6-4,", "start": 2.5, "end": 3.0, "aligned": True, "confidence": 0.5},
            {"word": "naïve", "start": 3.0, "end": 3.4, "aligned": True, "confidence": 0.5},
            {"word": '"great"', "start": 3.4, "end": 4.0, "aligned": False, "confidence": None},
        ],
        "asr_confidence": 0.5,
        "role_confidence": 0.945,
        "overlap_s": 0.0,
        "language": "en",
        "aligned": 0.6667,
        "clipping": 0.0,
        "words_per_second": 2.0,
        "alignment": None,
        "flags": [],
    }


def test_overlap_that_the_diarizer_cannot_detect_is_null() -> None:
    spoken = Utterance(0.0, 1.0, "S", (made.word(0.0, 1.0, "a"),))
    words = role_words(Alignment("en", (spoken,)), Roles({}, 1.0, "", {}), "interviewer", 1000)
    row_of_all = Row(0, 1000, "S", "interviewer", None, 0, tuple(words))
    sound = Sound(np.ones(SAMPLE_RATE, dtype=np.int16))
    assert measure(row_of_all, sound, None).overlap_s == 0
    assert measure(row_of_all, sound, None, detects_overlap=False).overlap_s is None


def test_flags_and_quality_of_a_row_are_those_of_its_words() -> None:
    asr = AlignedWord(0.0, 1.0, "a", flags=("compression",), aligned=True)
    fine = Utterance(0.0, 1.0, "S", (asr,), AlignmentQuality(log_likelihood=-1.0, fit=-2.0))
    wide = Utterance(
        1.0, 3.0, "S", (made.word(1.0, 2.0, "b"), made.word(2.0, 3.0, "c")), AlignmentQuality(-4.0), ("wide_beam",)
    )
    words = role_words(Alignment("en", (fine, wide)), Roles({}, 1.0, "", {}), "interviewer", 3000)
    row_of_all = Row(0, 3000, "S", "interviewer", None, 0, tuple(words))
    quality = measure(row_of_all, Sound(np.ones(3 * SAMPLE_RATE, dtype=np.int16)), None)
    row = segment_of("1", row_of_all, "a b c", 1.0, quality, "en")
    assert row.flags == ("compression", "wide_beam")
    assert row.alignment == {"log_likelihood": -3.0, "fit": -2.0}


def test_overlapped_words_are_rows_without_a_clip(out: Path) -> None:
    rows = [row for row in manifest(out) if row["clip"] is None]
    assert [(row["raw"], row["segment_id"], row["overlap_s"]) for row in rows] == [
        ("So.", None, 0.3),
        ("and", None, 0.2),
    ]


def test_rttm_holds_overlapping_turns(out: Path) -> None:
    assert (out / "release/0440.rttm").read_text("utf-8").splitlines()[1:3] == [
        "SPEAKER 0440 1 2.300 3.700 <NA> <NA> SPEAKER_01 <NA> <NA>",
        "SPEAKER 0440 1 5.600 1.300 <NA> <NA> SPEAKER_00 <NA> <NA>",
    ]


def test_facts(out: Path) -> None:
    facts = decode((out / "facts.json").read_bytes(), InterviewFacts)
    assert (facts.video_id, facts.duration, facts.overlap) == ("0440", 10.012, 0.4)
    assert (facts.cased, facts.punctuated, facts.asr_confidence) == (True, True, 0.5)
    assert facts.roles["interviewee"] == RoleFigures(1, 5.9, 3, 3.1, 6, 5, 1)
    assert facts.roles["interviewer"] == RoleFigures(1, 3.0, 2, 2.5, 5, 4, 0)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, out: Path) -> None:
    (tmp_path / "again").mkdir()
    again = made.write(tmp_path / "again")
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((out / path).read_bytes() == (again / path).read_bytes() for path in files)


def test_nothing_said_makes_an_empty_interview(tmp_path: Path) -> None:
    out = made.write(tmp_path, alignment=Alignment("en", ()))
    assert manifest(out) == []
    assert (out / "release/0440.raw.txt").read_bytes() == b""
    assert decode((out / "facts.json").read_bytes(), InterviewFacts).asr_confidence is None


def test_recording_without_sound(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="0440 holds no sound"):
        made.write(tmp_path, seconds=0)


def test_provenance_names_its_tools() -> None:
    assert {"praatio", "pydub", "numpy"} <= provenance().tools.keys()


class TestSnr:
    def sound(self, tmp_path: Path, seconds: float = 6.0) -> Sound:
        return Sound(samples(made.wav(tmp_path / "a.wav", seconds, [Span(2.0, 4.0)])))

    def row(self, start: int, end: int) -> Any:
        from imigue_build.release.build.segments import Row
        from imigue_build.release.build.word_times import RowWord

        word = RowWord(start, end, "SPEAKER_00", "a", True, None, ())
        return Row(start, end, "SPEAKER_00", "interviewee", None, 0, (word,))

    def test_speech_over_noise(self, tmp_path: Path) -> None:
        sound = self.sound(tmp_path)
        noise = sound.noise([Span(2.0, 4.0)])
        assert noise == pytest.approx(100, rel=0.05)
        expected = 10 * np.log10(3000**2 / 2 / 100)
        assert sound.snr_db(self.row(2100, 3900), noise) == pytest.approx(expected, abs=0.3)

    def test_a_row_of_noise_is_far_down_but_finite(self, tmp_path: Path) -> None:
        sound = self.sound(tmp_path)
        ratio = sound.snr_db(self.row(4500, 4510), sound.noise([Span(2.0, 4.0)]))
        assert ratio is not None
        assert -20 <= ratio < 0

    def test_unknown_where_speech_is_everywhere(self, tmp_path: Path) -> None:
        sound = self.sound(tmp_path)
        assert sound.noise([Span(0.0, 5.5)]) is None
        assert sound.snr_db(self.row(2100, 3900), None) is None

    def test_digital_silence_is_as_loud_as_rounding(self) -> None:
        assert Sound(np.zeros(SAMPLE_RATE, dtype=np.int16)).noise([]) == pytest.approx(1 / 12)


def speech(turns: list[tuple[int, int, int]], words: list[tuple[int, int, str, int]]) -> tuple[list[Turn], Alignment]:
    """Turns with speakers named by first appearance, and words of any of them in any order."""
    ordered = sorted(turns)
    names: dict[int, str] = {}
    for _, _, who in ordered:
        names.setdefault(who, f"SPEAKER_{len(names):02d}")
    known = list(names.values())
    made_up = [Turn(start / 1000, min(start + length, 3000) / 1000, names[who]) for start, length, who in ordered]
    found = list(from_turns(made_up).turns)  # as every diarization has them: those of one speaker do not overlap
    utterances = [
        Utterance(
            start / 1000, (start + length) / 1000, speaker, (made.word(start / 1000, (start + length) / 1000, text),)
        )
        for start, length, text, who in words
        for speaker in [known[who % len(known)]]
    ]
    return found, Alignment("en", tuple(utterances))


turns = st.lists(st.tuples(st.integers(0, 2900), st.integers(20, 1500), st.integers(0, 2)), min_size=1, max_size=6)
words = st.lists(
    st.tuples(
        st.integers(0, 3100),
        st.integers(0, 700),
        st.sampled_from(["yes", "No.", '"so"?', "6-4", "naïve", "...", "it's"]),
        st.integers(0, 2),
    ),
    max_size=14,
)


@given(turns, words, st.sampled_from([0.3, 30.0]), st.sampled_from([0.0, 0.1]), st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_in_the_release_is_valid(
    tmp_path_factory: pytest.TempPathFactory,
    spoken: list[tuple[int, int, int]],
    utterances: list[tuple[int, int, str, int]],
    longest: float,
    pad: float,
    overlap: bool,
) -> None:
    found, alignment = speech(spoken, utterances)
    export = Export(max_segment=longest, pad=pad, clip_overlap=overlap)
    root = tmp_path_factory.mktemp("any")
    work = Workspace(root / "work")
    work.prepare()
    made.publish(work, "0001", alignment=alignment, turns=found, settings=export, seconds=3.0007)
    assemble(work, ["0001"], {}, root / "release")
    assert validate(root / "release") == []


def test_roles_come_from_the_record_not_from_the_times(tmp_path: Path) -> None:
    who: dict[str, Role] = {"SPEAKER_00": "interviewee", "SPEAKER_01": "interviewer"}
    out = made.write(tmp_path, roles=Roles(who, 1.0, "set by hand", {}))
    assert manifest(out)[0]["role"] == "interviewee"
