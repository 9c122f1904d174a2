"""Grapheme-to-phoneme rules: pronunciations of words that no dictionary holds.

The phones are those of the CMU pronouncing dictionary without stress, as used by English
acoustic models.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from imigue_build.text import names
from imigue_build.text.disfluencies import disfluency_phones
from imigue_build.text.spelling import SpellingRules

# fmt: off
_LETTER_NAMES: Final = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}
# fmt: on
_MAX_ACRONYM_LETTERS: Final = 5
_LENGTHENED: Final = re.compile(r"(.)\1{2,}")
_FALLBACK: Final = ("AH",)  # every word needs at least one phone

# English letter-to-sound rules, in the notation of text/spelling.py
_ENGLISH_RULES: Final = """
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


def is_acronym(word: str) -> bool:
    """Whether a word is written like an acronym: two to five capitals, optionally with a possessive s."""
    stem = re.sub("['\u2019]s$", "", word)
    return stem.isupper() and 2 <= sum(map(str.isalpha, stem)) <= _MAX_ACRONYM_LETTERS


def pronounce(word: str) -> tuple[str, ...]:
    """The likeliest pronunciation of a word by its spelling; at least one phone for any word.

    Letters of other alphabets are read by their Unicode names, personal names by the spelling rules of
    the language that they resemble, and anything else is silent. Words without a vowel, single letters
    and acronyms are spelled out.

    >>> pronounce("Kvitová")
    ('K', 'V', 'IH', 'T', 'OW', 'V', 'AA')
    >>> pronounce("WTA")
    ('D', 'AH', 'B', 'AH', 'L', 'Y', 'UW', 'T', 'IY', 'EY')
    """
    return guesses(word)[0]


def guesses(word: str) -> tuple[tuple[str, ...], ...]:
    """The possible pronunciations of a word by its spelling, the likeliest first; at least one.

    A name may be pronounced as in its own language or as if it were English.
    """
    letters = "".join(map(_latin, unicodedata.normalize("NFKC", word.lower())))
    letters = re.sub(r"[^\w']|[\d_]", "", unicodedata.normalize("NFC", letters))
    stem = re.sub("'s?$", "", letters)
    found = [tuple(phones) for phones in _guesses(word, stem) if phones]
    if letters.endswith("'s"):
        found = [possessive(phones) for phones in found]
    return tuple(dict.fromkeys(found)) or (_FALLBACK,)


def _guesses(word: str, stem: str) -> Iterator[list[str]]:
    plain = re.sub("[^a-z']", "", "".join(map(_without_diacritics, stem)))
    bare = plain.replace("'", "")
    disfluency = disfluency_phones(stem)
    stem, plain = (_LENGTHENED.sub(r"\1\1", letters) for letters in (stem, plain))
    if disfluency:
        yield disfluency
    elif len(bare) == 1 or is_acronym(word) or not re.search("[aeiouy]", bare):
        yield [phone for letter in bare for phone in _LETTER_NAMES[letter].split()]
    else:
        foreign = names.guess_language(stem)
        if foreign:
            yield names.phones_by_spelling(stem, foreign)
        yield _english().phones(plain)
        if not foreign and (word[:1].isupper() or not word.isascii()):
            yield names.phones_by_spelling(stem)


@cache
def _english() -> SpellingRules:
    return SpellingRules(_ENGLISH_RULES, "aeiouy")


def possessive(phones: tuple[str, ...]) -> tuple[str, ...]:
    """The phones of a word with a possessive s added, as in "Nadal's"."""
    return (*phones, *_plural_suffix(phones[-1].rstrip("012")))


def _plural_suffix(last: str) -> list[str]:
    """The sound of a final s after the phone `last`."""
    if last in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return ["IH", "Z"]
    return ["S"] if last in ("P", "T", "K", "F", "TH") else ["Z"]


def _latin(letter: str) -> str:
    """Transliterates a lower-case letter of any alphabet into Latin letters by its Unicode name.

    "CYRILLIC SMALL LETTER EM" is an m, "GREEK SMALL LETTER THETA" a th, "HIRAGANA LETTER KA" a ka,
    and "LATIN SMALL LETTER O WITH STROKE" an o.
    """
    return letter if letter in names.known_letters() else _without_diacritics(letter)


def _without_diacritics(letter: str) -> str:
    """As `_latin`, without diacritics."""
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
_SYLLABLES: Final = ("ETHIOPIC", "HANGUL", "HIRAGANA", "KATAKANA", "LATIN")  # whose names are the sounds
