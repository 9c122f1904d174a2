"""The embedded forced aligner, described: pocketsphinx with the English model that its wheel carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.alignment.pocketsphinx.settings import PocketsphinxAlign
from imigue_build.backends.spec import BackendSpec, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Aligner


def _make(section: PocketsphinxAlign) -> Aligner:
    from imigue_build.backends.alignment.pocketsphinx.aligner import PocketsphinxAligner

    return PocketsphinxAligner(section)


SPEC: Final = BackendSpec(
    name="pocketsphinx",
    task="alignment",
    section=PocketsphinxAlign,
    factory=_make,
    quality=Quality(
        limits="Word boundaries, by pocketsphinx: of correct words the median error is 9 ms, and 99 % lie "
        "within 100 ms.",
        measured=True,
    ),
    tools=("pocketsphinx", "num2words", "numpy"),
    model_names=("pocketsphinx en-us acoustic and dictionary",),
)
