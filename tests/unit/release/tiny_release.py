"""A tiny release that keeps every rule, written out by hand: nothing here comes from the program.

Two interviews: `0001` with two speakers, an overlap and rows without a clip; `0002` with one
speaker, hence no folder `interviewer`. The tests break one thing at a time in a copy of it.
"""

from __future__ import annotations

import hashlib
import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RATE = 44100

Interval = tuple[float, float, str]


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
OVERLAP = {"0001": [(3.9, 4.2, f"{ASKED}+{TOLD}")], "0002": []}
SPEECH = {"0001": [(0.25, 4.7, "speech"), (4.75, 5.9, "speech")], "0002": [(0.25, 1.6, "speech")]}

TRANSCRIPTS = {
    "0001": """\
[0.250-1.550] INTERVIEWER: How did it feel?
[1.650-3.850] INTERVIEWEE: Well, 6-4, so-called "great".
[3.900-4.100] INTERVIEWER: Yes
[3.950-4.150] INTERVIEWEE: really.
[4.100-4.650] INTERVIEWER: and?
[4.750-5.850] INTERVIEWEE: I'm happy!
""",
    "0002": "[0.200-1.600] INTERVIEWEE: Thank you.\n",
}
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
    "videos": {one: {"sha256": "a" * 64, "duration_s": seconds} for one, seconds in DURATIONS.items()},
}


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

    def change_row(self, index: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Rewrites one row of the manifest."""
        lines = self.read("manifest.jsonl").splitlines()
        document = json.loads(lines[index])
        change(document)
        lines[index] = json.dumps(document)
        self.write("manifest.jsonl", "".join(line + "\n" for line in lines))

    def change_provenance(self, change: Callable[[dict[str, Any]], object]) -> None:
        document = json.loads(self.read("provenance.json"))
        change(document)
        self.write("provenance.json", json.dumps(document) + "\n")

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


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(samples.dtype.itemsize)
        writer.setframerate(rate)
        writer.writeframes(samples.tobytes())


def sample(seconds: float) -> int:
    return (round(seconds * 1000) * RATE + 500) // 1000


def build(root: Path) -> TinyRelease:
    """Writes the whole release into `root`."""
    release = TinyRelease(root)
    for video_id, duration in DURATIONS.items():
        _write_interview(release, video_id, duration)
    release.write("manifest.jsonl", "".join(json.dumps(one) + "\n" for one in ROWS))
    release.write("labels.csv", LABELS)
    release.write("README.md", README)
    release.write("provenance.json", json.dumps(PROVENANCE) + "\n")
    release.resum()
    return release


def _write_interview(release: TinyRelease, video_id: str, duration: float) -> None:
    folder = release.root / video_id
    rows = [one for one in ROWS if one["video_id"] == video_id]
    sound = np.random.default_rng(7).integers(-9000, 9000, sample(duration)).astype("<i2")
    write_wav(folder / f"{video_id}.wav", sound)
    release.write(f"{video_id}/{video_id}.txt", TRANSCRIPTS[video_id])
    turns = [
        f"SPEAKER {video_id} 1 {start:.3f} {end - start:.3f} <NA> <NA> {speaker} <NA> <NA>\n"
        for start, end, speaker in TURNS[video_id]
    ]
    release.write(f"{video_id}/{video_id}.rttm", "".join(turns))
    for kind in ("raw", "asr"):
        release.write(f"{video_id}/{video_id}.{kind}.txt", "".join(one[kind] + "\n" for one in rows))
    levels: tuple[dict[str, list[Interval]], dict[str, list[Interval]]] = {}, {}
    for role in ("interviewee", "interviewer"):
        mine = [one for one in rows if one["role"] == role]
        words = [(word["start"], word["end"], word["word"]) for one in mine for word in one["words"]]
        levels[0][role] = [(one["start"], one["end"], one["raw"]) for one in mine]
        levels[1][f"{role} - words"] = words
        levels[1][f"{role} - phones"] = [(start, round(end - 0.01, 3), "AH") for start, end, _ in words]
    levels[0].update(diarization=EXCLUSIVE[video_id], overlap=OVERLAP[video_id], vad=SPEECH[video_id])
    release.write(f"{video_id}/{video_id}.TextGrid", textgrid(duration, levels[0]))
    release.write(f"{video_id}/{video_id}.words.TextGrid", textgrid(duration, levels[1]))
    for one in (one for one in rows if one["clip"]):
        clip = folder / one["role"] / f"{one['segment_id']}.wav"
        write_wav(clip, sound[sample(one["start"]) : sample(one["end"])])
        for kind in ("raw", "asr"):
            clip.with_suffix(f".{kind}.txt").write_text(one[kind] + "\n", encoding="utf-8")
