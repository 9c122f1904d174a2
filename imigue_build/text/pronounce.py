"""Pronunciations of words that no dictionary holds, by spelling rules.

The phones are those of the CMU pronouncing dictionary without stress, as English
acoustic models use them. A word is read from left to right: at each place the first rule of the
table whose letters and surroundings fit gives its phones and consumes its letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

# fmt: off
_LETTER_NAMES: Final = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}
# fmt: on
_LONGEST_ACRONYM: Final = 5
_NO_SOUND: Final = ("AH",)  # a word must have a phone, whatever it is

# left<letters>right/PHONES, where left and right are regular expressions in which C is a consonant letter and
# V a vowel letter, and phones are joined by "-". The rules of one letter are tried in their order.
_RULES: Final = """
<augh>/AO <au>/AO <aw>V/AH-W <aw>/AO <air>/EH-R <ai>/EY <ay>/EY <aer>/EH-R <ae>/EY <aa>/AA <ao>/AW
<a>(tion|cious|tious|cial$|ting$|king$|ming$|ving$|zing$|ci)/EY w<arr?>C/AO-R <arr>V/EH-R ^<are>$/AA-R
^C*<are>$/EH-R ^C*<ar>V/EH-R <ar>V/AA-R V.*C<ar>s?$/ER C<ard>$/ER-D <ar>/AA-R <al>k/AO <all>($|C)/AO-L ^C*<al>(t|d)/AO-L
V.*C<al>(s?$|ly|l|i)/AH-L V.*C<able>/AH-B-AH-L V.*C<age>s?$/IH-JH V.*C<ate>s?$/EY-T <a>(nge|ste$|ble$)/EY
<a>[bcdfgklmnpstvz]e(s|d|r|rs|ly|ment|less|ness|ful)?$/EY (w|qu)<a>[stnd]/AA ^<a>(CV|ff|cc|ll|pp|nn|ss|tt)/AH
<a>$/AH V.*C<an>(s?$|t|c)/AH-N V.*C<a>C?$/AH <a>/AE
<bb>/B m<b>$/- m<bs>$/Z <b>/B
<cch>[ie]/CH <cc>[eiy]/K-S <cc>/K <ch>(r|l|n)/K s<ch>/K <cht>$/K-T <ch>/CH <ck>/K <cz>/CH <ci>[ao]/SH
<ce>(an|ous)/SH <c>[eiy]/S <cqu>/K-W <c>/K
<dd>/D <dge>/JH <dg>[iy]/JH <dj>/JH <d>/D
b<eau>t/Y-UW <eau>/OW ^C*<ear>C/ER <ear>/IH-R <ea>(d$|th|sure|v[ey])/EH <ea>/IY <eer>/IH-R <ee>/IY <eigh>/EY <eir>/EH-R
<ei>(n|l|g|d|s)/AY <ei>/IY <eu>/Y-UW [rljsc]<ew>/UW <ew>/Y-UW <ey>s?$/IY <ey>/EY <err>[yi]/EH-R <err>V/EH-R
<er>(a|o|i)/EH-R <ere>$/IH-R <er>/ER <eo>(n$|us$)/AH <eo>/IY-OW [td]<ed>$/IH-D [pkfsxh]<ed>$/T V.*<ed>$/D
([sxzcg]|[cs]h)<es>$/IH-Z [ptkf]<es>$/S V.*C<es>$/Z V.*[^aeiouy']<e>$/- <e>(ly|less|ness|ful)/- V.*C<e>ment/-
V.*C<en>(s?$|t|c|d)/AH-N V.*C<el>(s?$|l)/AH-L V.*C<et>$/AH-T V.*C<ess>/AH-S <e>[tm]e$/IY ^<e>(x|CV)/IH
^(b|d|r|pr)<e>CV/IH V.*<e>$/IY <e>$/IY <e>/EH
<ff>/F <f>/F
<gg>/G ^<gn>/N <gn>$/N <gne>$/N <ght>/T ^<gh>/G <gh>/- <gu>[eiy]/G <gy>/JH-IY <ge>s?$/JH <g>(e|i[aeo])/JH
<g>i/JH <g>/G
^<h>(onest|our|eir)/- V<h>(C|$)/- <h>/HH
<igh>/AY <ign>(s?$|ed$)/AY-N ^C*<ind>s?$/AY-N-D ^C*<ild>$/AY-L-D V.*C<ier>s?$/IY-ER V.*C<iest>$/IY-AH-S-T
V.*C<ies>$/IY-Z V.*C<ied>$/IY-D ^C*<ie>[sd]?$/AY <ie>(n|r)/IY-EH <ie>/IY <ious>/IY-AH-S <io>n/Y-AH <io>/IY-OW
<ia>/IY-AH <ique>/IY-K <ire>(s|d)?$/AY-ER <ir>(C|$)/ER <irr?>/IH-R <ile>s?$/AY-L ^C*<ine>(s|d|r)?$/AY-N
<ine>$/IY-N V.*C<ice>$/IH-S <i>[csz]e(s|d|r|rs)?$/AY <ive>(s?$|ly|ness)/IH-V <i>[bdfgkmptv]e(s|d|r|rs)?$/AY
<i>(zing$|zation)/AY <i>$/IY <iu>/IY-AH <i>[ao]/IY <i>/IH
<jj>/JH <j>/JH
^<kn>/N <kk>/K <kh>/K <k>/K
V.*C<le>$/AH-L V.*C<les>$/AH-L-Z V.*C<led>$/AH-L-D <ll>/L <l>/L
<mm>/M ^<mc>(c|k|q|g)/M-AH ^<mc>/M-AH-K <mn>$/M <m>/M
<nn>/N <ng>(er|le|u|a|o)/NG-G <nge>/N-JH <ng>/NG <n>(k|x|q)/NG <n>/N
<oar>/AO-R <oa>/OW <oe>s?$/OW <oe>/OW <oi>/OY <oy>/OY <oor>/AO-R <ook>/UH-K <ood>$/UH-D <oo>/UW <ought>/AO-T
<ough>/OW <our>(n|s|t|c)/AO-R <our>/AW-ER <ous>($|ly|ness)/AH-S <ould>/UH-D <oup>/UW-P <ou>/AW
<ov>(ic|a$|s|$)/AH-V <ow>(s?$|n$|ed$|ing$|er)/OW <ow>/AW w<or>C/ER V.*C<or>s?$/ER <orr?e?>/AO-R <old>/OW-L-D
<ost>$/OW-S-T <oll>(s?$|ed|ing|er)/OW-L <o>[bcdfgklmnpstvz]e(s|d|r|rs)?$/OW <o>(tion|sion|cious)/OW
V.*C<on>(s?$|al|ed|ing)/AH-N V.*C<om>$/AH-M ^c<o>(n[^eiy]|m[^eiya])/AH <o>s?$/OW <o>x/AA <o>[aeiu]/OW ^C*<o>CV/OW
<o>CV/AH <o>/AA
<pph>/F <ph>/F <pp>/P ^<ps>/S ^<pn>/N <p>/P
<que>$/K <ques>$/K-S <qu>/K-W <q>/K
<rrh?>/R <rh>/R <r>/R
<ssion>/SH-AH-N <ss>i[ao]/SH <ssur>/SH-ER <ss>/S V<sion>/ZH-AH-N <sion>/SH-AH-N V<sure>/ZH-ER <sci>e/S-AY
<sc>[ei]/S <schw>/SH-W <sch>/SH <sh>/SH <sz>/SH V<s>V./Z V<s>(m|e$|ed$|es$)/Z [bdglmnrvwaeoy]<s>$/Z <s>/S
<tch>/CH <tion>/SH-AH-N <ti>(al|ous|ent)/SH V.*<ture>s?$/CH-ER <tu>(al|at|ou)/CH-UW <th>/TH <tz>/T-S <t>sch/-
<tt>/T <t>/T
[gq]<u>V/W <ui>ts?$/UW <ue>s?$/UW <uy>/AY <ure>/Y-UH-R <urr>V/ER <ur>V/UH-R <ur>/ER ^<uni>/Y-UW-N-IH ^<un>/AH-N
<ull>$/UH-L f<ul>(l|ly|ness|$)/AH-L ([rljsdtnz]|ch)<u>CV/UW <u>[bcdfgklmnpstvz]V/Y-UW <u>$/UW <u>[aeio]/UW <u>/AH
<vv>/V <v>/V
^<who>/HH-UW <wh>/W ^<wr>/R V<w>(C|$)/- <w>/W
^<x>/Z <x>/K-S
^<y>V/Y [aeou]<y>V/Y V.*C<y>$/IY ^C*<y>$/AY <y>$/IY <y>C[eiy]/AY ^<y>/Y <y>V/IY <y>/IH
<zz>/Z <zh>/ZH <z>/Z
"""


class _Rule(NamedTuple):
    left: re.Pattern[str]
    letters: re.Pattern[str]  # with what must follow them as a lookahead
    phones: tuple[str, ...]


@cache
def _rules() -> dict[str, tuple[_Rule, ...]]:
    """The table by the first letter that a rule consumes."""
    table: dict[str, list[_Rule]] = {letter: [] for letter in _LETTER_NAMES}
    for rule in _RULES.split():
        context, phones = rule.rsplit("/", 1)
        left, letters, right = re.split("[<>]", context.replace("C", "[^aeiouy']").replace("V", "[aeiouy]"))
        sound = () if phones == "-" else tuple(phones.split("-"))
        table[letters[0]].append(_Rule(re.compile(f"(?:{left})$"), re.compile(f"{letters}(?={right})"), sound))
    return {letter: tuple(rules) for letter, rules in table.items()}


def is_acronym(word: str) -> bool:
    """Whether a word is written like an acronym: two to five capitals, and perhaps a possessive s."""
    stem = re.sub("['\u2019]s$", "", word)
    return stem.isupper() and 2 <= sum(map(str.isalpha, stem)) <= _LONGEST_ACRONYM


def pronounce(word: str) -> tuple[str, ...]:
    """The phones of a word, by its spelling; at least one, whatever the word is.

    Letters with marks are read without them, letters of other alphabets by their names in Unicode,
    anything else is silent. Words without a vowel, of one letter, and short ones in capitals, are spelled out.

    >>> pronounce("kvitova")
    ('K', 'V', 'IH', 'T', 'AH', 'V', 'AH')
    >>> pronounce("WTA")
    ('D', 'AH', 'B', 'AH', 'L', 'Y', 'UW', 'T', 'IY', 'EY')
    """
    letters = re.sub("[^a-z']", "", "".join(map(_latin, unicodedata.normalize("NFKC", word.lower()))))
    stem = re.sub("'s?$", "", letters)
    bare = stem.replace("'", "")
    if len(bare) == 1 or is_acronym(word) or not re.search("[aeiouy]", bare):
        phones = [phone for letter in bare for phone in _LETTER_NAMES[letter].split()]
    else:
        phones = _read(stem)
    if phones and letters.endswith("'s"):
        phones += _plural(phones[-1])
    return tuple(phones) or _NO_SOUND


def guesses(word: str) -> tuple[tuple[str, ...], ...]:
    """The pronunciations that a word may have by its spelling, the likeliest first."""
    return (pronounce(word),)


def possessive(phones: tuple[str, ...]) -> tuple[str, ...]:
    """The phones of a word with an s after it, as in "Nadal's"."""
    return (*phones, *_plural(phones[-1].rstrip("012")))


def _read(letters: str) -> list[str]:
    rules, place = _rules(), 0
    phones: list[str] = []
    while place < len(letters):
        consumed = 1
        for rule in rules.get(letters[place], ()):
            match = rule.letters.match(letters, place)
            if match and rule.left.search(letters, 0, place):
                phones.extend(rule.phones)
                consumed = len(match.group())
                break
        place += consumed
    return phones


def _plural(last: str) -> list[str]:
    """The sound of a final s after the phone `last`."""
    if last in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return ["IH", "Z"]
    return ["S"] if last in ("P", "T", "K", "F", "TH") else ["Z"]


def _latin(letter: str) -> str:
    """A lower-case letter of any alphabet in letters a-z, as far as its name in Unicode says them.

    "CYRILLIC SMALL LETTER EM" is an m, "GREEK SMALL LETTER THETA" a th, "HIRAGANA LETTER KA" a ka,
    and "LATIN SMALL LETTER O WITH STROKE" an o.
    """
    if letter.isascii():
        return letter
    found = _LETTER_NAME.match(unicodedata.name(letter, ""))
    if not found:
        return ""
    name = found["name"].lower()
    if found["alphabet"] in _SYLLABLES:
        return {"eth": "th", "thorn": "th"}.get(name, name)
    if name[0] in "aeiou":  # "em" is the letter m, "alpha" the letter a
        return name[1] if len(name) == 2 and name[1] not in "aeiouy" else name[0]
    return name if name[0] == "y" else re.split("[aeiou]", name)[0]


_LETTER_NAME: Final = re.compile(
    r"(?P<alphabet>\w+) (?:(?:SMALL )?LETTER|SYLLABLE|SMALL LIGATURE|VOWEL SIGN)"
    r"(?: SMALL| FINAL| SHORT| DOTLESS| SHARP| BYELORUSSIAN-\w+)* (?P<name>[A-Z]+)(?: WITH |$)"
)
_SYLLABLES: Final = ("ETHIOPIC", "HANGUL", "HIRAGANA", "KATAKANA", "LATIN")  # their names say the sounds
