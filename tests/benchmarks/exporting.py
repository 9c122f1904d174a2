"""Exporting interviews, against copying the bytes that come of it and taking their sums."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.config import Export
from imigue_build.core.record_json import encode
from imigue_build.core.records import Alignment, Turn, Utterance
from imigue_build.engine.stage import Done, Task
from imigue_build.stages.export import ExportStage
from imigue_build.stages.roles import assign_roles
from imigue_build.store.completion import Identity
from imigue_build.store.workspace import Workspace
from tests.release import made

_TIMES: Final = 3
_ROUND: Final = 10.0
"""Seconds after which the made-up talk begins anew."""


def measure(interviews: int = 4, minutes: float = 5.0) -> dict[str, float]:
    """`export / cp`: seconds in which interviews are exported and published, by those of `cp` with SHA-256 sums.

    Both write the same bytes; only the export forces them onto the disk. Of several turns the quickest counts.
    """
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        stage = ExportStage(Export())
        tasks = [_task(root / f"{number:04d}", minutes * 60, stage, number) for number in range(interviews)]
        works = [root / f"work{turn}" for turn in range(_TIMES)]
        tried = [(_export(work, stage, tasks), _copy(work, root / "copy")) for work in works]
        ours, theirs = (min(seconds) for seconds in zip(*tried, strict=True))
    return {"export / cp": ours / theirs, "export s": ours, "cp s": theirs}


def _task(folder: Path, seconds: float, stage: ExportStage, seed: int) -> Task:
    """What export reads: two people in turn, for so many seconds."""
    folder.mkdir()
    starts = [_ROUND * number for number in range(int(seconds // _ROUND))]
    turns = [Turn(at + turn.start, at + turn.end, turn.speaker) for at in starts for turn in made.TURNS]
    talk = tuple(_later(one, at) for at in starts for one in made.ALIGNMENT.utterances)
    found = made.diarization(turns)
    records = (made.recording(seconds), found, assign_roles(found), Alignment("en", talk))
    audio = made.wav(folder / "audio.44k.wav", seconds, found.speech, seed)
    paths = [folder / name.partition("/")[2] for name in stage.inputs[1:]]
    for path, record in zip(paths, records, strict=True):
        path.write_bytes(encode(record))
    return Task(folder.name, dict(zip(stage.inputs, (audio, *paths), strict=True)), folder)


def _later(utterance: Utterance, by: float) -> Utterance:
    words = tuple(
        replace(
            word,
            start=word.start + by,
            end=word.end + by,
            phones=tuple(replace(phone, start=phone.start + by, end=phone.end + by) for phone in word.phones),
        )
        for word in utterance.words
    )
    return replace(utterance, start=utterance.start + by, end=utterance.end + by, words=words)


def _export(folder: Path, stage: ExportStage, tasks: list[Task]) -> float:
    work = Workspace(folder)
    work.prepare()
    identity = Identity(stage.name, stage.version, {}, stage.settings(), stage.provenance())
    started = time.monotonic()
    for task in tasks:
        out = work.stage_folder(task.video_id, stage.name)
        (outcome,) = stage.run([Task(task.video_id, task.inputs, out)])
        if not isinstance(outcome, Done):
            raise RuntimeError(outcome.reason)
        work.publish(out, task.video_id, identity, 0.0, 0.0, ())
    return time.monotonic() - started


def _copy(source: Path, target: Path) -> float:
    """Copies what was exported and takes the sums of the copies, by the usual commands."""
    os.sync()  # what the export left to be written is not the copy's
    started = time.monotonic()
    subprocess.run(["cp", "-r", source, target], check=True)
    subprocess.run(["find", target, "-type", "f", "-exec", "sha256sum", "{}", "+"], check=True, capture_output=True)
    seconds = time.monotonic() - started
    shutil.rmtree(target)
    return seconds


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
