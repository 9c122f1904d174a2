"""Speakers from the utterance names of known corpora, for tables and folds without speakers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

_NAMES: Final = {
    "IEMOCAP": re.compile(r"(Ses\d\d)[FM]_\w+_([FM])\w*", re.ASCII),
    "EmoDB": re.compile(r"(\d\d)[ab]\d\d[WLEAFTN][a-z]?", re.ASCII),
    "RAVDESS": re.compile(r"0[123]-0[12]-0[1-8]-0[12]-0[12]-0[12]-(\d\d)", re.ASCII),
    "MSP-IMPROV": re.compile(r"MSP-IMPROV-S\d\d[A-Z]-([FM]\d\d)-[PRST]-[FM]{2}\d+", re.ASCII),
    "EmotionTalk": re.compile(r"G\d+_\d+_(\d+)_\d+", re.ASCII),
}


def speakers_of(names: Sequence[str]) -> tuple[str, list[str]] | None:
    """The known corpus with such names, and the speaker of each; None if the names are not all of one corpus.

    Args:
        names: Of utterances or their files, with or without folders and a suffix.
    """
    stems = [PurePosixPath(name).stem for name in names]
    for corpus, pattern in _NAMES.items():
        found = [match for stem in stems if (match := pattern.fullmatch(stem))]
        if found and len(found) == len(stems):
            return corpus, ["".join(match.groups()) for match in found]
    return None
