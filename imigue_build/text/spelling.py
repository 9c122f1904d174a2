"""Letter-to-sound rules.

Rules are written as `left<letters>right/PHONES`, where left and right are regular expressions
in which C is a consonant letter and V a vowel letter; phones are joined by "-", and "-" alone is silence. A
word is read from left to right: at each position the first rule whose letters and context match
gives its phones and consumes its letters; a letter without a rule is silent.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _Rule(NamedTuple):
    left: re.Pattern[str]
    letters: re.Pattern[str]  # includes the right context as a lookahead
    phones: tuple[str, ...]


class SpellingRules:
    """Rules indexed by the first letter that they consume; rules of the same letter are tried in order.

    >>> SpellingRules("<sh>/SH <s>/S <h>/HH <e>V/IY <e>$/-", vowels="aeiou").phones("she")
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

    def first_letters(self) -> frozenset[str]:
        """The letters that begin a rule."""
        return frozenset(self._rules)

    def phones(self, letters: str) -> list[str]:
        """The phones of a lower-case word."""
        position = 0
        phones: list[str] = []
        while position < len(letters):
            consumed = 1
            for rule in self._rules.get(letters[position], ()):
                match = rule.letters.match(letters, position)
                if match and rule.left.search(letters, 0, position):
                    phones.extend(rule.phones)
                    consumed = len(match.group())
                    break
            position += consumed
        return phones
