"""Interviews made up for the tests of the release: sound, records, and artifacts in a WORK folder."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from imigue_build.config import Export
from imigue_build.core.intervals import concurrent, merge
from imigue_build.core.record_json import encode
from imigue_build.core.records import (
    AlignedWord,
    Alignment,
    Diarization,
    ModelRef,
    Overlap,
    Phone,
    Provenance,
    Recording,
    Roles,
    Span,
    Speaker,
    Turn,
    Utterance,
)
from imigue_build.release.build.interview import write_interview
from imigue_build.stages.roles import assign_roles
from imigue_build.store.completion import Identity
from imigue_build.store.workspace import Workspace

RATE = 44_100


def wav(path: Path, seconds: float, voiced: Sequence[Span] = (), seed: int = 0) -> Path:
    """Noise of a level of 10, louder by a tone of 3000 within `voiced`."""
    count = round(seconds * RATE)
    samples = np.random.default_rng(seed).normal(0, 10, count)
    for span in voiced:
        at = np.arange(int(span.start * RATE), min(int(span.end * RATE), count))
        samples[at] += 3000 * np.sin(at * 0.05)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.round().astype("<i2").tobytes())
    return path


def recording(seconds: float) -> Recording:
    return Recording(seconds, RATE, 1, "aac", "mp4", 0, 1, 0.0, seconds)


def word(start: float, end: float, text: str, aligned: bool = True, confidence: float | None = 0.5) -> AlignedWord:
    third = (end - start) / 3
    phones = (Phone(start, start + third, "AH"), Phone(start + third, end, "T"))
    return AlignedWord(start, end, text, confidence, aligned=aligned, phones=phones if aligned else ())


def diarization(turns: Sequence[Turn]) -> Diarization:
    """All views of who spoke when, from turns that may overlap; where they do, the first speaker has it."""
    pieces = [(span, sorted({turn.speaker for turn in active})) for span, active in concurrent(turns)]
    exclusive = [Turn(span.start, span.end, names[0]) for span, names in pieces]
    overlap = [Overlap(span.start, span.end, tuple(names)) for span, names in pieces if len(names) > 1]
    speech = [Span(span.start, span.end) for span in merge(turns)]
    names = sorted({turn.speaker for turn in turns})
    speakers = [
        Speaker(
            name,
            sum(turn.duration for turn in turns if turn.speaker == name),
            sum(turn.speaker == name for turn in turns),
        )
        for name in names
    ]
    return Diarization(
        tuple(sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker))),
        tuple(exclusive),
        tuple(overlap),
        tuple(speech),
        tuple(speakers),
    )


TURNS = (
    Turn(0.4, 2.1, "SPEAKER_00"),
    Turn(2.3, 6.0, "SPEAKER_01"),
    Turn(5.6, 6.9, "SPEAKER_00"),
    Turn(7.2, 9.4, "SPEAKER_01"),
)
ALIGNMENT = Alignment(
    "en",
    (
        Utterance(0.5, 2.0, "SPEAKER_00", (word(0.5, 1.0, "How"), word(1.0, 1.4, "was"), word(1.5, 2.0, "it?"))),
        Utterance(
            2.5,
            5.9,
            "SPEAKER_01",
            (
                word(2.5, 3.0, "6-4,"),
                word(3.0, 3.4, "naïve"),
                word(3.4, 4.0, '"great"', aligned=False, confidence=None),
                word(5.5, 5.9, "So."),
            ),
        ),
        Utterance(5.7, 6.8, "SPEAKER_00", (word(5.7, 5.9, "and"), word(6.2, 6.8, "now?"))),
        Utterance(7.3, 9.3, "SPEAKER_01", (word(7.3, 8.0, "Paris."), word(9.0, 9.3, "Maybe."))),
    ),
)
DURATION = 10.0123


def write(
    folder: Path,
    video_id: str = "0440",
    alignment: Alignment = ALIGNMENT,
    turns: Sequence[Turn] = TURNS,
    seconds: float = DURATION,
    settings: Export | None = None,
    roles: Roles | None = None,
) -> Path:
    """An export artifact in `folder`/export, from a recording in `folder`; returns the artifact."""
    found = diarization(turns)
    audio = wav(folder / "audio.44k.wav", seconds, found.speech)
    out = folder / "export"
    out.mkdir()
    write_interview(
        out,
        video_id,
        audio,
        recording(seconds),
        alignment,
        found,
        roles or assign_roles(found),
        settings or Export(),
    )
    return out


class _Stages:
    """Publishes the stages of one interview, each with the hashes of what it was made from."""

    def __init__(self, work: Workspace, video_id: str, seconds: float) -> None:
        self.work, self.video_id, self.seconds = work, video_id, seconds
        self.hashes: dict[str, str] = {}

    def add(self, name: str, inputs: Sequence[str], settings: dict[str, Any], provenance: Provenance) -> _Staged:
        hashes = {name: self.hashes[name] for name in inputs}
        return _Staged(self, Identity(name, 1, hashes, settings, provenance))


class _Staged:
    """An artifact being written: its folder inside the block, published after it."""

    def __init__(self, stages: _Stages, identity: Identity) -> None:
        self.stages, self.identity = stages, identity

    def __enter__(self) -> Path:
        self.folder = self.stages.work.stage_folder(self.stages.video_id, self.identity.stage)
        return self.folder

    def __exit__(self, *_: object) -> None:
        stages, name = self.stages, self.identity.stage
        completion = stages.work.publish(self.folder, stages.video_id, self.identity, 1.0, stages.seconds, ())
        stages.hashes |= {f"{name}/{file}": output.sha256 for file, output in completion.outputs.items()}


def publish(
    work: Workspace,
    video_id: str,
    alignment: Alignment = ALIGNMENT,
    turns: Sequence[Turn] = TURNS,
    settings: Export | None = None,
    transcribe: dict[str, Any] | None = None,
    ffmpeg: str = "7.1",
    source: str = "a",
    seconds: float = DURATION,
    seed: int = 0,
    until: str = "export",
) -> None:
    """An interview in WORK: the artifacts of every stage up to `until`, each made from the one before."""
    found = diarization(turns)
    stages = _Stages(work, video_id, seconds)
    stages.hashes["video"] = source * 64
    with stages.add("extract", ["video"], {"timeout": 60.0}, Provenance({"ffmpeg": ffmpeg})) as out:
        wav(out / "audio.44k.wav", seconds, found.speech, seed)
    if until == "extract":
        return
    recognised = transcribe or {"backend": "pocketsphinx"}
    with stages.add("transcribe", ["extract/audio.44k.wav"], recognised, Provenance({"asr": "5.1.1"})) as out:
        (out / "transcript.json").write_text(f"{recognised}\n")
    if until == "transcribe":
        return
    models = (ModelRef("speaker-embedding", "0.1.4", "ab" * 32),)
    with stages.add(
        "diarize", ["extract/audio.44k.wav"], {"backend": "dvector"}, Provenance({"numpy": "2.0"}, models)
    ) as out:
        (out / "diarization.json").write_bytes(encode(found))
    inputs = ["transcribe/transcript.json", "diarize/diarization.json"]
    with stages.add("align", inputs, {"backend": "pocketsphinx"}, Provenance()) as out:
        (out / "alignment.json").write_bytes(encode(alignment))
    export = settings or Export()
    inputs = ["extract/audio.44k.wav", "align/alignment.json", "diarize/diarization.json"]
    with stages.add("export", inputs, export.model_dump(mode="json"), Provenance({"praatio": "6.2.2"})) as out:
        audio = work.artifact(video_id, "extract") / "audio.44k.wav"
        write_interview(out, video_id, audio, recording(seconds), alignment, found, assign_roles(found), export)
