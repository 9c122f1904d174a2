"""Make the bundled demo interview: an invented press conference, spoken by two flite voices.

Run it from the top of the checkout, with `flite` (its voices slt and rms) and `ffmpeg` installed:

    .venv/bin/python tests/demo/make_demo.py imigue_build/pipeline/demo

It writes `demo.mp4`, `demo.json` (who says what and when, exact to a sample, from the synthesiser's own
durations) and `labels.csv`. The same versions of flite and ffmpeg give the same interview.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]  # (samples,), mono, 1.0 is full scale

RATE = 16_000  # Hz, of flite's voices
NOISE_DB = -58.0
LEAD, TAIL = 0.8, 1.0  # seconds of room noise before and after the talk
LABELS = "video_id,subject_gender,subject_nationality,win_or_lose\ndemo,M,United States,Win\n"


@dataclass(frozen=True)
class Voice:
    """One speaker: the flite voice, the role, and the loudness in dB of full scale."""

    name: str
    role: str
    loudness: float


REPORTER = Voice("slt", "interviewer", -24.0)
ATHLETE = Voice("rms", "interviewee", -21.0)

# One list a turn, one string a sentence, as one would write it.
TALK: tuple[tuple[Voice, list[str]], ...] = (
    (REPORTER, ["Congratulations, Daniel.", "How do you feel after such a long match?"]),
    (
        ATHLETE,
        [
            "Thank you, I am tired, but I am very happy.",
            "It was a hard match, and I had to fight for every point.",
            "The people here helped me a lot in the second set.",
        ],
    ),
    (REPORTER, ["You won 6-4, 7-6.", "What made the difference?"]),
    (
        ATHLETE,
        [
            "I think it was my serve.",
            "In the first set I did not lose a single service game.",
            "In the second set he played better than me, and I was lucky at the end.",
        ],
    ),
    (REPORTER, ["You looked angry in the third game."]),
    (
        ATHLETE,
        [
            "Yes, I was angry with myself.",
            "I missed two easy shots, and I knew that I had to stay calm.",
            "My coach always tells me to take more time between the points.",
        ],
    ),
    (REPORTER, ["Your next opponent is Peter Novak.", "Have you played against him before?"]),
    (
        ATHLETE,
        [
            "We played last year in London, and he beat me 6-2, 6-3.",
            "He is a great player.",
            "I will rest tomorrow, watch some video, and try to make him run.",
        ],
    ),
    (REPORTER, ["And how is your shoulder now?"]),
    (
        ATHLETE,
        [
            "It is much better.",
            "The doctor says that I can play without pain for the rest of the season.",
        ],
    ),
    (REPORTER, ["Thank you, and good luck on Sunday."]),
    (ATHLETE, ["Thank you very much, see you then."]),
)

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def spoken_form(sentence: str) -> list[str]:
    """The words as they are said: "6-4" is "six four", lower case, no punctuation."""
    said = re.sub(r"(\d)-(\d)", lambda score: " ".join(DIGITS[int(digit)] for digit in score.groups()), sentence)
    return re.findall(r"[a-z']+", said.lower())


def phone_ends(voice: Voice, text: str, wav: str) -> list[tuple[str, float]]:
    """Every phone with its end in seconds, as flite says `text` into the file `wav` ("none": no file)."""
    command = ["flite", "-voice", voice.name, "-psdur", "-t", text, "-o", wav]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pairs = (item.rsplit(":", 1) for item in printed.split())
    return [(phone, float(end)) for phone, end in pairs]


def say(voice: Voice, sentence: str) -> tuple[Samples, list[dict[str, Any]], list[dict[str, Any]]]:
    """The sentence's samples from its first to its last phone, its words, its phones; times from its start."""
    words = spoken_form(sentence)
    pauses = re.sub(r"(\d)-(\d)", r"\1 \2", sentence)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        timed = phone_ends(voice, pauses, str(path))
        with wave.open(str(path)) as file:
            raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    starts = [0.0, *(end for _, end in timed)]
    phones = [(name, start, end) for (name, end), start in zip(timed, starts, strict=False) if name != "pau"]
    first, last = phones[0][1], phones[-1][2]
    spans = [{"start": start - first, "end": end - first, "phone": name} for name, start, end in phones]
    placed: list[dict[str, Any]] = []
    at = 0
    for word in words:
        count = sum(name != "pau" for name, _ in phone_ends(voice, word, "none"))
        placed.append({"start": spans[at]["start"], "end": spans[at + count - 1]["end"], "word": word})
        at += count
    if at != len(spans):
        raise ValueError(f"{sentence!r}: the words alone have {at} phones, the sentence {len(spans)}")
    samples = raw[round(first * RATE) : round(last * RATE)] / 32768.0
    gain = 10 ** (voice.loudness / 20) / np.sqrt(np.mean(samples**2))
    return samples * gain, placed, spans


def perform(seed: int = 7) -> tuple[Samples, dict[str, Any]]:
    """The whole talk over a floor of noise, and its reference."""
    random = np.random.default_rng(seed)
    pieces: list[tuple[float, Samples]] = []
    turns: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    phones: list[dict[str, Any]] = []
    clock = LEAD
    for turn, (voice, sentences) in enumerate(TALK):
        for sentence in sentences:
            samples, said, spans = say(voice, sentence)
            end = clock + len(samples) / RATE
            who = {"speaker": voice.name, "role": voice.role, "turn": turn, "start": clock, "end": end}
            turns.append({**who, "text": sentence, "spoken": " ".join(spoken_form(sentence))})
            words += [_moved({"speaker": voice.name, "turn": turn, **word}, clock) for word in said]
            phones += [_moved({"speaker": voice.name, **span}, clock) for span in spans]
            pieces.append((clock, samples))
            clock = end + random.uniform(0.25, 0.4)
        clock += random.uniform(0.2, 0.45)
    audio = random.normal(0.0, 10 ** (NOISE_DB / 20), round((turns[-1]["end"] + TAIL) * RATE))
    for start, samples in pieces:
        at = round(start * RATE)
        audio[at : at + len(samples)] += samples
    reference = {
        "name": "demo",
        "sr": RATE,
        "duration": len(audio) / RATE,
        "seed": seed,
        "overlap": 0.0,
        "noise_db": NOISE_DB,
        "roles": {voice.name: voice.role for voice in (REPORTER, ATHLETE)},
        "turns": turns,
        "segments": [{key: turn[key] for key in ("speaker", "start", "end")} for turn in turns],
        "words": words,
        "phones": phones,
        "text": " ".join(turn["text"] for turn in turns),
        "spoken": " ".join(turn["spoken"] for turn in turns),
    }
    return audio, reference


def _moved(item: dict[str, Any], by: float) -> dict[str, Any]:
    return {**item, "start": item["start"] + by, "end": item["end"] + by}


def film(audio: Samples, turns: list[dict[str, Any]], target: Path) -> None:
    """An MP4 with a small picture in which a box lights up for the one who speaks."""
    boxes = ["drawbox=x=0:y=130:w=320:h=50:color=0x5b4636:t=fill"]
    for voice, x in ((REPORTER, 40), (ATHLETE, 200)):
        when = "+".join(
            f"between(t,{turn['start']:.3f},{turn['end']:.3f})" for turn in turns if turn["speaker"] == voice.name
        )
        boxes.append(f"drawbox=x={x}:y=50:w=80:h=80:color=0x33475b:t=fill")
        boxes.append(f"drawbox=x={x}:y=50:w=80:h=80:color=0xf2c14e:t=fill:enable='{when}'")
    duration = len(audio) / RATE
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talk.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((np.clip(audio, -1, 1) * 32767).round().astype("<i2").tobytes())
        picture = f"color=0x1d2b3a:size=320x180:rate=25:duration={duration:.3f}"
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(path), "-f", "lavfi", "-i", picture]
        command += ["-filter_complex", f"[1:v]{','.join(boxes)},format=yuv420p[v]", "-map", "[v]", "-map", "0:a"]
        command += ["-c:v", "libx264", "-preset", "slow", "-crf", "28", "-g", "250", "-threads", "1"]
        command += ["-c:a", "aac", "-b:a", "96k", "-ar", "44100", "-ac", "2"]
        command += ["-fflags", "+bitexact", "-flags", "+bitexact", "-movflags", "+faststart", str(target)]
        subprocess.run(command, check=True)


def rounded(value: Any) -> Any:
    """Times to a tenth of a millisecond, everywhere in the reference."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    audio, reference = perform()
    film(audio, reference["turns"], folder / "demo.mp4")
    (folder / "demo.json").write_text(json.dumps(rounded(reference), indent=1) + "\n", encoding="utf-8")
    (folder / "labels.csv").write_text(LABELS, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
