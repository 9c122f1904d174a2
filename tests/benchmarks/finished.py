"""A WORK in which any number of interviews is finished, made in a moment: for benches of what has nothing to do.

Names, records and hashes are those of the embedded recipe; the sounds are empty, and nothing is forced onto the disk.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final
from unittest import mock

from imigue_build.backends.configs import load
from imigue_build.config import Config
from imigue_build.core.record_json import encode_exactly
from imigue_build.core.records import Alignment
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.stage import VIDEO, Stage
from imigue_build.pipeline import Request, Summary, execute, prepare
from imigue_build.stages import build
from imigue_build.store.completion import FORMAT, Completion, Output
from imigue_build.store.workspace import COMPLETION, Workspace
from tests.release import made

_TEMPLATE: Final = "0440"
_SOUND: Final = b"RIFF, but silent"


class Finished:
    """Videos, WORK and release below a folder; `count` interviews, all finished and released."""

    def __init__(self, root: Path, count: int, config: Config | None = None) -> None:
        self.videos, self.work, self.release = root / "videos", root / "work", root / "release"
        self.ids = [f"{number:05d}" for number in range(1, count + 1)]
        self.config = config or load("embedded")
        self.pipeline = Pipeline(build(self.config))
        self.videos.mkdir(parents=True)
        Workspace(self.work).prepare()
        self._contents = _contents(self.pipeline)
        with mock.patch("imigue_build.store.system.fsync"):
            for video_id in self.ids:
                self._make(video_id)
            self.first = self.run()

    def run(self) -> Summary:
        """One run-all within this process."""
        request = Request(self.videos, self.work, self.release, self.config)
        return execute(prepare(request), lambda event: None)

    def outputs(self, video_id: str, stage: str) -> list[Path]:
        """The files of an artifact; the recording in an export is a link to extract's and left out."""
        folder = self.work / video_id / stage
        linked = folder / "release" / f"{video_id}.wav"
        return [folder / name for name in self._names(video_id, stage) if folder / name != linked]

    def _names(self, video_id: str, stage: str) -> list[str]:
        return [name.replace(_TEMPLATE, video_id) for name in self._contents[stage]]

    def _make(self, video_id: str) -> None:
        video = self.videos / f"{video_id}.mp4"
        video.write_bytes(f"video {video_id}".encode())
        hashes = {VIDEO: _digest(video.read_bytes())}
        for stage in self.pipeline.stages:
            self._publish(video_id, stage, hashes)

    def _publish(self, video_id: str, stage: Stage, hashes: dict[str, str]) -> None:
        folder = self.work / video_id / stage.name
        outputs: dict[str, Output] = {}
        for name, content in zip(self._names(video_id, stage.name), self._contents[stage.name].values(), strict=True):
            path, data = folder / name, content.replace(_TEMPLATE.encode(), video_id.encode())
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name == f"{video_id}.wav":
                os.link(self.work / video_id / "extract" / "audio.44k.wav", path)
            else:
                path.write_bytes(data)
            outputs[name] = Output(_digest(data), len(data))
        identity = self.pipeline.identity(stage, {name: hashes[name] for name in stage.inputs})
        record = Completion(FORMAT, video_id, identity.key, identity, outputs, 1.0, 60.0).sealed()
        (folder / COMPLETION).write_bytes(encode_exactly(record))
        hashes |= {f"{stage.name}/{name}": output.sha256 for name, output in outputs.items()}


def _contents(pipeline: Pipeline) -> dict[str, dict[str, bytes]]:
    """What each stage's artifact consists of: name -> content, of an interview with two clips."""
    names = {name for stage in pipeline.stages for name in stage.inputs if name != VIDEO}
    found: dict[str, dict[str, bytes]] = {stage.name: {} for stage in pipeline.stages}
    for stage, _, file in sorted(name.partition("/") for name in names):
        found[stage][file] = _SOUND if file.endswith(".wav") else b'{"made up": "0440"}\n'
    with tempfile.TemporaryDirectory() as temporary:
        two = Alignment("en", made.ALIGNMENT.utterances[:2])
        out = made.write(Path(temporary), _TEMPLATE, alignment=two)
        for path in sorted(path for path in out.rglob("*") if path.is_file()):
            found["export"][path.relative_to(out).as_posix()] = _SOUND if path.suffix == ".wav" else path.read_bytes()
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
