"""Spelling rules: tables that turn letters into phones.

A table is a text of rules `left<letters>right/PHONES`, where left and right are regular expressions
in which C is a consonant letter and V a vowel letter, and phones are joined by "-" (alone: silent). A
word is read from left to right: at each place the first rule whose letters and surroundings fit
gives its phones and consumes its letters; a letter without a rule is silent.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _Rule(NamedTuple):
    left: re.Pattern[str]
    letters: re.Pattern[str]  # with what must follow them as a lookahead
    phones: tuple[str, ...]


class Table:
    """Rules by the first letter that they consume; those of one letter are tried in their order.

    >>> Table("<sh>/SH <s>/S <h>/HH <e>V/IY <e>$/-", vowels="aeiou").read("she")
    ['SH']
    """

    def __init__(self, rules: str, vowels: str) -> None:
        self._rules: dict[str, list[_Rule]] = {}
        for rule in rules.split():
            context, phones = rule.rsplit("/", 1)
            left, letters, right = re.split("[<>]", context.replace("C", f"[^{vowels}']").replace("V", f"[{vowels}]"))
            sound = () if phones == "-" else tuple(phones.split("-"))
            compiled = _Rule(re.compile(f"(?:{left})$"), re.compile(f"{letters}(?={right})"), sound)
            self._rules.setdefault(letters[0], []).append(compiled)

    def letters(self) -> frozenset[str]:
        """Those that begin a rule."""
        return frozenset(self._rules)

    def read(self, letters: str) -> list[str]:
        """The phones of a word in lower case."""
        place = 0
        phones: list[str] = []
        while place < len(letters):
            consumed = 1
            for rule in self._rules.get(letters[place], ()):
                match = rule.letters.match(letters, place)
                if match and rule.left.search(letters, 0, place):
                    phones.extend(rule.phones)
                    consumed = len(match.group())
                    break
            place += consumed
        return phones
