"""The whole of `doctor`: complete on a machine with nothing, quick, silent about tokens, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imigue_build.apps import doctor
from imigue_build.apps.doctor import gpu, models, packages
from imigue_build.backends import registry
from imigue_build.backends.asr.faster_whisper import transcriber as faster_whisper
from imigue_build.backends.configs import load
from imigue_build.backends.speaker_embedding import embedding
from tests.apps.doctor import programs
from tests.models.places import PIPELINE, WHISPER, archive, cached, put

COMMUNITY = "pyannote/speaker-diarization-community-1"


def run(*words: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build", "doctor", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout


def table(*words: str, **environment: str) -> tuple[int, dict[str, dict[str, Any]]]:
    code, out = run(*words, "--json", **environment)
    document = json.loads(out)
    assert document["ok"] == (code == 0)
    assert all({"name", "ok", "detail", "remedy", "needed"} <= set(check) for check in document["checks"])
    return code, {check["name"]: check for check in document["checks"]}


def test_a_machine_with_nothing_is_told_all_that_is_missing() -> None:
    code, found = table("--config", "paper")
    assert code == 1
    missing = {name for name, check in found.items() if check["needed"] and not check["ok"]}
    assert {
        *("transcribe backend", "diarize backend", "align backend"),
        *("whisperx", "pyannote.audio", "torch", "GPU", "CUDA libraries", "torch on the GPU", "MFA"),
        *("whisper model", "wav2vec2 model", "pyannote model", "acoustic model", "dictionary model"),
        *("terms of use", "hub token"),
    } <= missing
    assert all(found[name]["remedy"] for name in missing)
    assert f"https://huggingface.co/{COMMUNITY}" in found["terms of use"]["remedy"]
    fetch = found["whisper model"]["remedy"]
    assert fetch.endswith(f"{Path(sys.executable).name} -m imigue_build fetch-models --config paper")
    assert found["acoustic model"]["remedy"] == f"{fetch} (or: mfa model download acoustic english_us_arpa)"


def test_the_text_gives_each_command_on_a_line() -> None:
    code, out = run("--config", "paper", "--set", "transcribe.model=medium")
    assert code == 1
    lines = out.splitlines()
    (fetch,) = (line for line in lines if line.startswith("  whisper model, wav2vec2 model, pyannote model: "))
    assert fetch.endswith("-m imigue_build fetch-models --config paper --set transcribe.model=medium")
    assert "this machine cannot run the config yet" in lines


def test_the_default_recipe_runs_on_a_machine_with_nothing() -> None:
    code, found = table()
    assert code == 0
    assert found["transcribe backend"]["ok"] and not found["MFA"]["needed"] and not found["GPU"]["needed"]


def test_a_token_is_told_of_and_never_shown(path: Path) -> None:
    token = "hf_NeverToBeSeen"  # noqa: S105
    programs.mfa(path, f"error: bad credentials {token}", code=1)
    code, out = run("--config", "paper", HF_TOKEN=token)
    assert code == 1 and token not in out
    _, found = table("--config", "paper", HF_TOKEN=token)
    assert found["hub token"]["ok"] and found["hub token"]["detail"] == "set"
    assert token not in json.dumps(found)


def test_models_that_are_here_need_no_terms_and_no_token(tmp_path: Path) -> None:
    cache, home = tmp_path / "home" / ".cache" / "huggingface" / "hub", tmp_path / "home" / "Documents" / "MFA"
    cached(cache, "Systran/faster-whisper-large-v3", WHISPER)
    cached(cache, COMMUNITY, PIPELINE)
    archive(home / "pretrained_models" / "acoustic" / "english_us_arpa.zip", {"version": "3.0.0"})
    put(home / "pretrained_models" / "dictionary", {"english_us_arpa.dict": b"a AH"})
    found = {
        check.name: check for check in models.examine(load("paper", ["transcribe.word_times=faster-whisper"]), "x")
    }
    assert {name for name, check in found.items() if check.ok} == {
        *("whisper model", "pyannote model", "acoustic model", "dictionary model")
    }
    assert not found["hub token"].needed and "terms of use" not in found
    assert "revision 3.0.0" in found["acoustic model"].detail


def test_a_local_pipeline_is_not_gated(tmp_path: Path) -> None:
    config = load("paper", [f"diarize.model={tmp_path / 'nowhere'}"])
    found = {check.name: check for check in models.examine(config, "fetch it")}
    assert not found["pyannote model"].ok and found["pyannote model"].remedy == "name an existing one"
    assert "terms of use" not in found and not found["hub token"].needed


@pytest.mark.parametrize(
    ("versions", "bad"),
    [
        ({"whisperx": "3.8.6", "pyannote.audio": "4.0.7", "torch": "2.8.0+cu128", "faster-whisper": "1.2.1"}, set()),
        ({"whisperx": "3.4.2", "pyannote.audio": "3.3.2", "torch": "2.13.0", "faster-whisper": "1.2.1"}, {0, 1, 2}),
    ],
)
def test_versions_must_fit_together(monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], bad: set[int]) -> None:
    monkeypatch.setattr(packages, "installed", versions.get)
    found = {check.name: check for check in packages.examine(load("paper"))}
    misfits = {["whisperx", "pyannote.audio", "torch"][index] for index in bad}
    assert {name for name, check in found.items() if check.needed and not check.ok} == misfits
    assert all(found[name].remedy.startswith("pip install '") for name in misfits)


def test_on_the_processor_a_newer_torch_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "installed", {"torch": "2.13.0"}.get)
    settings = ["transcribe.device=cpu", "transcribe.compute_type=int8", "diarize.device=cpu"]
    found = {check.name: check for check in packages.examine(load("paper", settings))}
    assert found["torch"].ok


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyError("x"), RecursionError(), OSError(5, "input/output")])
def test_no_check_stops_the_others(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*_: object) -> Any:
        raise error

    for module, name in ((gpu, "visible"), (models, "locate"), (packages, "installed"), (embedding, "embedding_kind")):
        monkeypatch.setattr(module, name, broken)
    monkeypatch.setattr(registry, "make", broken)
    names = [check.name for check in doctor.examine(load("paper"))]
    assert {"python", "transcribe backend", "align backend", "packages", "GPU", "MFA", "whisper model"} <= set(names)


def test_torch_is_not_imported_here() -> None:
    script = (
        "import sys; from imigue_build.backends.configs import load; from imigue_build.apps.doctor import examine\n"
        "examine(load('paper')); print({'torch', 'whisperx', 'pyannote.audio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"


def test_a_backend_without_its_model_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faster_whisper, "version", lambda name: "1.2.1")
    found = {check.name: check for check in doctor.examine(load("embedded", ["transcribe.model=small"]), "fetch it so")}
    assert found["transcribe backend"].remedy == found["whisper model"].remedy == "fetch it so"
