"""Tokens: taken from the environment alone, kept out of every text, and of other programs' hands."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from pydantic import SecretStr

TOKENS: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""Where the hub's token may stand, the first one first."""
_OTHERS: Final = ("HUGGINGFACE_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "HF_API_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
_SECRET: Final = re.compile("TOKEN|SECRET|PASSW|API_?KEY|CREDENTIAL", re.IGNORECASE)
_HIDDEN: Final = "[token]"
_SHORTEST: Final = 4
"""What is shorter is no token; to replace it would only garble the text."""


def token() -> SecretStr | None:
    """The hub's token, or None where none is set."""
    from pydantic import SecretStr

    found = next((value for name in TOKENS if (value := os.environ.get(name, "").strip())), None)
    return SecretStr(found) if found else None


def scrubbed(text: str) -> str:
    """A text without the value of any token of the environment, plain or as in an address."""
    return _scrubbed(text, _values())


def without_tokens() -> dict[str, str]:
    """The environment for a program that has no business with tokens, nor with other secrets."""
    values = _values()
    return {
        name: value
        for name, value in os.environ.items()
        if not _SECRET.search(name) and _scrubbed(value, values) == value
    }


def _values() -> list[str]:
    """The tokens in the environment, the longest first."""
    found = {value.strip() for name in (*TOKENS, *_OTHERS) if (value := os.environ.get(name))}
    return sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True)


def _scrubbed(text: str, values: Sequence[str]) -> str:
    for value in values:
        text = text.replace(value, _HIDDEN).replace(quote(value, safe=""), _HIDDEN)
    return text
