"""The contract of all backends of a task, as suites of tests: a test class inherits one and gives it its backend.

Backends of this package, of other wheels and test doubles pass the same suites. The author of another wheel runs them
from a checkout of imigue-build, which pytest finds by `PYTHONPATH=CHECKOUT` (`tests/outside_wheel` is an example):

    from tests.contract.suites import TranscriberContract, demo_audio  # a fixture; also Diarizer- and AlignerContract

    class TestMine(TranscriberContract):
        spec = SPEC

        @pytest.fixture(scope="class")
        @classmethod
        def backend(cls) -> Transcriber:
            return MyTranscriber(MyTranscribe(backend="mine"))

`tolerance` is how many seconds batching may move a time by, on a GPU for instance. Recordings are cuts of the demo
interview: `early` and `late`, with two voices each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from imigue_build.backends.base import SAMPLE_RATE, Aligner, AlignmentTask, AudioTask, Backend, Diarizer, Transcriber
from imigue_build.backends.media.ffmpeg import decode
from imigue_build.backends.spec import BackendSpec
from imigue_build.config import Extract
from imigue_build.core import intervals
from imigue_build.core.errors import ImigueError
from imigue_build.core.record_json import decode as read
from imigue_build.core.record_json import encode
from imigue_build.core.records import AlignedWord, Diarization, Provenance, Transcript, Utterance
from imigue_build.core.wav import read_wav
from imigue_build.pipeline.demo import DEMO

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

EARLY, LATE = (0.0, 9.6), (63.5, 69.5)
"""Seconds of the demo interview."""


@pytest.fixture(scope="session")
def demo_audio(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """The demo interview as backends get it; (samples,) at 16 kHz."""
    folder = tmp_path_factory.mktemp("demo")
    decode(DEMO / "demo.mp4", folder / "44.wav", folder / "16.wav", Extract())
    return read_wav(folder / "16.wav")


def cut(audio: Samples, span: tuple[float, float]) -> Samples:
    return audio[int(span[0] * SAMPLE_RATE) : int(span[1] * SAMPLE_RATE)]


class _Described:
    """What a backend says of itself. A class gives `backend`, and `spec` where it has one."""

    tolerance: ClassVar[float] = 0.0
    """Seconds that batching may move a time by."""
    spec: ClassVar[BackendSpec[Any] | None] = None
    """The backend's description."""

    def test_it_says_which_tools_and_models_answer(self, backend: Backend) -> None:
        found = backend.provenance()
        assert found.tools and all(found.tools.values())
        assert found == backend.provenance()
        assert read(encode(found), Provenance) == found
        assert all(model.revision and (model.sha256 is None or len(model.sha256) == 64) for model in found.models)
        assert not any(model.name.startswith("/") for model in found.models)
        if self.spec is not None:
            assert set(found.tools) <= set(self.spec.tools)
            names = self.spec.model_names
            assert all(any(f"{model.name} ".startswith(f"{name} ") for name in names) for model in found.models)


class _Contract(_Described):
    """Common to ASR and diarization. A class gives `task` where a given file goes with the audio."""

    @pytest.fixture(scope="class")
    @classmethod
    def early(cls, demo_audio: Samples) -> AudioTask:
        return cls.task("0001", cut(demo_audio, EARLY))

    @pytest.fixture(scope="class")
    @classmethod
    def late(cls, demo_audio: Samples) -> AudioTask:
        return cls.task("0002", cut(demo_audio, LATE))

    @pytest.fixture(scope="class")
    @classmethod
    def bad(cls) -> list[AudioTask]:
        """No audio at all, three samples, and two seconds of digital silence."""
        lengths = (0, 3, 2 * SAMPLE_RATE)
        return [cls.task(f"000{3 + i}", np.zeros(length, np.int16)) for i, length in enumerate(lengths)]

    @classmethod
    def task(cls, video_id: str, audio: Samples) -> AudioTask:
        return AudioTask(video_id, audio)


class TranscriberContract(_Contract):
    """Audio to words with times."""

    @pytest.fixture(scope="class")
    @classmethod
    def both(cls, backend: Transcriber, early: AudioTask, late: AudioTask) -> list[Transcript | ImigueError]:
        return backend.transcribe([early, late])

    def test_words_are_tokens_with_times_in_order_inside_the_recording(
        self, both: list[Transcript], early: AudioTask
    ) -> None:
        found = both[0]
        assert isinstance(found, Transcript)
        assert found.language == "en" and found.words
        assert read(encode(found), Transcript).language == "en"
        last = 0.0
        for segment in found.segments:
            assert segment.words
            assert (segment.start, segment.end) == (segment.words[0].start, max(w.end for w in segment.words))
            for word in segment.words:
                assert word.word and word.word.split() == [word.word]
                assert last <= word.start <= word.end <= len(early.audio) / SAMPLE_RATE
                assert word.confidence is None or 0 <= word.confidence <= 1
                last = word.start

    def test_results_come_in_the_order_of_the_batch_which_changes_nothing(
        self, backend: Transcriber, both: list[Transcript], early: AudioTask, late: AudioTask
    ) -> None:
        assert both[0] != both[1]
        swapped = backend.transcribe([late, early])
        self.assert_alike(both[0], swapped[1])
        self.assert_alike(both[1], swapped[0])

    def test_a_bad_recording_fails_alone(
        self, backend: Transcriber, both: list[Transcript], early: AudioTask, bad: list[AudioTask]
    ) -> None:
        *failed, found, last = backend.transcribe([*bad, early, bad[0]])
        assert len(failed) == len(bad)
        assert_failed([*failed, last])
        self.assert_alike(found, both[0])

    def test_nothing_to_do_is_done(self, backend: Transcriber) -> None:
        assert backend.transcribe([]) == []

    def assert_alike(self, one: Transcript | ImigueError, other: Transcript | ImigueError) -> None:
        assert isinstance(one, Transcript) and isinstance(other, Transcript)
        assert [word.word for word in one.words] == [word.word for word in other.words]
        for left, right in zip(one.words, other.words, strict=True):
            assert abs(left.start - right.start) <= self.tolerance and abs(left.end - right.end) <= self.tolerance


class DiarizerContract(_Contract):
    """Audio to speakers and their turns."""

    @pytest.fixture(scope="class")
    @classmethod
    def both(cls, backend: Diarizer, early: AudioTask, late: AudioTask) -> list[Diarization | ImigueError]:
        return backend.diarize([early, late])

    def test_its_views_agree(self, both: list[Diarization], early: AudioTask) -> None:
        found = both[0]
        assert isinstance(found, Diarization)
        names = [speaker.speaker for speaker in found.speakers]
        assert list(dict.fromkeys(turn.speaker for turn in found.turns)) == names
        assert names == [f"SPEAKER_{number:02d}" for number in range(len(names))]
        assert_in_order(found.turns, len(early.audio) / SAMPLE_RATE)
        assert all(left.end <= right.start for left, right in zip(found.exclusive, found.exclusive[1:], strict=False))
        for part in (found.exclusive, found.overlap):
            assert intervals.total(intervals.subtract(part, found.turns)) == pytest.approx(0, abs=1e-9)
            assert intervals.total(intervals.subtract(part, found.speech)) == pytest.approx(0, abs=1e-9)
        crowded = [piece for piece, active in intervals.concurrent(found.turns) if len(active) > 1]
        assert intervals.merge(found.overlap) == intervals.merge(crowded)
        assert all(list(one.speakers) == sorted(set(one.speakers)) and len(one.speakers) > 1 for one in found.overlap)

    def test_speakers_statistics(self, both: list[Diarization]) -> None:
        found = both[0]
        assert isinstance(found, Diarization)
        for speaker in found.speakers:
            own = [turn for turn in found.turns if turn.speaker == speaker.speaker]
            assert speaker.turns == len(own)
            assert speaker.seconds == pytest.approx(sum(turn.duration for turn in own), abs=2e-3)
            if speaker.embedding is not None:
                assert np.linalg.norm(speaker.embedding) == pytest.approx(1, abs=1e-3)

    def test_results_come_in_the_order_of_the_batch_which_changes_nothing(
        self, backend: Diarizer, both: list[Diarization], early: AudioTask, late: AudioTask
    ) -> None:
        assert both[0] != both[1]
        swapped = backend.diarize([late, early])
        self.assert_alike(both[0], swapped[1])
        self.assert_alike(both[1], swapped[0])

    def test_a_bad_recording_fails_alone(
        self, backend: Diarizer, both: list[Diarization], early: AudioTask, bad: list[AudioTask]
    ) -> None:
        *failed, found, last = backend.diarize([*bad, early, bad[0]])
        assert len(failed) == len(bad)
        assert_failed([*failed, last])
        self.assert_alike(found, both[0])

    def test_nothing_to_do_is_done(self, backend: Diarizer) -> None:
        assert backend.diarize([]) == []

    def assert_alike(self, one: Diarization | ImigueError, other: Diarization | ImigueError) -> None:
        assert isinstance(one, Diarization) and isinstance(other, Diarization)
        assert [turn.speaker for turn in one.turns] == [turn.speaker for turn in other.turns]
        for left, right in zip(one.turns, other.turns, strict=True):
            assert abs(left.start - right.start) <= self.tolerance and abs(left.end - right.end) <= self.tolerance


class AlignerContract(_Described):
    """Words and audio to exact times and phones."""

    @pytest.fixture(scope="class")
    @classmethod
    def early(cls, demo_audio: Samples) -> AlignmentTask:
        return alignment_task("0001", demo_audio, EARLY)

    @pytest.fixture(scope="class")
    @classmethod
    def late(cls, demo_audio: Samples) -> AlignmentTask:
        return alignment_task("0002", demo_audio, LATE)

    @pytest.fixture(scope="class")
    @classmethod
    def both(cls, backend: Aligner, early: AlignmentTask, late: AlignmentTask) -> list[Any]:
        return backend.align([early, late])

    def test_no_word_is_lost_and_all_times_are_inside(self, both: list[Any], early: AlignmentTask) -> None:
        assert texts(both[0]) == texts(early.utterances)
        assert [one.speaker for one in both[0]] == [one.speaker for one in early.utterances]
        words = [word for one in both[0] for word in one.words]
        assert sum(word.aligned for word in words) > 0.9 * len(words)
        for word in words:
            assert 0 <= word.start <= word.end <= len(early.audio) / SAMPLE_RATE
            assert all(word.start <= one.start <= one.end <= word.end for one in word.phones)

    def test_results_come_in_the_order_of_the_batch_which_changes_nothing(
        self, backend: Aligner, both: list[Any], early: AlignmentTask, late: AlignmentTask
    ) -> None:
        swapped: list[Any] = list(backend.align([late, early]))
        for one, other in ((both[0], swapped[1]), (both[1], swapped[0])):
            assert texts(one) == texts(other)
            for left, right in zip(times(one), times(other), strict=True):
                assert abs(left - right) <= self.tolerance

    def test_what_cannot_be_aligned_keeps_its_words_and_is_flagged_alone(
        self, backend: Aligner, both: list[Any], early: AlignmentTask
    ) -> None:
        moment = Utterance(9.55, 9.6, "SPEAKER_00", (AlignedWord(9.55, 9.6, "congratulations"),))
        (found,) = backend.align([early._replace(utterances=(*early.utterances, moment))])
        assert isinstance(found, tuple)
        assert texts(found)[-1] == ["congratulations"]
        assert set(found[-1].flags) & {"too_short", "unaligned"}
        assert not found[-1].words[0].aligned
        assert [one.flags for one in found[:-1]] == [one.flags for one in both[0]]

    def test_nothing_to_do_is_done(self, backend: Aligner, early: AlignmentTask) -> None:
        assert backend.align([]) == []
        assert backend.align([early._replace(utterances=())]) == [()]


def alignment_task(video_id: str, audio: Samples, span: tuple[float, float]) -> AlignmentTask:
    """The true words of a stretch of the demo interview, one utterance a turn."""
    turns: dict[int, list[dict[str, Any]]] = {}
    for word in json.loads((DEMO / "demo.json").read_text())["words"]:
        if span[0] <= word["start"] and word["end"] <= span[1]:
            turns.setdefault(word["turn"], []).append(word)
    said = []
    for words in turns.values():
        placed = tuple(AlignedWord(one["start"] - span[0], one["end"] - span[0], one["word"]) for one in words)
        said.append(Utterance(placed[0].start, placed[-1].end, f"SPEAKER_{words[0]['speaker'].upper()}", placed))
    return AlignmentTask(video_id, "en", cut(audio, span), tuple(said))


def texts(utterances: Sequence[Utterance]) -> list[list[str]]:
    return [[word.word for word in one.words] for one in utterances]


def times(utterances: Sequence[Utterance]) -> list[float]:
    return [time for one in utterances for word in one.words for time in (word.start, word.end)]


def assert_in_order(turns: Any, duration: float) -> None:
    """In time order, none empty, all inside the recording."""
    assert turns
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    assert all(0 <= turn.start < turn.end <= duration for turn in turns)


def assert_failed(results: Any) -> None:
    """Each is an error that says what happened and what to do."""
    for result in results:
        assert isinstance(result, ImigueError)
        assert result.what and result.remedy
