"""The clock of given transcripts: what is found, what is left alone, and what is said and corrected."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from operator import add
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from imigue_build.backends import registry
from imigue_build.backends.asr.precomputed.clock import Finding
from imigue_build.backends.asr.precomputed.clock_check import UndecidedError, find_error
from imigue_build.backends.asr.precomputed.settings import ALIGNER, GivenTranscribe
from imigue_build.backends.asr.precomputed.transcriber import GivenTranscriber
from imigue_build.backends.base import AudioTask
from imigue_build.backends.media import ffmpeg
from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS, speech_probabilities
from imigue_build.config import Extract
from imigue_build.core.errors import AnnotationError, BackendError, ImigueError
from imigue_build.core.records import Provenance, Span, Transcript, TranscriptSegment, Word
from imigue_build.core.wav import read_wav
from imigue_build.corpus.annotations.sources import LabelledSpan, TimedSegment
from imigue_build.pipeline.demo import DEMO

NTSC = 24000 / 1001
Clock = Callable[[float], float]


def speech(seconds: float, seed: int = 1) -> list[Word]:
    """Words of many kinds at a usual pace, with pauses."""
    drawn = random.Random(seed)
    lexicon = ["".join(drawn.choices("abdefgiklmnoprstu", k=drawn.randint(2, 9))) for _ in range(600)]
    words, at = [], 0.5
    while at < seconds - 1:
        said = drawn.choice(lexicon)
        length = 0.055 * (len(said) + 1)
        words.append(Word(at, at + length - 0.02, said))
        at += length + (drawn.uniform(0.4, 1.5) if drawn.random() < 0.12 else 0.0)
    return words


def cues(words: Sequence[Word], clock: Clock = lambda time: time, length: int = 8) -> list[TimedSegment]:
    groups = [words[at : at + length] for at in range(0, len(words), length)]
    return [
        (LabelledSpan(clock(group[0].start), clock(group[-1].end), " ".join(word.word for word in group)), [])
        for group in groups
    ]


def timed(words: Sequence[Word], clock: Clock) -> list[TimedSegment]:
    spans = [LabelledSpan(clock(word.start), clock(word.end), word.word) for word in words]
    return [(span, [span]) for span in spans]


class Ear:
    """A fake ASR that hears words, a part of them wrongly, at times that are a little wrong; for `find_error`."""

    def __init__(self, words: Sequence[Word]) -> None:
        drawn = random.Random(2)
        self.words = [
            Word(
                word.start + drawn.gauss(0, 0.03),
                word.end,
                "misheard" if drawn.random() < 0.1 else word.word,
            )
            for word in words
        ]
        self.seconds = 0.0

    def __call__(self, stretches: Sequence[Span]) -> list[tuple[Word, ...]]:
        self.seconds += sum(span.duration for span in stretches)
        return [tuple(w for w in self.words if span.start <= w.start < span.end) for span in stretches]


def all_speech(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Probabilities in which no pause tells the clock."""
    return np.ones(int(seconds / CHUNK_SECONDS), np.float32)


def error_of(segments: list[TimedSegment], words: Sequence[Word], seconds: float) -> Finding | None:
    return find_error(segments, all_speech(seconds), Ear(words), language_shared=True)


CLOCKS: dict[str, Clock] = {
    **{f"{shift:+}": partial(add, shift) for shift in (0.7, -0.7, 1, 2.5, -10, 60, -300, 3600)},
    "24/25": lambda time: time * 24 / 25,
    "25/23.976": lambda time: time * 25 / NTSC,
    "23.976/25 and 10 s": lambda time: time * NTSC / 25 + 10,
}


@pytest.mark.parametrize("form", [cues, timed])
@pytest.mark.parametrize("seconds", [60, 400])
@pytest.mark.parametrize("name", CLOCKS)
def test_a_wrong_clock_is_found_with_its_figure(
    name: str, seconds: int, form: Callable[..., list[TimedSegment]]
) -> None:
    words, clock = speech(seconds), CLOCKS[name]
    found = error_of(form(words, clock), words, seconds)
    assert found is not None and not found.breaks
    assert max(abs(found.clock(clock(word.start)) - word.start) for word in words) < 0.25


@pytest.mark.parametrize("rate", [1.001, 1 / 1.001])
def test_a_rate_that_differs_by_a_thousandth_is_found_in_an_hour(rate: float) -> None:
    words = speech(3600)
    found = error_of(cues(words, lambda time: time * rate), words, 3600)
    assert found is not None and found.clock.rate == pytest.approx(1 / rate)
    assert "23.976" in str(found) and "29.97" in str(found)


def jittered(words: Sequence[Word]) -> list[TimedSegment]:
    drawn = random.Random(3)
    spans = [span for span, _ in cues(words)]
    starts = [max(0.0, span.start + drawn.uniform(-0.5, 0.5)) for span in spans]
    return [
        (span._replace(start=start, end=max(start, span.end + drawn.uniform(-0.5, 0.5))), [])
        for span, start in zip(spans, starts, strict=True)
    ]


RIGHT: dict[str, Callable[[Sequence[Word]], list[TimedSegment]]] = {
    "cues": cues,
    "words": lambda words: timed(words, lambda time: time),
    "as subtitles": lambda words: [
        (span._replace(start=max(0.0, span.start - 0.3), end=span.end + 1), []) for span, _ in cues(words)
    ],
    "jitter": jittered,
    "whole seconds": lambda words: [
        (span._replace(start=float(int(span.start)), end=float(int(span.end))), []) for span, _ in cues(words)
    ],
    "half of it missing": lambda words: [cue for at, cue in enumerate(cues(words)) if at % 4 < 2],
    "second half missing": lambda words: cues(words[: len(words) // 2]),
    "long segments": lambda words: cues(words, length=60),
    "one segment": lambda words: cues(words, length=10**6),
}


@pytest.mark.parametrize("seconds", [30, 60, 400])
@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_of_right_times(name: str, seconds: int) -> None:
    words = speech(seconds)
    try:
        assert error_of(RIGHT[name](words), words, seconds) is None
    except UndecidedError:
        assert "missing" in name or name == "one segment" or seconds == 30


def test_nothing_is_said_of_another_text() -> None:
    with pytest.raises(UndecidedError):
        error_of(cues(speech(60, seed=5)), speech(60), 60)


@pytest.mark.parametrize("times", [10, 30])
def test_a_text_that_repeats_itself_is_right_at_its_own_times(times: int) -> None:
    once = speech(60)
    words = [replace(word, start=word.start + 60 * k, end=word.end + 60 * k) for k in range(times) for word in once]
    assert error_of(cues(words), words, 60 * times) is None
    found = error_of(cues(words, lambda time: time + 2.5), words, 60 * times)
    assert found is not None and str(found).startswith("is 2.5")


@pytest.mark.parametrize(("at", "jump"), [(100, 12.0), (200, 3.0), (40, 60.0), (375, 8.0)])
@pytest.mark.parametrize("cut", ["from the recording", "from the text"])
def test_a_change_of_the_shift_is_reported_as_one(at: float, jump: float, cut: str) -> None:
    words = speech(400)
    moved = [word if word.start < at else replace(word, start=word.start + jump, end=word.end + jump) for word in words]
    given, heard = (moved, words) if cut == "from the recording" else (words, moved)
    found = error_of(cues(given), heard, heard[-1].end)
    assert found is not None
    (change,) = found.breaks
    after = jump if cut == "from the recording" else -jump
    assert change.before == pytest.approx(0, abs=0.2) and change.after == pytest.approx(after, abs=0.2)
    assert change.time == pytest.approx(at, abs=max(5, jump))


def pauses_of(words: Sequence[Word], seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    found = np.zeros(int(seconds / CHUNK_SECONDS), np.float32)
    for word in words:
        found[int(word.start / CHUNK_SECONDS) : int(word.end / CHUNK_SECONDS) + 1] = 1.0
    return found


def test_where_the_pauses_match_nobody_listens() -> None:
    words, ear = speech(400), Ear(speech(400))
    assert find_error(timed(words, lambda time: time), pauses_of(words, 400), ear, language_shared=True) is None
    assert ear.seconds == 0


@pytest.mark.parametrize("name", CLOCKS)
def test_where_they_do_not_a_part_of_a_long_recording_is_listened_to(name: str) -> None:
    words, ear = speech(1000), Ear(speech(1000))
    segments = timed(words, CLOCKS[name])
    assert find_error(segments, pauses_of(words, 1000), ear, language_shared=True) is not None
    assert 0 < ear.seconds < 181


# --- what the backend says and does


class Asr:
    """A fake ASR that always hears the same words, whatever the sound."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = tuple(words)

    def provenance(self) -> Provenance:
        return Provenance({})

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        if not self.words:
            return [BackendError("no speech was found in the recording") for _ in batch]
        return [Transcript("en", (TranscriptSegment(0.0, 60.0, self.words),)) for _ in batch]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, list[Word]]:
    """The sound of the demo interview, and its words."""
    folder = tmp_path_factory.mktemp("demo")
    ffmpeg.decode(DEMO / "demo.mp4", folder / "44k.wav", folder / "16k.wav", Extract(), warn=print)
    found = json.loads((DEMO / "demo.json").read_text())["words"]
    return read_wav(folder / "16k.wav"), [Word(item["start"], item["end"], item["word"]) for item in found]


def transcribed(
    folder: Path,
    demo: tuple[np.ndarray, list[Word]],
    segments: list[TimedSegment],
    heard: Sequence[Word],
    **settings: str,
) -> Transcript:
    audio, _ = demo
    path = folder / "0001.json"
    content = [{"start": span.start, "end": span.end, "text": span.text} for span, _ in segments]
    path.write_text(
        json.dumps({"segments": content} | ({"language": settings.pop("file")} if "file" in settings else {}))
    )
    config = GivenTranscribe(backend="given", folder=str(folder), **settings)  # type: ignore[arg-type]
    transcriber = GivenTranscriber(config, Asr(heard), registry.aligner(ALIGNER))
    (found,) = transcriber.transcribe([AudioTask("0001", audio, path)])
    if isinstance(found, ImigueError):
        raise found
    return found


def test_a_shift_is_reported_and_with_auto_corrected(tmp_path: Path, demo: tuple[np.ndarray, list[Word]]) -> None:
    _, words = demo
    right = transcribed(tmp_path, demo, cues(words), words)
    assert right.warnings == ()
    late = cues(words, lambda time: time + 2.5)
    reported = transcribed(tmp_path, demo, late[:-1], words)
    (warning,) = reported.warnings
    assert re.match(r"0001.json is 2.[45]\d s late against the sound \(from 2\d\d shared words\): ", warning)
    assert warning.endswith(": add --set transcribe.clock=auto to correct its times")
    corrected = transcribed(tmp_path, demo, late, words, clock="auto")
    (warning,) = corrected.warnings
    assert warning.endswith("shared words): its times are corrected")
    assert [word.word for word in corrected.words] == [word.word for word in right.words]
    off = [abs(a.start - b.start) for a, b in zip(corrected.words, right.words, strict=True)]
    assert sorted(off)[int(0.9 * len(off))] < 0.35 and sorted(off)[len(off) // 2] < 0.1
    assert transcribed(tmp_path, demo, late[:-1], words, clock="ignore").warnings == ()


def test_text_after_the_end_is_an_error_with_the_figure_and_with_auto_none(
    tmp_path: Path, demo: tuple[np.ndarray, list[Word]]
) -> None:
    _, words = demo
    hour = cues(words, lambda time: time + 3600)
    with pytest.raises(
        AnnotationError, match=r"recording lasts .* is (3599\.9|3600\.0)\d s late .*transcribe\.clock=auto"
    ):
        transcribed(tmp_path, demo, hour, words)
    found = transcribed(tmp_path, demo, hour, words, clock="auto")
    assert [word.word for word in found.words] == [
        word.word for word in transcribed(tmp_path, demo, cues(words), words).words
    ]
    elsewhere = (LabelledSpan(10.0, 12.0, "said in another part"), list[LabelledSpan]())
    found = transcribed(tmp_path, demo, [elsewhere, *hour], words, clock="auto")
    assert found.warnings[0].endswith("its times are corrected; left out, as outside of the recording: 1 segment")


def test_what_cannot_be_estimated_is_said_with_auto_alone(tmp_path: Path, demo: tuple[np.ndarray, list[Word]]) -> None:
    _, words = demo
    late = cues(words, lambda time: time + 2.5)[:-1]
    for heard in ([], speech(60)):
        assert transcribed(tmp_path, demo, late, heard).warnings == ()
        (warning,) = transcribed(tmp_path, demo, late, heard, clock="auto").warnings
        assert warning.startswith(
            "the clock of 0001.json could not be estimated, its times are as given: the text shares"
        )
    warning, _ = transcribed(tmp_path, demo, late, words, clock="auto", file="de").warnings
    assert "the text is in another language" in warning


def test_pauses_of_real_speech_say_that_the_times_are_right(demo: tuple[np.ndarray, list[Word]]) -> None:
    audio, words = demo
    ear = Ear(words)
    probabilities = speech_probabilities(audio)
    assert find_error(timed(words, lambda time: time), probabilities, ear, language_shared=True) is None
    assert ear.seconds == 0
    for shift in (0.6, -1.0, 2.5):
        found = find_error(timed(words, partial(add, shift)), probabilities, ear, language_shared=True)
        assert found is not None and found.clock.offset == pytest.approx(-shift, abs=0.1)
