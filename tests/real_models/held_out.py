"""Sentences of the reference recordings, split by their text into those to train on and those to test with."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.media.ffmpeg import find_ffmpeg
from imigue_build.core.records import Word
from imigue_build.stages.attribution import utterances

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

MARGIN: Final = 0.15
"""Seconds of sound on both sides of a sentence, where its neighbours leave that much."""
PAUSE: Final = 0.6
"""Seconds of near silence between the sentences of a recording: more than joins two of them to one utterance."""
_LEAST: Final = 4
"""Sentences that a speaker keeps in training."""
INTERVIEWS: Final = ("0001", "0002", "0003", "0004")
"""Interviews without overlap, which have every sentence of the eight speakers."""


class Sentence(NamedTuple):
    """A read sentence: its sound, and its words at their times in it."""

    speaker: str
    text: str
    sound: Samples
    words: tuple[Word, ...]


def sentences(shared: Path) -> list[Sentence]:
    """All sentences of all speakers, cut out of the interviews."""
    found: list[Sentence] = []
    for name in INTERVIEWS:
        truth = json.loads((shared / "interviews" / f"{name}.json").read_text(encoding="utf-8"))
        found += cut(truth, heard(shared / "interviews" / f"{name}.mp4"))
    return found


def cut(truth: Mapping[str, Any], sound: Samples) -> list[Sentence]:
    """The sentences of one recording; `truth` has its sentences as `turns`, which do not overlap, and its words."""
    found = []
    edges = [0.0, *(time for turn in truth["turns"] for time in (turn["start"], turn["end"])), len(sound) / SAMPLE_RATE]
    for number, turn in enumerate(truth["turns"]):
        before, after = edges[2 * number], edges[2 * number + 3]
        start = max(turn["start"] - MARGIN, (before + turn["start"]) / 2)
        end = min(turn["end"] + MARGIN, (after + turn["end"]) / 2)
        first = round(start * SAMPLE_RATE)
        words = (
            Word(word["start"] - first / SAMPLE_RATE, word["end"] - first / SAMPLE_RATE, word["word"])
            for word in truth["words"]
            if turn["start"] <= (word["start"] + word["end"]) / 2 <= turn["end"]
        )
        found.append(Sentence(turn["speaker"], turn["text"], sound[first : round(end * SAMPLE_RATE)], tuple(words)))
    return found


def split(found: Sequence[Sentence], held: int) -> tuple[list[Sentence], list[Sentence]]:
    """Sentences to train on, and `held` to test with of each speaker who keeps enough; no text is in both.

    What several speakers say is trained on.
    """
    speakers = Counter(sentence.speaker for sentence in found)
    said = Counter(sentence.text for sentence in found)
    tested: list[Sentence] = []
    for speaker, count in speakers.items():
        own = [sentence for sentence in found if sentence.speaker == speaker and said[sentence.text] == 1]
        if len(own) >= held and count - held >= _LEAST:
            tested += sorted(own, key=lambda sentence: sentence.text)[:held]
    texts = {sentence.text for sentence in tested}
    return [sentence for sentence in found if sentence.text not in texts], tested


def recording(name: str, spoken: Iterable[Sentence], seed: int = 0) -> AlignmentTask:
    """One recording of sentences, one after the other, with their true words and speakers as align groups them."""
    noise = np.random.default_rng(seed)
    parts: list[Samples] = []
    attributed: list[tuple[Word, str]] = []
    at = 0
    for sentence in spoken:
        pause = noise.integers(-3, 4, round(PAUSE * SAMPLE_RATE)).astype(np.int16)
        parts += [pause, sentence.sound]
        at += len(pause)
        for word in sentence.words:
            moved = Word(word.start + at / SAMPLE_RATE, word.end + at / SAMPLE_RATE, word.word)
            attributed.append((moved, sentence.speaker))
        at += len(sentence.sound)
    return AlignmentTask(name, "en", np.concatenate(parts), utterances(attributed, 0.5, 20.0))


def recordings(tested: Sequence[Sentence]) -> list[AlignmentTask]:
    """The sentences of two speakers each, in turns."""
    speakers = list(dict.fromkeys(one.speaker for one in tested))
    pairs = [speakers[at : at + 2] for at in range(0, len(speakers), 2)]
    return [
        recording(f"{number:04d}", alternating([one for one in tested if one.speaker in pair]), number)
        for number, pair in enumerate(pairs, 1)
    ]


def alternating(spoken: Sequence[Sentence]) -> list[Sentence]:
    """Sentences in turns: the first of each speaker, then the second of each."""
    turns: Counter[str] = Counter()
    order = []
    for sentence in spoken:
        order.append(turns[sentence.speaker])
        turns[sentence.speaker] += 1
    return [sentence for _, sentence in sorted(zip(order, spoken, strict=True), key=lambda item: item[0])]


def heard(video: Path) -> Samples:
    """The sound of a video, as models get it."""
    arguments = ["-v", "error", "-i", str(video), "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"]
    done = subprocess.run([str(find_ffmpeg()), *arguments], check=True, capture_output=True)
    return np.frombuffer(done.stdout, dtype="<i2")
