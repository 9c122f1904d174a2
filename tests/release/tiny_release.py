"""A tiny release that keeps every rule, written out by hand: nothing here comes from the program.

Two interviews: `0001` with two speakers, an overlap and rows without a clip; `0002` with one
speaker, hence no folder `interviewer`. The tests break one thing at a time in a copy of it.
"""

from __future__ import annotations

import copy
import hashlib
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 44100

Interval = tuple[float, float, str]
Samples = NDArray[np.int16]


def row(
    video_id: str,
    role: str,
    speaker: str,
    segment: int | None,
    span: tuple[float, float],
    words: list[Interval],
    asr: str,
    overlap: float = 0.0,
) -> dict[str, Any]:
    """A manifest row; `words` are (start, end, token)."""
    name = None if segment is None else f"segment_{segment:03d}"
    return {
        "video_id": video_id,
        "role": role,
        "segment_id": name,
        "speaker": speaker,
        "start": span[0],
        "end": span[1],
        "clip": None if name is None else f"{video_id}/{role}/{name}.wav",
        "raw": " ".join(token for _, _, token in words),
        "asr": asr,
        "words": [
            {"word": token, "start": start, "end": end, "aligned": True, "confidence": 0.5}
            for start, end, token in words
        ],
        "asr_confidence": 0.5,
        "role_confidence": None,
        "snr_db": 20.5,
        "overlap_s": overlap,
        "language": "en",
    }


ASKED, TOLD = "SPEAKER_00", "SPEAKER_01"
DURATIONS = {"0001": 6.0, "0002": 2.0}
ROWS = [
    row(
        "0001",
        "interviewer",
        ASKED,
        1,
        (0.25, 1.55),
        [(0.3, 0.5, "How"), (0.5, 0.7, "did"), (0.75, 0.9, "it"), (0.9, 1.5, "feel?")],
        "how did it feel",
    ),
    row(
        "0001",
        "interviewee",
        TOLD,
        1,
        (1.65, 3.85),
        [(1.7, 2.0, "Well,"), (2.1, 2.9, "6-4,"), (3.0, 3.8, 'so-called "great".')],
        "well six four so called great",
    ),
    row("0001", "interviewer", ASKED, None, (3.9, 4.1), [(3.92, 4.1, "Yes")], "yes", 0.2),
    row("0001", "interviewee", TOLD, None, (3.95, 4.15), [(3.95, 4.15, "really.")], "really", 0.2),
    row("0001", "interviewer", ASKED, 2, (4.1, 4.65), [(4.1, 4.6, "and?")], "and", 0.1),  # its middle is outside
    row(
        "0001",
        "interviewee",
        TOLD,
        2,
        (4.75, 5.85),
        [(4.8, 5.2, "I'm"), (5.3, 5.8, "happy!")],
        "i'm happy",
    ),
    row("0002", "interviewee", ASKED, 1, (0.2, 1.6), [(0.3, 0.9, "Thank"), (0.9, 1.5, "you.")], "thank you"),
]
ROWS[1]["asr_confidence"] = 0.6667
ROWS[1]["words"][2:] = [
    {"word": "so-called", "start": 3.0, "end": 3.4, "aligned": False, "confidence": None},
    {"word": '"great".', "start": 3.4, "end": 3.8, "aligned": True, "confidence": 1},
]

TURNS = {
    "0001": [(0.3, 1.5, ASKED), (1.7, 4.2, TOLD), (3.9, 4.6, ASKED), (4.8, 5.8, TOLD)],
    "0002": [(0.3, 1.5, ASKED)],
}
EXCLUSIVE = {
    "0001": [(0.3, 1.5, ASKED), (1.7, 4.2, TOLD), (4.2, 4.6, ASKED), (4.8, 5.8, TOLD)],
    "0002": [(0.3, 1.5, ASKED)],
}
OVERLAP: dict[str, list[Interval]] = {"0001": [(3.9, 4.2, f"{ASKED}+{TOLD}")], "0002": []}
SPEECH = {"0001": [(0.25, 4.7, "speech"), (4.75, 5.9, "speech")], "0002": [(0.25, 1.6, "speech")]}

LABELS = """\
video_id,subject_gender,subject_nationality,win_or_lose
0001,F,"Korea, South",Win
0002,,,
"""
README = """\
# A tiny corpus
2 interviews, 8 s. Made with imaginary-asr 1.2 and the model tiny-en at revision r7.
Licence: none. Please cite nobody.
"""
PROVENANCE: dict[str, Any] = {
    "format_version": 1,
    "imigue_build": "0.1.0",
    "config": {"roles": {"rule": "longest-speaking-time"}, "export": {"max_segment": 30.0, "clip_overlap": False}},
    "tools": {"imaginary-asr": "1.2"},
    "models": [
        {"name": "tiny-en", "revision": "r7", "sha256": "0" * 64},
        {"name": "tiny", "revision": "r", "sha256": None},
    ],
    "videos": {video_id: {"sha256": "a" * 64, "duration_s": seconds} for video_id, seconds in DURATIONS.items()},
}


class Content:
    """What a release holds, for a test to change before it is written; each gets a copy of its own."""

    def __init__(self) -> None:
        self.rows = copy.deepcopy(ROWS)
        self.turns = copy.deepcopy(TURNS)
        self.exclusive = copy.deepcopy(EXCLUSIVE)
        self.overlap = copy.deepcopy(OVERLAP)
        self.speech = copy.deepcopy(SPEECH)
        self.provenance = copy.deepcopy(PROVENANCE)
        self.labels, self.readme = LABELS, README
        self.phones = {"interviewee": "AH", "interviewer": "AH"}  # of every word in 0001; empty for none


class TinyRelease:
    """A release in `root` that a test may break; `resum` makes its sums true again."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode("utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replaces the one occurrence of `old` in a file."""
        text = self.read(name)
        assert text.count(old) == 1, f"{text.count(old)} times {old!r} in {name}"
        self.write(name, text.replace(old, new))

    def resum(self) -> None:
        paths = sorted(path for path in self.root.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
        sums = {str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
        self.write("SHA256SUMS", "".join(f"{value}  {name}\n" for name, value in sums.items()))


def textgrid(duration: float, tiers: dict[str, list[Interval]]) -> str:
    """A TextGrid in long format; blanks fill the space between the intervals given."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", f"xmax = {duration} "]
    lines += ["tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]
    for number, (name, labelled) in enumerate(tiers.items(), 1):
        intervals = []
        before = 0.0
        for start, end, label in labelled:
            intervals += [(before, start, "")] * (start > before) + [(start, end, label)]
            before = end
        intervals += [(before, duration, "")] * (before < duration)
        lines += [f"    item [{number}]:", '        class = "IntervalTier" ', f'        name = "{name}" ']
        lines += ["        xmin = 0 ", f"        xmax = {duration} ", f"        intervals: size = {len(intervals)} "]
        for place, (start, end, label) in enumerate(intervals, 1):
            quoted = label.replace('"', '""')
            lines += [f"        intervals [{place}]:", f"            xmin = {start} ", f"            xmax = {end} "]
            lines += [f'            text = "{quoted}" ']
    return "\n".join(lines) + "\n"


def write_wav(path: Path, samples: Samples, rate: int = RATE, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(samples.dtype.itemsize)
        writer.setframerate(rate)
        writer.writeframes(samples.tobytes())


def sample(seconds: float) -> int:
    return (round(seconds * 1000) * RATE + 500) // 1000


def build(root: Path, content: Content) -> TinyRelease:
    """Writes a whole release into `root`; all files agree with `content`."""
    release = TinyRelease(root)
    for video_id, duration in DURATIONS.items():
        _write_interview(release, content, video_id, duration)
    release.write("manifest.jsonl", "".join(json.dumps(row) + "\n" for row in content.rows))
    release.write("labels.csv", content.labels)
    release.write("README.md", content.readme)
    release.write("provenance.json", json.dumps(content.provenance) + "\n")
    release.resum()
    return release


def _text(row: dict[str, Any]) -> str:
    return " ".join(word["word"] for word in row["words"])


def _write_interview(release: TinyRelease, content: Content, video_id: str, duration: float) -> None:
    folder = release.root / video_id
    rows = [row for row in content.rows if row["video_id"] == video_id]
    sound = np.random.default_rng(7).integers(-9000, 9000, sample(duration)).astype("<i2")
    write_wav(folder / f"{video_id}.wav", sound)
    lines = [f"[{row['start']:.3f}-{row['end']:.3f}] {row['role'].upper()}: {_text(row)}\n" for row in rows]
    release.write(f"{video_id}/{video_id}.txt", "".join(lines))
    turns = [
        f"SPEAKER {video_id} 1 {start:.3f} {end - start:.3f} <NA> <NA> {speaker} <NA> <NA>\n"
        for start, end, speaker in content.turns[video_id]
    ]
    release.write(f"{video_id}/{video_id}.rttm", "".join(turns))
    for kind in ("raw", "asr"):
        release.write(f"{video_id}/{video_id}.{kind}.txt", "".join(row[kind] + "\n" for row in rows))
    levels: tuple[dict[str, list[Interval]], dict[str, list[Interval]]] = {}, {}
    for role in ("interviewee", "interviewer"):
        own = [row for row in rows if row["role"] == role]
        words = [(word["start"], word["end"], word["word"]) for row in own for word in row["words"]]
        levels[0][role] = [(row["words"][0]["start"], row["words"][-1]["end"], _text(row)) for row in own]
        levels[1][f"{role} - words"] = words
        phone = content.phones[role] if video_id == "0001" else "AH"
        levels[1][f"{role} - phones"] = [(start, round(end - 0.001, 3), phone) for start, end, _ in words if phone]
    levels[0].update(
        diarization=content.exclusive[video_id], overlap=content.overlap[video_id], vad=content.speech[video_id]
    )
    release.write(f"{video_id}/{video_id}.TextGrid", textgrid(duration, levels[0]))
    release.write(f"{video_id}/{video_id}.words.TextGrid", textgrid(duration, levels[1]))
    for row in (row for row in rows if row["clip"]):
        clip = folder / row["role"] / f"{row['segment_id']}.wav"
        write_wav(clip, sound[sample(row["start"]) : sample(row["end"])])
        for kind in ("raw", "asr"):
            clip.with_suffix(f".{kind}.txt").write_text(row[kind] + "\n", encoding="utf-8")
