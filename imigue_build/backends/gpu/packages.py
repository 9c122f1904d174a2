"""The packages that the GPU backends share, in the versions that go together."""

from __future__ import annotations

from typing import Final

from imigue_build.backends.spec import Package

TORCH: Final = Package(
    "torch", "==2.8.*", "gpu", on_cpu=">=2.8,<3", beside=("torchaudio==2.8.*",), library="libcudnn.so.9"
)
"""On a GPU only builds for CUDA 12 go together with ctranslate2's."""
PYANNOTE_AUDIO: Final = Package("pyannote.audio", ">=4.0.7,<4.1", "gpu")
