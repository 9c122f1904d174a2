"""Gestures paired with the speech of a release as large as iMiGUE's: 18,000 rows, 359 interviews of 34 hours."""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from imigue_build.apps.gestures.build import build
from tests.release.tiny_release import PROVENANCE, row, textgrid

ASKED: Final = "SPEAKER_00"
TOLD: Final = "SPEAKER_01"
_ROUND: Final = 20.0
"""Seconds of a question and its answer."""
_QUESTION: Final = 15
_ANSWER: Final = 35
"""Words; each takes 0.35 s, with pauses."""
HEADER: Final = (
    "video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,subject_gender,"
    "subject_nationality,win_or_lose"
)


def measure(interviews: int = 359, gestures: int = 18_000, minutes: float = 5.7) -> dict[str, float]:
    """Rows of labels a second, of one run: reading, checking, pairing, statistics, TextGrids, time line, fsync."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        labels = made(root, interviews, gestures, minutes * 60)
        started, busy = time.monotonic(), time.process_time()
        built = build(root / "release", labels, root / "out")
        seconds, busy = time.monotonic() - started, time.process_time() - busy
    if built.paired != built.gestures or built.problems:
        raise RuntimeError(f"{built.paired} of {built.gestures} gestures were paired: {built.problems[:3]}")
    return {"rows": built.gestures, "seconds": seconds, "processor s": busy, "rows / s": built.gestures / seconds}


def made(root: Path, interviews: int, gestures: int, seconds: float) -> Path:
    """A release of interviews that all say the same, and its labels in the long form, in `root`."""
    rows, turns = _talk(seconds)
    manifest = "".join(json.dumps(one) + "\n" for one in rows)
    said = [(start, end, speaker) for start, end, speaker in turns]
    tiers: dict[str, list[tuple[float, float, str]]] = {
        role: [(one["start"], one["end"], one["raw"]) for one in rows if one["role"] == role]
        for role in ("interviewee", "interviewer")
    }
    tiers |= {"diarization": said, "overlap": [], "vad": [(start, end, "speech") for start, end, _ in said]}
    grid = textgrid(seconds, tiers)
    rttm = "".join(f"SPEAKER 0000 1 {s:.3f} {e - s:.3f} <NA> <NA> {who} <NA> <NA>\n" for s, e, who in turns)
    ids = [f"{number:04d}" for number in range(1, interviews + 1)]
    for name in ids:
        folder = root / "release" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.rttm").write_text(rttm.replace(" 0000 ", f" {name} "))
        (folder / f"{name}.TextGrid").write_text(grid)
    with open(root / "release" / "manifest.jsonl", "w") as file:
        file.writelines(manifest.replace('"0000', f'"{name}') for name in ids)
    videos = {name: {"sha256": "a" * 64, "duration_s": seconds} for name in ids}
    (root / "release" / "provenance.json").write_text(json.dumps(PROVENANCE | {"videos": videos}))
    return _labels(root, ids, gestures, seconds)


def _talk(seconds: float) -> tuple[list[dict[str, Any]], list[tuple[float, float, str]]]:
    rows, turns = [], []
    for place in range(int(seconds // _ROUND)):
        at = place * _ROUND
        parts = (("interviewer", ASKED, _QUESTION, at + 0.5), ("interviewee", TOLD, _ANSWER, at + 6.5))
        for role, speaker, count, start in parts:
            words = [
                (round(start + 0.36 * n, 3), round(start + 0.36 * n + 0.3, 3), f"word{n % 7}") for n in range(count)
            ]
            span = words[0][0], words[-1][1]
            text = " ".join(word for _, _, word in words)
            rows.append(row("0000", role, speaker, place + 1, span, words, text))
            turns.append((*span, speaker))
    return rows, turns


def _labels(root: Path, ids: list[str], gestures: int, seconds: float) -> Path:
    draw = random.Random(0)
    lines = [HEADER]
    for number in range(gestures):
        place = number % len(ids)
        start = round(draw.uniform(0, seconds - 4), 4)
        end = round(start + draw.uniform(0.2, 4), 4)
        outcome = "Win" if place % 3 else "Lose"
        kind = draw.choice([*range(1, 32), *[99] * 12])
        times = f"{start},{int(start * 25 + 1e-6)},{end},{int(end * 25 + 1e-6)}"
        lines.append(f"{int(ids[place])},{number},{times},{kind},{place % 72},F,United States,{outcome}")
    path = root / "labels.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


if __name__ == "__main__":
    print(measure())
