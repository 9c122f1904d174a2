"""fetch-models with the hub's real client against a double of the hub: what arrives, once, and what fails how."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real_models.hub_double import Hub, Repository, serving

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.models

WHISPER = "Systran/faster-whisper-large-v3"
PIPELINE = "pyannote/speaker-diarization-community-1"
ALIGNER = "facebook/wav2vec2-base-960h"
TOKEN = "hf_QuiteSecret/Token"  # noqa: S105
WRONG = "hf_OfSomebodyElse"
NO_MFA = ("--set", "align.backend=pocketsphinx")
WEIGHTS = bytes(range(256)) * 4000


@pytest.fixture
def hub() -> Iterator[Hub]:
    """The three repositories of the paper recipe, with a few bytes each and what else such repositories hold."""
    usual = {"config.json": b'{"model": 1}', "README.md": b"# read me", ".gitattributes": b"*.bin filter=lfs"}
    vocabulary = {"tokenizer.json": b'{"t": 1}', "vocabulary.json": b'["a"]', "preprocessor_config.json": b'{"p": 1}'}
    wav2vec2 = {"model.safetensors": WEIGHTS, "pytorch_model.bin": WEIGHTS[::-1], "tf_model.h5": WEIGHTS}
    pipeline = {
        "config.yaml": b"pipeline:\n  params:\n    segmentation: $model/segmentation\n    plda: $model/plda\n",
        "segmentation/pytorch_model.bin": WEIGHTS,
        "plda/plda.npz": b"n" * 2000,
        "README.md": b"# gated",
    }
    repositories = {
        WHISPER: Repository({**usual, **vocabulary, "model.bin": WEIGHTS}),
        ALIGNER: Repository({**usual, **wav2vec2, "vocab.json": b'{"v": 1}', "preprocessor_config.json": b'{"p": 2}'}),
        PIPELINE: Repository(pipeline, gated=True, token=TOKEN),
    }
    with serving(repositories) as found:
        yield found


class Machine:
    """A home with empty caches from which the command is run."""

    def __init__(self, home: Path, hub: Hub) -> None:
        self.home = home
        # what keeps the other tests from any network also stands in the way to the double, and comes by PYTHONPATH
        foreign = ("HF_", "HUGGING", "TRANSFORMERS_", "PYTHONPATH")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
            "HF_ENDPOINT": hub.address,
            "HF_HOME": str(home / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_ETAG_TIMEOUT": "3",
            "IMIGUE_BUILD_CACHE": str(home / "cache"),
            "MFA_ROOT_DIR": str(home / "mfa"),
        }

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "imigue_build", "fetch-models", "--config", "paper", *NO_MFA, *words]
        return subprocess.Popen(
            command, env={**self.environment, **more}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def fetch(self, *words: str, **more: str) -> tuple[int, str]:
        """Exit code and all output, in which there may be no token and no traceback."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=120)
        assert TOKEN not in out + err and "Traceback" not in out + err
        return process.returncode, " ".join((out + err).split())

    def fetched(self, *words: str, **more: str) -> dict[str, Any]:
        """The JSON of a run that has succeeded."""
        process = self.start(*words, "--json", **more)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        document: dict[str, Any] = json.loads(out)
        return document

    def blob(self, repository: str, file: str) -> Path:
        folder = self.home / "hf" / "hub" / f"models--{repository.replace('/', '--')}"
        return (folder / "snapshots" / ("a" * 40) / file).resolve()


@pytest.fixture
def machine(tmp_path: Path, hub: Hub) -> Machine:
    return Machine(tmp_path, hub)


WHISPER_ALONE = ("--set", "transcribe.word_times=faster-whisper", "--set", "diarize.backend=dvector")


def test_everything_is_fetched_once(machine: Machine, hub: Hub) -> None:
    first = machine.fetched(HF_TOKEN=TOKEN)
    assert first["ok"] is True
    assert [(one["kind"], one["name"], one["revision"], one["state"]) for one in first["models"]] == [
        ("whisper", "large-v3", "a" * 40, "fetched"),
        ("wav2vec2", ALIGNER, "a" * 40, "fetched"),
        ("pyannote", PIPELINE, "a" * 40, "fetched"),
    ]
    assert first["models"][0]["bytes"] == len(WEIGHTS) + 12 + 8 + 5 + 8
    downloads = hub.downloads()
    assert len(downloads) == len(set(downloads)) + 2  # two repositories have a config.json and a preprocessor's
    assert not {"README.md", "pytorch_model.bin", "tf_model.h5"} & set(downloads)
    hub.asked.clear()
    second = machine.fetched(HF_TOKEN=TOKEN)
    assert {one["state"] for one in second["models"]} == {"already here"}
    assert [one["sha256"] for one in second["models"]] == [one["sha256"] for one in first["models"]]
    assert not hub.asked


def test_afterwards_no_network_is_needed(machine: Machine, hub: Hub) -> None:
    machine.fetched(*WHISPER_ALONE)
    hub.asked.clear()
    assert machine.fetched(*WHISPER_ALONE, HF_HUB_OFFLINE="1")["ok"] is True
    for pin in (machine.home / "cache" / "pins").iterdir():
        pin.unlink()
    assert machine.fetched(*WHISPER_ALONE, HF_HUB_OFFLINE="1")["ok"] is True
    assert len(list((machine.home / "cache" / "pins").iterdir())) == 1
    assert not hub.asked


def test_a_gated_model_says_what_to_accept(machine: Machine, hub: Hub) -> None:
    code, said = machine.fetch()
    assert code == 1
    assert f"{PIPELINE} is gated: its terms are not accepted: accept them at https://huggingface.co/{PIPELINE}" in said
    assert "set HF_TOKEN to a token of that account" in said
    code, said = machine.fetch(HF_TOKEN=WRONG)
    assert code == 1
    assert "with the account of the token in HF_TOKEN" in said and WRONG not in said
    assert not [pin for pin in (machine.home / "cache" / "pins").iterdir() if "pyannote" in pin.name]


def test_a_token_goes_to_the_hub_and_nowhere_else(machine: Machine, hub: Hub) -> None:
    (machine.home / "hf").mkdir()
    (machine.home / "hf" / "token").write_text("hf_LeftByAnotherTool")
    machine.fetch()
    assert not [headers for _, _, headers in hub.asked if "Authorization" in headers]  # the environment's only
    assert machine.fetch(HF_TOKEN=TOKEN)[0] == 0
    kept = [path for path in machine.home.rglob("*") if path.is_file()]
    assert kept and not [path for path in kept if TOKEN.encode() in path.read_bytes()]


def test_a_download_goes_on_where_it_was_cut_off(machine: Machine, hub: Hub) -> None:
    whole = WEIGHTS * 24  # the client keeps what it has in pieces of 10 MB
    hub.repositories[WHISPER].files["model.bin"] = whole
    hub.cut["model.bin"] = len(whole) - 1000
    code, said = machine.fetch(*WHISPER_ALONE)
    if code:  # newer clients go on by themselves
        assert code == 1 and "it goes on where it ended" in said
        assert not (machine.home / "cache" / "pins").exists()
        assert machine.fetch(*WHISPER_ALONE)[0] == 0
    starts = [headers.get("Range", "") for method, path, headers in hub.asked if method == "GET" and "model.b" in path]
    assert starts[0] in ("", "bytes=0-") and int(starts[-1].removeprefix("bytes=").split("-")[0]) >= 10_000_000
    assert machine.blob(WHISPER, "model.bin").read_bytes() == whole


def test_what_arrives_damaged_is_not_kept(machine: Machine, hub: Hub) -> None:
    hub.garbled.add("model.bin")
    code, said = machine.fetch(*WHISPER_ALONE)
    assert code == 1
    assert "model.bin of Systran/faster-whisper-large-v3 arrived damaged: run the same command again" in said
    assert not (machine.home / "cache" / "pins").exists()
    assert machine.fetch(*WHISPER_ALONE)[0] == 0


@pytest.mark.parametrize("file", ["model.bin", "config.json"])
def test_what_is_damaged_later_is_fetched_again_alone(machine: Machine, hub: Hub, file: str) -> None:
    before = machine.fetched(*WHISPER_ALONE)["models"][0]
    machine.blob(WHISPER, file).write_bytes(b"damage")
    hub.asked.clear()
    after = machine.fetched(*WHISPER_ALONE)["models"][0]
    assert (before.pop("state"), after.pop("state")) == ("fetched", "fetched")
    assert after == before
    assert hub.downloads() == [file]


def test_a_pinned_model_stays_though_the_hub_moves_on(machine: Machine, hub: Hub) -> None:
    machine.fetched(*WHISPER_ALONE)
    hub.repositories[WHISPER].commit = "b" * 40
    assert machine.fetched(*WHISPER_ALONE)["models"][0]["revision"] == "a" * 40
    newer = machine.fetched(*WHISPER_ALONE, "--set", "transcribe.revision=main")["models"][0]
    assert (newer["revision"], newer["state"]) == ("b" * 40, "fetched")
    assert machine.fetched(*WHISPER_ALONE)["models"][0]["revision"] == "a" * 40


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "transcribe.model=nobody/nothing"), "the hub shows nobody nobody/nothing: there is none"),
        (("--set", "transcribe.revision=v9"), "Systran/faster-whisper-large-v3 has no such revision on the hub"),
        (("--set", f"transcribe.model={ALIGNER}"), "is no whisper model that can be used: it holds no model.bin"),
        (("--set", "transcribe.model=enormous"), "there is no whisper model 'enormous'"),
    ],
)
def test_what_the_hub_does_not_have(machine: Machine, words: tuple[str, ...], said: str) -> None:
    code, output = machine.fetch(*WHISPER_ALONE, *words)
    assert code == 1
    assert said in output


def test_no_network_is_said(machine: Machine) -> None:
    code, said = machine.fetch(*WHISPER_ALONE, HF_ENDPOINT="http://127.0.0.1:9", HF_TOKEN=TOKEN)
    assert code == 1
    assert (
        "the hub cannot be reached for Systran/faster-whisper-large-v3" in said and "check this machine's net" in said
    )


def test_ctrl_c_leaves_no_pin_and_the_next_run_ends_it(machine: Machine, hub: Hub) -> None:
    hub.slow = 20.0
    process = machine.start(*WHISPER_ALONE)
    until = time.monotonic() + 30
    while "model.bin" not in hub.downloads() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert not (machine.home / "cache" / "pins").exists()
    hub.slow = 0.0
    assert machine.fetch(*WHISPER_ALONE)[0] == 0
