"""Fetching without the hub's client: local models, MFA's through a small `mfa`, and what keeps tokens in."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imigue_build.backends.alignment.mfa.models import MfaModel
from imigue_build.backends.configs import load
from imigue_build.backends.registry import models
from imigue_build.core.errors import BackendError
from imigue_build.core.secrets import scrubbed, token, without_tokens
from imigue_build.models import Fetched, Wanted, fetch, locate, pins
from tests.models.places import WHISPER, cached, put, wanted

MFA = """#!{python}
import os, pathlib, sys, time, zipfile
said = pathlib.Path({log!r})
with said.open("a") as log:
    log.write(" ".join(sys.argv[1:]) + " " + " ".join(sorted(k for k in os.environ if "TOKEN" in k)) + "\\n")
if os.environ.get("HANG"):
    time.sleep(60)
if "english_us_arpa" not in sys.argv:
    print("╭─ Error ─╮")
    print("│ Could not find a model named " + sys.argv[4] + " │")
    sys.exit(1)
kind = sys.argv[3]
folder = pathlib.Path(os.environ["MFA_ROOT_DIR"], "pretrained_models", kind)
folder.mkdir(parents=True, exist_ok=True)
if kind == "dictionary":
    (folder / "english_us_arpa.dict").write_text("word W ER D\\n")
else:
    with zipfile.ZipFile(folder / "english_us_arpa.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("meta.json"), '{{"phones": ["W"]}}')
        archive.writestr(zipfile.ZipInfo("final.mdl" if kind == "acoustic" else "model.fst"), "x")
"""


def silent(done: int, total: int) -> None:
    """Takes progress."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def launcher(tmp_path: Path, log: Path) -> tuple[str, ...]:
    program = put(tmp_path / "bin", {"mfa": MFA.format(python=sys.executable, log=str(log)).encode()}) / "mfa"
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return (str(program),)


def test_the_models_that_recipes_name() -> None:
    assert models(load("minimal")) == []
    assert models(load("embedded")) == [wanted("whisper", "base")]
    pipeline = "pyannote/speaker-diarization-community-1"
    assert models(load("paper")) == [
        wanted("whisper", "large-v3"),
        wanted("wav2vec2", "facebook/wav2vec2-base-960h"),
        wanted("pyannote", pipeline),
        wanted("acoustic", "english_us_arpa"),
        wanted("dictionary", "english_us_arpa"),
    ]
    settings = ["transcribe.word_times=faster-whisper", "diarize.revision=v1", "align.g2p_model=english_us_arpa"]
    found = models(load("paper", settings))
    assert [model.kind for model in found] == ["whisper", "pyannote", "acoustic", "dictionary", "g2p"]
    assert found[1] == wanted("pyannote", pipeline, "v1")


def test_a_local_model_is_only_hashed(tmp_path: Path) -> None:
    folder = put(tmp_path / "own", WHISPER)
    found = fetch(wanted("whisper", str(folder)), silent)
    assert found.state == "local, nothing to fetch"
    assert found.located == locate(wanted("whisper", str(folder)))


def test_models_of_mfa_are_fetched_once(launcher: tuple[str, ...], log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_abcdefgh")
    states = [
        fetch(Wanted(MfaModel(kind, launcher), "english_us_arpa"), silent).state
        for _ in range(2)
        for kind in ("acoustic", "dictionary", "g2p")
    ]
    assert states == ["fetched"] * 3 + ["already here"] * 3
    downloads = [f"model download {kind} english_us_arpa" for kind in ("acoustic", "dictionary", "g2p")]
    assert [line.rstrip() for line in log.read_text().splitlines()] == downloads  # and no token's name after them


def test_a_damaged_model_of_mfa_is_fetched_again(launcher: tuple[str, ...], log: Path) -> None:
    one = Wanted(MfaModel("acoustic", launcher), "english_us_arpa")
    located = fetch(one, silent).located
    located.path.write_bytes(b"damage")
    with pytest.raises(BackendError, match="damaged or changed"):
        locate(one)
    assert fetch(one, silent) == Fetched(one, located, "fetched")
    assert "--ignore_cache" in log.read_text().splitlines()[-1]


def test_what_is_no_model_is_not_pinned(launcher: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path / "mfa" / "pretrained_models" / "acoustic", {"english_us_arpa.zip": b"<html>Not found</html>"})
    one = Wanted(MfaModel("acoustic", launcher), "english_us_arpa")
    with pytest.raises(
        BackendError, match=r"english_us_arpa\.zip is no acoustic model of MFA \(it is no ZIP archive\)"
    ):
        locate(one)


def test_what_mfa_says_is_passed_on(launcher: tuple[str, ...]) -> None:
    with pytest.raises(BackendError) as caught:
        fetch(Wanted(MfaModel("acoustic", launcher), "klingon"), silent)
    assert "exit code 1: Could not find a model named klingon)" in caught.value.what
    assert "model download acoustic klingon" in caught.value.remedy


def test_a_missing_launcher_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"MFA cannot be started with .*nowhere") as caught:
        fetch(Wanted(MfaModel("acoustic", (str(tmp_path / "nowhere"),)), "english_us_arpa"), silent)
    assert "conda" in caught.value.remedy


def test_offline_nothing_is_fetched(launcher: tuple[str, ...], log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for one in (wanted("acoustic", "english_us_arpa"), wanted("whisper", "large-v3")):
        with pytest.raises(BackendError, match="is not here: HF_HUB_OFFLINE is set"):
            fetch(one, silent)
    assert not log.exists()


def test_offline_a_whole_cache_is_verified_and_pinned(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    one, repository = wanted("whisper", "large-v3"), "Systran/faster-whisper-large-v3"
    folder = cached(hub_cache, repository, WHISPER)
    (folder / "model.bin").resolve().write_bytes(b"weighty")
    with pytest.raises(BackendError, match=r"model\.bin is damaged or changed"):
        fetch(one, silent)
    assert pins.read("whisper", repository, None) is None
    (folder / "model.bin").resolve().write_bytes(WHISPER["model.bin"])
    assert fetch(one, silent).state == "already here"
    assert pins.read("whisper", repository, None) is not None


def test_ctrl_c_ends_mfa_and_leaves_no_pin(launcher: tuple[str, ...], log: Path, tmp_path: Path) -> None:
    script = (
        "from imigue_build.backends.alignment.mfa.models import MfaModel\n"
        "from imigue_build.models import Wanted, fetch\n"
        f"fetch(Wanted(MfaModel('acoustic', ({launcher[0]!r},)), 'english_us_arpa'), lambda *_: None)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "HANG": "1"}, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 20
    while not log.exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in said
    assert not (tmp_path / "cache" / "pins").exists()


def test_tokens_come_from_the_environment_and_reach_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert token() is None
    monkeypatch.setenv("HUGGING_FACE_HUB_TOKEN", "hf_second/one")
    found = token()
    assert found is not None and found.get_secret_value() == "hf_second/one"
    assert "second" not in repr(found) + str(found)
    monkeypatch.setenv("HF_TOKEN", "hf_first")
    assert scrubbed("Bearer hf_first, ?t=hf_second%2Fone and hf_second/one") == "Bearer [token], ?t=[token] and [token]"
    assert not {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} & set(without_tokens())
