"""Labels of annotation files that are no words: silences, and the marks of corpora and aligners.

The normaliser speaks nothing in square, angle and curly brackets, so `spelled` writes other marks in square ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_SILENCES: Final = frozenset(
    (
        *(
            "sil",
            "<sil>",
            "[sil]",
            "{sil}",
            "(sil)",
            "!sil",
            "sp",
            "<sp>",
            "[sp]",
            "{sp}",
            "spl",
            "ssil",
            "pau",
            "<pau>",
        ),
        *(
            "#",
            "##",
            "h#",
            "<#>",
            "+",
            "_",
            "p:",
            "<p:>",
            "<p>",
            "<eps>",
            "<epsilon>",
            "<s>",
            "</s>",
            "{sl}",
            "<silent>",
        ),
        *("<silence>", "[silence]", "{silence}", "(silence)", "!silence", "[silent]", "<pause>", "[pause]", "(pause)"),
    )
)
"""As Praat, HTK, FAVE, P2FA (`{SL}`), MFA, MAUS (`<p:>`), SPPAS (`#`, `+`), TIMIT (`h#`) and Kaldi (`<eps>`) write."""
_SILENCE_WORDS: Final = frozenset({"silent", "silence", "pause"})
SOUNDING: Final = frozenset({"sounding", "speech", "speaking", "voice"})
"""What detectors of silence write where somebody speaks."""
_SILENCE_SHARE: Final = 0.1
"""Share of a tier's labels from which `silent` and the like are no text."""
_FILLERS: Final = frozenset(("uh", "um", "uhm", "ah", "eh", "er", "erm", "hm", "hmm", "mm", "mhm", "uh-huh", "mm-hmm"))
_VARIANT: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]++)\(\d{1,2}\)(?!\w)")
_PERCENT: Final = re.compile(r"(?<!\S)\(?%([^\W\d_][\w-]*)\)?(?!\w)")
_PLUS: Final = re.compile(r"(?<!\S)\+\+([^\W\d_][\w-]*)\+\+(?!\S)")
_LAUGHED: Final = re.compile(r"\[laughter-([^\]\s]+)\]", re.IGNORECASE)


def is_silence(label: str) -> bool:
    """Whether a label says that nothing is said: it is empty, or a code of a tool for silence.

    >>> is_silence("<p:>"), is_silence("sp"), is_silence("silent")
    (True, True, False)
    """
    return label.strip().casefold() in _SILENCES or not label.strip()


def silence_words(labels: Sequence[str]) -> frozenset[str]:
    """The words among the labels of a tier that stand for silence there.

    Praat's detector writes `silent`. A word that is a tenth of a tier's labels is such a label; one that is rare is
    a word that somebody said.

    >>> sorted(silence_words(["silent", "So how was it?", "silent"]))
    ['silent']
    """
    found = [label.strip().casefold() for label in labels if not is_silence(label)]
    return frozenset(word for word in _SILENCE_WORDS if found.count(word) > _SILENCE_SHARE * len(found))


def spelled(text: str) -> str:
    """A text of a speech corpus as it is written elsewhere: pronunciation numbers go, marks get square brackets.

    >>> spelled("hello(2) %hesitation (%uh) [laughter-yes] 7-6(5)")
    'hello [hesitation] uh [laughter] yes 7-6(5)'
    """
    text = _VARIANT.sub(r"\1", text)
    text = _PLUS.sub(_word_or_mark, _PERCENT.sub(_word_or_mark, text))
    return _LAUGHED.sub(r"[laughter] \1", text)


def _word_or_mark(match: re.Match[str]) -> str:
    return match[1] if match[1].casefold() in _FILLERS else f"[{match[1]}]"
