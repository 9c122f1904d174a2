"""Whether the GPU's memory is enough for a config, as far as it can be estimated."""

from __future__ import annotations

from imigue_build.apps.doctor.check import Check
from imigue_build.backends.gpu import memory_estimate as gpu_memory
from imigue_build.config import Config, FasterWhisperTranscribe, PyannoteDiarize, WhisperxTranscribe


def memory(config: Config, gib: float) -> list[Check]:
    """Whether `gib` of GPU memory are enough; an out-of-memory halves the batch, so it is not needed to fit.

    Where the models fit not even with a batch of one, the config cannot run.
    """
    asr = config.recogniser
    if not isinstance(asr, WhisperxTranscribe | FasterWhisperTranscribe) or asr.device == "cpu" or gib <= 0:
        return []
    fixed, each = gpu_memory.transcriber(asr)
    if isinstance(config.diarize, PyannoteDiarize) and config.diarize.device != "cpu":
        fixed += gpu_memory.PYANNOTE
    batch = gpu_memory.batch(asr)
    total = fixed + batch * each
    fits = int((gib - fixed) / each) if gib > fixed else 0
    detail = f"estimated: {total:.1f} GiB for {asr.model} in {asr.compute_type}, batch {batch}; the GPU has {gib:.1f}"
    remedy = f"--set transcribe.batch_size={fits}"
    if fits < 1:
        remedy = "--set transcribe.compute_type=int8_float16, or a smaller model: --set transcribe.model=medium"
    return [Check("GPU memory", total <= gib, detail, remedy, needed=fits < 1)]
