"""Which words of Whisper's text are suspect: it repeats itself, or makes up text where nobody speaks.

Such words are flagged and stay. The measures are those of Whisper's own decoder, which batched
decoding does without.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from imigue_build.core.intervals import Timed, merge

if TYPE_CHECKING:
    from imigue_build.config import Guards
    from imigue_build.core.records import AsrFlag

_LONGEST_GROUP: Final = 40  # words; a longer sentence is hardly said several times over
_NEAR: Final = 0.2  # seconds; Whisper's word times are no better, and short pauses are no silence
_EDGES: Final = " \t\n.,;:!?…\"'“”‘’()[]-–—"  # noqa: RUF001 - the marks that Whisper writes


def compression_ratio(text: str) -> float:
    """Bytes of a text for each byte that zlib makes of it; 0 for no text. Above 2.4 it mostly repeats itself."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def text_flags(text: str, log_probability: float | None, guards: Guards) -> tuple[AsrFlag, ...]:
    """What is suspect about a chunk's text as a whole.

    Args:
        text: All that Whisper wrote for the chunk.
        log_probability: Mean of its tokens' natural logarithms, if known.
        guards: The limits.
    """
    flags: list[AsrFlag] = []
    if compression_ratio(text) > guards.compression_ratio:
        flags.append("compression")
    if log_probability is not None and log_probability < guards.log_probability:
        flags.append("low_log_probability")
    return tuple(flags)


def repeated(words: Sequence[str], repeats: int) -> set[int]:
    """The indices of words in a group that follows itself more than `repeats` times.

    Case and marks around words do not count.

        >>> sorted(repeated("so thank you thank you Thank you. bye".split(), 1))
        [1, 2, 3, 4, 5, 6]
    """
    plain = [word.strip(_EDGES).casefold() for word in words]
    found: set[int] = set()
    for size in range(1, min(_LONGEST_GROUP, len(plain) // 2) + 1):
        alike = ((at, plain[at] == plain[at + size]) for at in range(len(plain) - size))
        for same, run in groupby(alike, key=lambda item: item[1]):
            places = [at for at, _ in run] if same else []
            if len(places) // size > repeats:
                found.update(range(places[0], places[-1] + size + 1))
    return found


def outside(words: Iterable[Timed], speech: Iterable[Timed]) -> list[bool]:
    """For each word, whether it lies wholly where no speech was heard, nor nearly."""
    regions = merge(speech)
    begins = [region.start for region in regions]
    # of the regions that begin before a word ends, the last one reaches furthest
    last = [(word, bisect_right(begins, word.end + _NEAR) - 1) for word in words]
    return [at < 0 or regions[at].end + _NEAR < word.start for word, at in last]
