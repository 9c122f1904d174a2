"""Releases as far as the benchmarks read them: manifest, provenance, labels, and clips where a test needs some."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.release.tiny_release import PROVENANCE, write_wav

RATE = 44_100
Said = tuple[str, Sequence[str]]
"""An interview: its outcome, and the texts of its interviewee's segments."""


def row(video_id: str, number: int | None, text: str, role: str = "interviewee", start: float = 0.0) -> dict[str, Any]:
    name = None if number is None else f"segment_{number:03d}"
    return {
        "video_id": video_id,
        "role": role,
        "segment_id": name,
        "speaker": "SPEAKER_00" if role == "interviewee" else "SPEAKER_01",
        "start": start,
        "end": start + 1.0,
        "clip": name and f"{video_id}/{role}/{name}.wav",
        "raw": text,
        "asr": text.lower(),
        "words": [],
        "language": "en",
    }


def write(root: Path, interviews: Mapping[str, Said], genders: Mapping[str, str] | None = None) -> Path:
    """A release without sound, from interviews by id; each also has a question, and a segment without a clip."""
    rows: list[dict[str, Any]] = []
    for video_id, (_, texts) in sorted(interviews.items()):
        rows.append(row(video_id, 1, "How terrible, awful, bad was it?", "interviewer"))
        rows += [row(video_id, number, text, start=2.0 * number) for number, text in enumerate(texts, 1)]
        rows.append(row(video_id, None, "Horrible overlap!", start=2.0 * len(texts) + 2))
    root.mkdir(parents=True, exist_ok=True)
    (root / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in rows), encoding="utf-8")
    videos = {video_id: {"sha256": "a" * 64, "duration_s": 1000.0} for video_id in interviews}
    (root / "provenance.json").write_text(json.dumps(PROVENANCE | {"videos": videos}), encoding="utf-8")
    lines = [f"{name},{(genders or {}).get(name, '')},,{outcome}" for name, (outcome, _) in interviews.items()]
    header = "video_id,subject_gender,subject_nationality,win_or_lose"
    (root / "labels.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return root


def write_subjects(path: Path, subjects: Mapping[str, str]) -> Path:
    lines = [f"{video_id},{subject}" for video_id, subject in subjects.items()]
    path.write_text("\n".join(["video_id,subject_id", *lines]) + "\n", encoding="utf-8")
    return path


def write_clip(root: Path, video_id: str, number: int, sound: NDArray[np.float64], rate: int = RATE) -> Path:
    """A segment's clip, of sound from -1 to 1."""
    path = root / video_id / "interviewee" / f"segment_{number:03d}.wav"
    write_wav(path, (sound * 32000).astype("<i2"), rate)
    return path
