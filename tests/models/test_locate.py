"""Where a model is found, by which revision, and what is said where it is not, is not whole or was changed."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from imigue_build.apps.bench.pretrained import ENCODER
from imigue_build.core.errors import BackendError
from imigue_build.models import Wanted, locate, pins
from imigue_build.models.digests import combined, file_digest
from tests.models.places import COMMIT, PIPELINE, WHISPER, archive, cached, put, wanted

LARGE = "Systran/faster-whisper-large-v3"
OTHER = "b" * 40


def pin(model: Wanted, repository: str, commit: str, folder: Path, names: list[str]) -> None:
    files = {name: file_digest(folder / name) for name in names}
    pins.write(pins.Pin(model.kind, repository, commit, files), model.revision)


@pytest.mark.parametrize("name", ["large-v3", "large", LARGE])
def test_a_size_and_its_repository_are_one_model(hub_cache: Path, name: str) -> None:
    folder = cached(hub_cache, LARGE, WHISPER)
    found = locate(wanted("whisper", name))
    assert (found.path, found.ref.name, found.ref.revision) == (folder, f"whisper {LARGE}", COMMIT)
    assert found.ref.sha256 == combined({one: file_digest(folder / one) for one in WHISPER})
    assert found.bytes == sum(map(len, WHISPER.values()))


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("tiny.en", "Systran/faster-whisper-tiny.en"),
        ("turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
        ("distil-large-v3", "Systran/faster-distil-whisper-large-v3"),
        ("distil-large-v3.5", "distil-whisper/distil-large-v3.5-ct2"),
    ],
)
def test_sizes_are_those_of_faster_whisper(hub_cache: Path, name: str, repository: str) -> None:
    cached(hub_cache, repository, WHISPER)
    assert locate(wanted("whisper", name)).ref.name == f"whisper {repository}"


def test_what_else_lies_in_a_snapshot_is_no_part_of_the_model(hub_cache: Path) -> None:
    cached(hub_cache, LARGE, WHISPER)
    before = locate(wanted("whisper", "large-v3")).ref
    put(hub_cache / f"models--{LARGE.replace('/', '--')}" / "snapshots" / COMMIT, {"README.md": b"x", ".git/x": b"y"})
    assert locate(wanted("whisper", "large-v3")).ref == before


def test_the_pinned_revision_goes_before_what_the_cache_calls_main(hub_cache: Path) -> None:
    model = wanted("whisper", "large-v3")
    folder = cached(hub_cache, LARGE, WHISPER)
    pin(model, LARGE, COMMIT, folder, list(WHISPER))
    cached(hub_cache, LARGE, {**WHISPER, "model.bin": b"newer"}, commit=OTHER)
    assert locate(model).ref.revision == COMMIT


@pytest.mark.parametrize("revision", [OTHER, "v1.0"])
def test_a_revision_of_the_config_is_taken(hub_cache: Path, revision: str) -> None:
    cached(hub_cache, LARGE, WHISPER)
    cached(hub_cache, LARGE, WHISPER, commit=OTHER, ref="v1.0")
    assert locate(wanted("whisper", "large-v3", revision)).ref.revision == OTHER


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (wanted("whisper", "large-v3"), "the whisper model large-v3 is not here"),
        (wanted("whisper", "large-v3", "v9"), "the whisper model large-v3 at revision v9 is not here"),
        (wanted("pyannote", "pyannote/speaker-diarization-community-1"), "speaker-diarization-community-1 is not here"),
        (wanted("acoustic", "english_us_arpa"), "the acoustic model english_us_arpa is not here"),
    ],
)
def test_what_is_not_here_names_the_command(model: Wanted, said: str) -> None:
    with pytest.raises(BackendError) as caught:
        locate(model)
    assert said in caught.value.what
    assert "imigue-build fetch-models --config" in caught.value.remedy


@pytest.mark.parametrize(
    "model",
    [
        wanted("whisper", "enormous"),
        wanted("whisper", "../nowhere/passwd"),
        wanted("pyannote", "a/b/c"),
        wanted("acoustic", "../secret"),
        wanted("whisper", "large-v3", "../../../../etc"),
        wanted("whisper", "large-v3", "/etc"),
    ],
)
def test_names_that_no_model_can_have(model: Wanted) -> None:
    with pytest.raises(BackendError, match=r"there is no|is no revision|does not exist"):
        locate(model)


@pytest.mark.parametrize("missing", sorted(WHISPER))
def test_a_snapshot_must_be_whole(hub_cache: Path, missing: str) -> None:
    folder = cached(hub_cache, LARGE, WHISPER)
    (folder / missing).resolve().unlink()  # leaves a link to nothing, as a cut-off download does
    said = "vocabulary.*" if missing.startswith("voc") else missing
    with pytest.raises(BackendError, match="large-v3 is not whole") as caught:
        locate(wanted("whisper", "large-v3"))
    assert said in caught.value.what


def test_an_empty_file_does_not_count(hub_cache: Path) -> None:
    cached(hub_cache, LARGE, {**WHISPER, "model.bin": b""})
    with pytest.raises(BackendError, match=r"model\.bin is missing"):
        locate(wanted("whisper", "large-v3"))


def test_all_that_was_pinned_must_be_there(hub_cache: Path) -> None:
    model = wanted("whisper", "large-v3")
    folder = cached(hub_cache, LARGE, {**WHISPER, "preprocessor_config.json": b"{}"})
    pin(model, LARGE, COMMIT, folder, [*WHISPER, "preprocessor_config.json"])
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(BackendError, match=r"preprocessor_config\.json is missing"):
        locate(model)


def test_without_a_pin_the_cache_states_what_a_large_file_was(hub_cache: Path) -> None:
    folder = cached(hub_cache, LARGE, WHISPER)
    blob = folder / ".." / ".." / "blobs" / sha256(WHISPER["model.bin"]).hexdigest()
    (folder / "model.bin").resolve().rename(blob)
    (folder / "model.bin").unlink()
    (folder / "model.bin").symlink_to(blob)
    locate(wanted("whisper", "large-v3"))
    blob.write_bytes(b"weighty")
    with pytest.raises(BackendError, match=r"not what was fetched: model\.bin is damaged or changed"):
        locate(wanted("whisper", "large-v3"))


def test_a_changed_file_is_named(hub_cache: Path) -> None:
    model = wanted("whisper", "large-v3")
    folder = cached(hub_cache, LARGE, WHISPER)
    pin(model, LARGE, COMMIT, folder, list(WHISPER))
    locate(model)
    (folder / "model.bin").resolve().write_bytes(b"weighty")
    with pytest.raises(BackendError, match=r"not what was fetched: model\.bin is damaged or changed.*fetch-models"):
        locate(model)


def test_a_pipeline_needs_the_parts_that_it_names(hub_cache: Path) -> None:
    name = "pyannote/speaker-diarization-community-1"
    folder = cached(hub_cache, name, PIPELINE)
    assert locate(wanted("pyannote", name)).path == folder
    (folder / "embedding" / "pytorch_model.bin").unlink()
    with pytest.raises(BackendError, match="is not whole: embedding is missing"):
        locate(wanted("pyannote", name))


def test_weights_of_wav2vec2_count_in_one_form(hub_cache: Path) -> None:
    usual = {"config.json": b"{}", "preprocessor_config.json": b"{ }", "vocab.json": b"{  }"}
    name = "facebook/wav2vec2-base-960h"
    cached(hub_cache, name, {**usual, "model.safetensors": b"w", "pytorch_model.bin": b"ww", "tf_model.h5": b"www"})
    assert locate(wanted("wav2vec2", name)).bytes == 2 + 3 + 4 + 1


@pytest.mark.parametrize(("kind", "files"), [("whisper", WHISPER), ("pyannote", PIPELINE)])
def test_a_local_folder_counts_by_its_content(tmp_path: Path, kind: str, files: dict[str, bytes]) -> None:
    first, second = put(tmp_path / "one", files), put(tmp_path / "two", {**files, ".git/HEAD": b"x"})
    found = locate(wanted(kind, str(first)))
    assert (found.path, found.ref.name, found.ref.revision) == (first, f"{kind} (local)", "local")
    assert str(tmp_path) not in repr(found.ref)
    assert locate(wanted(kind, str(second))).ref == found.ref
    put(second, {sorted(files)[-1]: b"other"})
    assert locate(wanted(kind, str(second))).ref.sha256 != found.ref.sha256


def test_a_local_folder_must_be_whole(tmp_path: Path) -> None:
    with pytest.raises(
        BackendError, match=r"no Whisper model in CTranslate2 form \(it holds no tokenizer\.json, no voc"
    ):
        locate(wanted("whisper", str(put(tmp_path / "one", {"model.bin": b"x", "config.json": b"{}"}))))
    with pytest.raises(BackendError, match="does not exist"):
        locate(wanted("whisper", str(tmp_path / "nowhere")))
    with pytest.raises(BackendError, match="is a file, but a whisper model is a folder"):
        locate(wanted("whisper", str(tmp_path / "one" / "model.bin")))


def test_a_local_pipeline_must_hold_its_parts(tmp_path: Path) -> None:
    folder = put(tmp_path / "pipeline", PIPELINE)
    (folder / "segmentation" / "pytorch_model.bin").unlink()
    with pytest.raises(BackendError, match=r"cannot be loaded \(it holds no segmentation\): check diarize\.model"):
        locate(wanted("pyannote", str(folder)))


def test_models_of_mfa_lie_where_mfa_keeps_them(tmp_path: Path) -> None:
    folder = tmp_path / "mfa" / "pretrained_models"
    acoustic = archive(folder / "acoustic" / "english_us_arpa.zip", {"version": "3.0.0"})
    (dictionary,) = (put(folder / "dictionary", {"english_us_arpa.dict": b"a  AH"}) / "english_us_arpa.dict",)
    found = locate(wanted("acoustic", "english_us_arpa"))
    assert (found.path, found.ref.revision, found.ref.sha256) == (acoustic, "3.0.0", file_digest(acoustic))
    assert locate(wanted("dictionary", "english_us_arpa")).ref.revision == "unknown"
    assert locate(wanted("dictionary", str(dictionary))).ref.name == "dictionary (local)"


def test_a_changed_model_of_mfa_is_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "mfa" / "pretrained_models" / "g2p" / "english_us_arpa.zip", {})
    pins.write(pins.Pin("g2p", "english_us_arpa", "unknown", {path.name: file_digest(path)}), None)
    assert locate(wanted("g2p", "english_us_arpa")).ref.revision == "unknown"
    path.write_bytes(b"not even an archive")
    with pytest.raises(BackendError, match=r"english_us_arpa\.zip is damaged or changed"):
        locate(wanted("g2p", "english_us_arpa"))


def test_the_hubs_variables_are_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(tmp_path / "home" / "hub", LARGE, WHISPER)
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert locate(wanted("whisper", "large-v3")).ref.revision == COMMIT
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    os.rename(tmp_path / "home", tmp_path / "huggingface")
    assert locate(wanted("whisper", "large-v3")).ref.revision == COMMIT


def test_of_an_encoder_one_form_of_the_weights_is_taken() -> None:
    names = ["config.json", "preprocessor_config.json", "pytorch_model.bin", "model.safetensors", "run.py"]
    assert ENCODER.selected(names) == ["config.json", "model.safetensors", "preprocessor_config.json"]
    assert ENCODER.selected([*names[:3], "run.py"]) == sorted(names[:3])
    assert ENCODER.lacking(names) == []
    assert ENCODER.lacking(names[:1]) == [
        "model*.safetensors or pytorch_model*.bin",
        "preprocessor_config.json or processor_config.json",
    ]


def test_an_encoder_that_is_not_here_says_how_it_is_fetched(hub_cache: Path) -> None:
    with pytest.raises(BackendError, match="facebook/hubert-base-ls960 is not here: run `imigue-build bench fetch"):
        locate(wanted("encoder", "facebook/hubert-base-ls960"))
