"""Ends of sentences and clauses in written text."""

from __future__ import annotations

import re
from typing import Final

_CLOSING: Final = r"""["'\u201c\u201d\u2018\u2019»\u203a\u300d\u300f)\]*\u00ad\u200b-\u200f\u2060\ufeff]*$"""
_END: Final = re.compile(rf"[.?!…\u3002\uff1f\uff01]{_CLOSING}")
_CLAUSE: Final = re.compile(rf"[,;:\u2013\u2014-]{_CLOSING}")


def ends_sentence(token: str) -> bool:
    """Whether a written token ends a sentence, possibly followed by a closing quotation mark or bracket.

    >>> ends_sentence("did?"), ends_sentence('it."'), ends_sentence("6.5")
    (True, True, False)
    """
    return _END.search(token) is not None


def ends_clause(token: str) -> bool:
    """Whether a written token ends in a comma, colon, semicolon or dash, alike.

    >>> ends_clause("well,"), ends_clause('so:"'), ends_clause("6-4")
    (True, True, False)
    """
    return _CLAUSE.search(token) is not None
