"""The GPU's checks against a driver and a torch that are small scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.apps.doctor import gpu
from imigue_build.apps.doctor.memory import memory
from imigue_build.backends.check import Check
from imigue_build.backends.configs import load
from imigue_build.core import system as machine
from tests.apps.doctor import programs

H100 = "NVIDIA H100 80GB HBM3, 81559, 570.124.06, GPU-1a2b"
TORCH = """
class version: cuda = {cuda!r}
class cuda:
    is_available = staticmethod(lambda: {available})
class _Sum:
    def sum(self): return self
    def item(self): return 0.0
def zeros(n, device):
    if {error!r}: raise RuntimeError({error!r})
    return _Sum()
"""


@pytest.fixture
def torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a torch can be put for the children to import."""
    folder = tmp_path / "site"
    (folder / "torch-2.8.0.dist-info").mkdir(parents=True)
    (folder / "torch-2.8.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.8.0\n")
    (folder / "torch.py").write_text(TORCH.format(cuda="12.8", available=True, error=""))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(str(folder))
    return folder


def checks(*settings: str, recipe: str = "paper") -> dict[str, Check]:
    return {check.name: check for check in gpu.examine(load(recipe, settings))}


def test_the_gpus_of_the_driver(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.nvidia_smi(path, H100, "NVIDIA RTX A2000, 12282, 570.124.06, GPU-3c4d")
    first, second = gpu.visible()
    assert first == machine.Gpu("NVIDIA H100 80GB HBM3", 81559 / 1024, "570.124.06", "0")
    assert (second.name, second.device) == ("NVIDIA RTX A2000", "1")
    for allowed, names in {"1": ["1"], "1,0": ["1", "0"], "GPU-3c": ["GPU-3c"], "": [], "-1": []}.items():
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
        assert [found.device for found in gpu.visible()] == names


@pytest.mark.parametrize("body", ["sys.exit(9)", "print('No devices were found')", "print('a, [N/A], b')", "pass"])
def test_a_driver_that_fails_shows_none_or_says_so(path: Path, body: str) -> None:
    programs.put(path, "nvidia-smi", body)
    assert [found.gib for found in gpu.visible()] in ([], [0.0])
    assert checks()


@pytest.mark.usefixtures("torch")
def test_all_is_well(path: Path) -> None:
    programs.nvidia_smi(path, H100)
    found = checks()
    assert found["GPU"].ok and "80 GiB, driver 570.124.06" in found["GPU"].detail
    assert found["driver"].ok and "fits torch's CUDA 12.8" in found["driver"].detail
    assert found["torch on the GPU"].ok and found["GPU memory"].ok


@pytest.mark.usefixtures("torch")
def test_a_driver_that_is_too_old(path: Path) -> None:
    programs.nvidia_smi(path, "Tesla T4, 15360, 470.82.01, GPU-5e6f")
    found = checks()["driver"]
    assert not found.ok and found.needed
    assert "driver 470.82.01, but torch's CUDA 12.8 needs 525 or newer" in found.detail
    assert "update the NVIDIA driver to 525" in found.remedy


@pytest.mark.parametrize(
    ("settings", "said", "remedy"),
    [
        (
            {"cuda": None, "available": False, "error": "x"},
            "built for the processor alone",
            "--force-reinstall 'torch==",
        ),
        ({"cuda": "12.8", "available": False, "error": ""}, "torch sees no GPU", "CUDA_VISIBLE_DEVICES"),
        ({"cuda": "12.8", "available": True, "error": "no kernel image"}, "no kernel image", "nvidia-smi"),
    ],
)
def test_a_torch_that_does_not_get_on_with_the_gpu(
    path: Path, torch: Path, settings: dict[str, object], said: str, remedy: str
) -> None:
    programs.nvidia_smi(path, H100)
    (torch / "torch.py").write_text(TORCH.format(**settings))
    found = checks()["torch on the GPU"]
    assert not found.ok and found.needed
    assert said in found.detail and remedy in found.remedy


def test_a_torch_that_does_not_load(path: Path, torch: Path) -> None:
    programs.nvidia_smi(path, H100)
    (torch / "torch.py").write_text("raise OSError('libc10_cuda.so: cannot open shared object file')")
    found = checks()["torch on the GPU"]
    assert not found.ok and "libc10_cuda.so" in found.detail


def test_libraries_that_do_not_load_are_named_with_their_packages(path: Path) -> None:
    programs.nvidia_smi(path, H100)
    found = checks()["CUDA libraries"]
    assert "libcublas.so.12" in found.detail and "libcudnn.so.9" in found.detail
    assert found.remedy == "pip install nvidia-cublas-cu12 'nvidia-cudnn-cu12==9.*'"
    found = checks("transcribe.device=cuda", recipe="embedded")["CUDA libraries"]
    assert "libcudnn" not in found.detail and "LD_LIBRARY_PATH" in found.remedy


def test_a_recipe_for_the_processor_asks_for_none_of_it(path: Path) -> None:
    programs.nvidia_smi(path, H100)
    assert [*checks(recipe="embedded")] == [*checks(recipe="minimal")] == ["GPU"]
    settings = ("transcribe.device=cpu", "transcribe.compute_type=int8", "diarize.device=cpu")
    assert [(check.name, check.needed) for check in checks(*settings).values()] == [("GPU", False)]


def test_without_a_gpu_float16_cannot_run() -> None:
    found = checks()["GPU"]
    assert not found.ok and found.needed
    assert "--set transcribe.device=cpu --set transcribe.compute_type=int8" in found.remedy


@pytest.mark.parametrize(
    ("gib", "settings", "ok", "remedy"),
    [
        (80, [], True, ""),
        (12, [], True, ""),
        (10, [], False, "--set transcribe.batch_size=8"),
        (8, [], False, "--set transcribe.batch_size=1"),
        (6, [], False, "--set transcribe.compute_type=int8_float16, or a smaller model"),
        (8, ["transcribe.compute_type=int8"], False, "--set transcribe.batch_size=6"),
        (8, ["transcribe.model=Systran/faster-distil-whisper-large-v3"], True, ""),
        (6, ["transcribe.model=small.en"], False, "--set transcribe.batch_size=9"),
        (6, ["transcribe.model=small.en", "transcribe.word_times=faster-whisper"], True, ""),
    ],
)
def test_memory_against_the_batch(gib: float, settings: list[str], ok: bool, remedy: str) -> None:
    (found,) = memory(load("paper", settings), gib)
    assert found.ok == ok, found
    assert "estimated" in found.detail
    if not ok:
        assert remedy in found.remedy
        if "batch_size=" in remedy:
            assert not found.needed
            (again,) = memory(load("paper", [*settings, found.remedy.removeprefix("--set ")]), gib)
            assert again.ok


def test_the_estimate_is_near_what_others_have_measured() -> None:
    """faster-whisper's README, large-v2 on one GPU: 4525 MB in float16, 6090 with a batch of 8; int8 2926 and 4500."""
    settings = ["transcribe.model=large-v2", "transcribe.word_times=faster-whisper", "diarize.backend=dvector"]
    for compute, batch, mb in (("float16", 1, 4525), ("float16", 8, 6090), ("int8", 1, 2926), ("int8", 8, 4500)):
        more = [f"transcribe.compute_type={compute}", f"transcribe.batch_size={batch}"]
        (found,) = memory(load("paper", [*settings, *more]), 80)
        assert float(found.detail.split()[1]) == pytest.approx(mb / 1024, rel=0.12)
