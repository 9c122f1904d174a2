"""Small corpora laid out as the real ones, with short tones in the place of speech."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from tests.apps.bench import releases


def tone(path: Path, seconds: float = 0.3, hertz: float = 200.0, rate: int = 16_000, channels: int = 1) -> Path:
    """A WAV with a tone of falling strength."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * rate)) / rate
    samples = 0.3 * np.sin(2 * np.pi * hertz * time) * np.linspace(1, 0.2, len(time))
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), rate, subtype="PCM_16")
    return path


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([header, *rows])
    return path


def emodb(root: Path, names: Sequence[str] = ("03a01Wa", "03a01Na", "08a01Wa", "08a02Nb")) -> Path:
    for name in names:
        tone(root / "wav" / f"{name}.wav")
    return root


def ravdess(root: Path, actors: Iterable[int] = range(1, 25), classes: Iterable[int] = range(1, 9)) -> Path:
    for actor in actors:
        for label in classes:
            name = f"03-01-{label:02d}-01-01-01-{actor:02d}.wav"
            tone(root / f"Actor_{actor:02d}" / name, 0.1)
    return root


IEMOCAP = {"Ses01F_impro01_F000": "neu", "Ses01F_impro01_M001": "ang", "Ses01F_impro01_F002": "exc"}


def iemocap(root: Path, sessions: Iterable[int] = (1, 2)) -> Path:
    """Three used utterances a session, one of another class, and lines that are no labels."""
    for session in sessions:
        dialog = f"Ses{session:02d}F_impro01"
        lines = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
        for number, (gender, label) in enumerate([("F", "neu"), ("M", "ang"), ("F", "exc"), ("M", "xxx")]):
            name = f"{dialog}_{gender}{number:03d}"
            lines += [f"[{number}.5000 - {number}.9000]\t{name}\t{label}\t[2.5000, 2.5000, 2.5000]"]
            lines += ["C-E2:\tNeutral;\t()", "A-E3:\tval 3; act 2; dom  2;\t()", ""]
            tone(root / f"Session{session}" / "sentences" / "wav" / dialog / f"{name}.wav")
        table = root / f"Session{session}" / "dialog" / "EmoEvaluation" / f"{dialog}.txt"
        table.parent.mkdir(parents=True)
        table.write_text("\n".join(lines) + "\n", encoding="ascii")
        (table.parent / f"._{dialog}.txt").write_bytes(b"\0\5macOS")
    return root


def msp_improv(root: Path, sessions: Iterable[int] = (1, 2), table: str = "Evalution.txt") -> Path:
    """Four used utterances a session and one of no agreement; ratings with NaN."""
    lines = []
    for session in sessions:
        for label in "AHNSX":
            speaker = f"{'F' if label in 'AHX' else 'M'}{session:02d}"
            name = f"MSP-IMPROV-S01A-{speaker}-S-FM{'AHNSX'.index(label):02d}"
            lines.append(f"UTD-{name[4:]}.avi; {label}; A:3.0; V:NaN; D:3.0 ; N:{'NaN' if label == 'X' else '4.0'};")
            lines.append(f"{name[4:]}; Neutral; A:3; V:4; D:3; N:4;")
            tone(root / f"session{session}" / "S01A" / "S" / f"{name}.wav")
    (root / table).write_text("\n".join(lines) + "\n", encoding="ascii")
    return root


EMOTIONTALK = {"G00001_01_01_001": "happy", "G00001_01_02_002": "sad"}


def emotiontalk(root: Path, split: bool = True) -> Path:
    """Two utterances of each part, every pair of other speakers."""
    rows = []
    for part, group, speakers in (("train", 1, "01 02"), ("val", 2, "03 04"), ("test", 3, "05 06")):
        for number, (speaker, label) in enumerate(zip(speakers.split(), ("happy", "sad"), strict=True)):
            stem = f"G{group:05d}_01_{speaker}_{number:03d}"
            folder = f"G{group:05d}/G{group:05d}_01/G{group:05d}_01_{speaker}"
            rows.append([f"{folder}/{stem}.mp4", label, part][: 3 if split else 2])
            tone(root / "Audio" / "wav" / folder / f"{stem}.wav")
    write_csv(root / "mm.csv", ["file_name", "emotion", "split"][: 3 if split else 2], rows)
    write_csv(root / "transcription.csv", ["name", "emotion", "chinese"], [["G00001_01_01_000", "happy", "好"]])
    return root


def emobox(root: Path, folds: int = 2) -> Path:
    """Four utterances, tested in two folds; the sound is where EmoBox downloads it to."""
    names = [f"emodb-0{number}a01{label}a" for number in (3, 8) for label in "WN"]
    rows = {
        name: {
            "wav": f"downloads/emodb/wav/{name[6:]}.wav",
            "length": 0.3,
            "emo": "anger" if "W" in name else "neutral",
            "dataset": "emodb",
            "channel": 1,
        }
        for name in names
    }
    for row in rows.values():
        tone(root / str(row["wav"]))
    folder = root / "data" / "emodb"
    for fold in range(1, folds + 1):
        tested = names[2:] if fold == 1 else names[:2]
        parts = {"test": tested, "train": [name for name in names if name not in tested]}
        for part, chosen in parts.items():
            # EmoBox itself is not of one mind about the last underscore
            path = folder / f"fold_{fold}" / f"emodb_{part}_fold{'_' if part == 'train' else ''}{fold}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({name: rows[name] for name in chosen}), encoding="utf-8")
    (folder / "label_map.json").write_text('{"anger": "Angry", "Neutral": "Neutral"}', encoding="utf-8")
    return folder


def table(root: Path, speakers: Sequence[str] = ("a", "b", "c"), takes: int = 2) -> Path:
    """High tones are glad and low ones sad; a CSV with speakers."""
    rows = []
    for speaker in speakers:
        for label, hertz in (("glad", 400.0), ("sad", 120.0)):
            for take in range(takes):
                name = f"{speaker}_{label}_{take}.wav"
                tone(root / name, 0.4, hertz + 10 * take + ord(speaker[0]) - ord("a"))
                rows.append([name, label, speaker])
    return write_csv(root / "table.csv", ["path", "label", "speaker"], rows)


def release(root: Path) -> Path:
    """A release with clips of the interviewees."""
    releases.write(root, {video_id: ("", ["Yes.", "No."]) for video_id in ("0001", "0002")})
    for video_id in ("0001", "0002"):
        for number in (1, 2):
            tone(root / video_id / "interviewee" / f"segment_{number:03d}.wav")
    return root
