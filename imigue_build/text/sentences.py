"""Sentence ends in written text."""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(r"""[.?!…]["'\u201d\u2019»)\]]*$""")


def ends_sentence(token: str) -> bool:
    """Whether a written token ends a sentence, possibly followed by a closing quotation mark or bracket.

    >>> ends_sentence("did?"), ends_sentence('it."'), ends_sentence("6.5")
    (True, True, False)
    """
    return _END.search(token) is not None
