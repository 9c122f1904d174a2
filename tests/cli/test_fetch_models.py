"""fetch-models on the command line, as far as it goes without the hub's client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from imigue_build.cli.main import app
from tests.models.places import PIPELINE, WHISPER, put


def fetch(home: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build", "fetch-models", *words],
        env={**os.environ, "HOME": str(home), "HF_HUB_CACHE": str(home / "hub"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_recipe_without_models(tmp_path: Path) -> None:
    code, out, _ = fetch(tmp_path, "--config", "minimal")
    assert code == 0
    assert "the minimal recipe needs no model that is not installed with it" in out
    assert json.loads(fetch(tmp_path, "--config", "minimal", "--json")[1]) == {"ok": True, "models": [], "failed": []}


def test_local_models_and_missing_ones(tmp_path: Path) -> None:
    whisper, pipeline = put(tmp_path / "whisper", WHISPER), put(tmp_path / "pipeline", PIPELINE)
    words = ["--config", "paper", "--set", f"transcribe.model={whisper}", "--set", f"diarize.model={pipeline}"]
    code, out, err = fetch(tmp_path, *words, "--set", "align.backend=pocketsphinx", "--json")
    assert code == 1
    document = json.loads(out)
    assert document["ok"] is False
    assert [(one["kind"], one["revision"], one["state"]) for one in document["models"]] == [
        ("whisper", "local", "local, nothing to fetch"),
        ("pyannote", "local", "local, nothing to fetch"),
    ]
    assert [one["bytes"] for one in document["models"]] == [
        sum(map(len, files.values())) for files in (WHISPER, PIPELINE)
    ]
    assert all(len(one["sha256"]) == 64 for one in document["models"])
    assert [one["kind"] for one in document["failed"]] == ["wav2vec2"]
    assert "missing: wav2vec2 facebook/wav2vec2-base-960h" in err


def test_all_here(tmp_path: Path) -> None:
    whisper = put(tmp_path / "whisper", WHISPER)
    code, out, _ = fetch(tmp_path, "--config", "embedded", "--set", f"transcribe.model={whisper}")
    assert code == 0
    assert "local, nothing to fetch; revision local, 25 bytes" in out
    assert "here: 1 of 1 model, 25 bytes; runs need no network for them" in out


def test_a_config_that_does_not_fit(tmp_path: Path) -> None:
    assert fetch(tmp_path, "--config", "nowhere.yaml")[0] == 2


def test_a_whisper_as_a_benchmarks_encoder(tmp_path: Path) -> None:
    whisper = put(tmp_path / "whisper", WHISPER)
    found = CliRunner().invoke(app, ["bench", "fetch", f"whisper:{whisper}", "--json"])
    document = json.loads(found.stdout)
    assert (document["kind"], document["name"], document["bytes"]) == ("whisper", str(whisper), 25)
    assert document["state"] == "local, nothing to fetch"
