"""The recipes `embedded` and `paper` on the interviews of IMIGUE_SHARED_DATA, scored against their references.

`paper` runs on a CPU here: its code, pyannote's pipeline with segmentation-3.0 and CAM++, and whisperx, but with
Whisper base where the recipe has large-v3, with the word times of faster-whisper, and with pocketsphinx in MFA's place.

    make .venv-models/.models
    PYTHONPATH=$PWD/tests/real_models/site HF_HUB_OFFLINE=1 IMIGUE_SHARED_DATA=DATA \\
        .venv-models/bin/python -m tests.real_models.recipes

prints a table of both recipes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.real_models import making

_ROWS: Final = {
    "WER": ("wer",),
    "cpWER": ("cpwer",),
    "DER": ("der",),
    "DER, collar 0.25 s": ("der_collar_025",),
    "word-speaker accuracy": ("word_speaker_accuracy",),
    "role accuracy": ("role_accuracy",),
    "word boundaries, median in ms": ("word_boundary", "median_ms"),
    "word boundaries within 100 ms": ("word_boundary", "within_100"),
    "seconds": ("seconds",),
}


def paper_on_a_cpu(pipeline: Path, whisper: str = "base") -> tuple[str, ...]:
    """What `--set` changes in the recipe `paper`.

    Args:
        pipeline: The folder of pyannote's pipeline (`making.diarization_pipeline`).
        whisper: A Whisper model by name or folder.
    """
    return (
        f"transcribe.model={whisper}",
        "transcribe.compute_type=int8",
        "transcribe.word_times=faster-whisper",
        f"diarize.model={pipeline}",
        "align.backend=pocketsphinx",
    )


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs imigue-build with more in its environment; its output is captured."""
    return subprocess.run(
        [sys.executable, "-m", "imigue_build", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=1200,
    )


def run_all(root: Path, videos: Path, recipe: str, settings: Iterable[str]) -> list[str]:
    """The command that builds `root/release` from the recordings of a folder."""
    places = ["--work", str(root / "work"), "--release", str(root / "release"), "--config", recipe]
    options = [part for setting in settings for part in ("--set", setting)]
    return ["run-all", str(videos), *places, *options, "--json"]


def scores(root: Path, recordings: Path, recipe: str, settings: Iterable[str]) -> dict[str, Any]:
    """`score --json` of a recipe on the recordings of a folder with references, and the `seconds` it took."""
    root.mkdir()
    started = time.monotonic()
    _output(run_all(root, recordings, recipe, settings), root)
    seconds = time.monotonic() - started
    found = _output(["score", str(recordings), str(root / "release"), "--json"], root)
    return {**json.loads(found), "seconds": seconds}


def _output(arguments: Sequence[str], cwd: Path) -> str:
    done = command(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def table(columns: Mapping[str, Mapping[str, Any]]) -> str:
    """Scores side by side, in Markdown."""
    lines = [["", *columns], ["---"] * (1 + len(columns))]
    for title, path in _ROWS.items():
        lines.append([title, *(_shown(scored, path) for scored in columns.values())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(scored: Mapping[str, Any], path: Sequence[str]) -> str:
    value: Any = scored
    for key in path:
        value = (value or {}).get(key)
    return "-" if value is None else f"{value:.1f}" if path[-1] in ("median_ms", "seconds") else f"{value:.3f}"


def main() -> None:
    interviews = Path(os.environ["IMIGUE_SHARED_DATA"]).resolve() / "interviews"
    with TemporaryDirectory() as folder:
        pipeline = making.diarization_pipeline(Path(folder) / "pipeline")
        recipes: dict[str, tuple[str, ...]] = {"embedded": (), "paper": paper_on_a_cpu(pipeline)}
        columns = {name: scores(Path(folder) / name, interviews, name, recipes[name]) for name in recipes}
    print(table(columns))


if __name__ == "__main__":
    main()
