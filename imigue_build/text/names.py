"""Foreign names: which language a spelling suggests, and how an English speaker says it.

The rules follow each orthography, with the nearest English phones. Diacritics decide the language where there are
any, else endings and letter groups that are rare in English. There is no dictionary and no list of names.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from imigue_build.text.spelling import SpellingRules

_VOWELS: Final = "aeiouyáàâãäåāăąéèêëěēęėíìîïī\u0131óòôõöøőōúùûüůűūýæœ"

# Shared by most languages but English: one sound per vowel letter, letters with diacritics by their usual sound.
_COMMON: Final = """
<ai>/AY <au>/AW <ao>/AW <aa>/AA <a>$/AH <a>/AA <á>/AA <à>/AA <â>/AA <ã>/AA <ä>/EH <å>/AO <ā>/AA <ă>/AH <ą>/AO-N
<æ>/EH <ei>/EY <eu>/EH-UW <ee>/IY <er>$/ER <e>$/EY <e>/EH <é>$/EY <é>/EH <è>/EH <ê>/EH <ë>/EH <ě>/Y-EH <ē>/EY
<ę>/EH-N <ė>/EY <ia>/IY-AH <ie>/IY <ii>/IY <i>CC/IH <i>/IY <í>/IY <ì>/IY <î>/IY <ï>/IY <ī>/IY <\u0131>/IH <oi>/OY
<ou>/UW <oo>/OW <or>C/AO-R <o>/OW <ó>/OW <ò>/OW <ô>/OW <õ>/OW <ö>/ER <ø>/ER <ő>/ER <ō>/OW <œ>/ER <uu>/UW <u>/UW
<ú>/UW <ù>/UW <û>/UW <ü>/UW <ů>/UW <ű>/UW <ū>/UW <ý>/IY C<y>C/IY C<y>$/IY <y>/Y <bb>/B <b>/B <ch>/CH <ck>/K <cz>/CH
<cc>/K <c>[eiy]/S <c>/K <č>/CH <ć>/CH <ç>/S <dd>/D <dj>/JH <dž>/JH <d>/D <ď>/D <đ>/JH <ð>/DH <ff>/F <f>/F <gg>/G
<g>/G <ğ>/- <ģ>/G <hh>/HH <h>$/- <h>/HH <j>/Y <kh>/HH <kk>/K <k>/K <ķ>/K <ll>/L <lj>/L-Y <l>/L <ļ>/L <ł>/W <mm>/M
<m>/M <nn>/N <nj>/N-Y <ng>C/NG <ng>$/NG <n>[kg]/NG <n>/N <ñ>/N-Y <ń>/N-Y <ň>/N-Y <ņ>/N-Y <pp>/P <ph>/F <p>/P <qu>/K
<q>/K <rr>/R <r>/R <ř>/ZH <sch>/SH <sh>/SH <ss>/S <sz>/SH <s>/S <š>/SH <ś>/SH <ş>/SH <ș>/SH <ß>/S <tsch>/CH <tt>/T
<th>/T <ts>/T-S <t>/T <ť>/T <ț>/T-S <ţ>/T-S <þ>/TH <v>/V <w>/W <x>/K-S <zh>/ZH <zz>/T-S <z>/Z <ž>/ZH <ź>/ZH <ż>/ZH
"""

_LANGUAGES: Final = {
    "polish": """
<szcz>/SH-CH <dzi>V/JH <dź>/JH <dż>/JH <dz>/D-Z <cz>/CH <sz>/SH <rz>/ZH <ch>/HH <ci>V/CH <si>V/SH <zi>V/ZH <ni>V/N-Y
<ią>[pb]/Y-AO-M <ią>/Y-AO-N <ą>[pb]/AO-M <ę>[pb]/EH-M <ę>$/EH <ó>/UW <i>V/Y <w>/V <c>/T-S <y>/IH <e>$/EH
""",
    "slavic": """
C<r>C/ER ^<r>C/ER <ch>/HH <vić>$/V-IH-CH <ić>$/IH-CH <ic>s?$/IH-CH <ck>V/T-S-K ^<c>V/CH <c>/T-S <i>C/IH <e>$/EH
<ov>[aá]/OW-V <ou>/OW <jo>/Y-OW <ž>/ZH
""",
    "russian": """
<shch>/SH <sch>/SH <ts>/T-S <ya>$/Y-AH <ya>/Y-AA <yu>/Y-UW <yo>/Y-OW <ye>/Y-EH <iy>/IY <yy>$/IY <y>$/IY <y>C/IH
<ov>$/AO-V <ev>$/EH-V <e>nk/EH <w>/V
""",
    "spanish": """
<ll>/Y <j>/HH <qu>[eiéí]/K <gu>[eiéí]/G <gü>/G-W <g>[eiéí]/HH <c>[eiéí]/S <nh>/N-Y <lh>/L-Y <ão>/AW-N <h>/- <z>/S
<u>[aeoáéó]/W <i>[aeoáéó]/Y <y>C/IY
""",
    "italian": """
<sci>[aou]/SH <sc>[ei]/SH <sch>/S-K <cci>[aou]/CH <cch>/K <cc>[ei]/CH <ch>/K <ci>[aou]/CH <c>[eiè]/CH <ggi>[aou]/JH
<gg>[ei]/JH <gi>[aou]/JH <gh>/G <g>[ei]/JH <gli>[aeou]/L-Y <gli>/L-Y-IY <gn>/N-Y <z>/T-S <qu>/K-W <h>/- <i>[aeou]/Y
""",
    "french": """
<eaux?>s?$/OW <eau>/OW <aux?>$/OW <au>/OW <ai>/EH <oi>/W-AA <ou>/UW <oux>$/UW <eux?>$/ER <eu>/ER <ille>s?$/IY
<ill>V/IY <quet>$/K-EY <et>$/EY <er>$/EY <ez>$/EY <ier>$/Y-EY <es?>$/- <é>/EY <ch>/SH <j>/ZH <g>[eiéè]/ZH
<ge>[aou]/ZH <gn>/N-Y <qu>/K <gu>[eiéè]/G <c>[eiéè]/S <[tdxsz]>$/- <h>/- <u>/UW <th>/T <in>(C|$)/AE-N <en>(C|$)/AA-N
<on>(C|$)/AO-N <ph>/F
""",
    "german": """
<tsch>/CH <tz>/T-S <sch>/SH ^<s>[pt]/SH <s>V/Z <chs>/K-S <ch>/K <ei>/AY <ie>/IY <eu>/OY <äu>/OY <z>/T-S <w>/V ^<v>/F
<e>$/AH <ü>/UW <th>/T <er>(C|$)/ER <eh>/EY <oh>/OW <ah>/AA <c>[eiy]/S
""",
    "nordic": """
<sj>/SH <skj>/SH <kj>/CH <tj>/CH <gj>/Y <hj>/Y <e>$/AH <en>$/AH-N <er>(C|$)/ER <y>C/IY <th>/T
""",
    "greek": "<gi>[aou]/Y <g>[iey]/Y <ou>/UW <ai>/EH <ei>/IY <oi>/IY ^<mp>/B ^<ks>/Z <y>/IY",
    "japanese": "<j>/JH <y>/Y <ei>/EY <ii>/IY <iy>/IY-Y <shi>C/SH-IH <ai>/AY <ou>/OW <w>/W <ori>$/AO-R-IY",
    "chinese": "<zh>/JH <q>/CH <x>/SH <ng>/NG <c>/T-S <iao>/Y-AW <ian>/Y-EH-N <ui>/W-EY <ua>/W-AA <j>/JH <z>/D-Z",
    "other": "",
}

_KANA: Final = "([kgmnrbp]|[kgnhbpmr]y|sh|ch|j)?[aeiou]|[td][aeo]|tsu|fu|[sz][aeou]|h[aeio]|wa|y[aou]"

# The first pattern found in a word decides the language; C and V stand for consonants and vowels.
_LANGUAGE_PATTERNS: Final = (
    ("polish", "[ąęłńśźż]|szcz|wicz$|rzy|[ckn]zyk$|czak$|kacz$|[oe]wsk[ia]$|[aiń]nsk[ia]$|[ao]wr|[aei]cki$"),
    ("slavic", "[čšžđřěůňťď]|vi[cć]$|ić$|[aeiou][jnlrdtk]?[jnlrdk]ic$|^[bcdkmrst]V[lmn]ic$|ov[aá]$|[ck]ov|^dj"),
    ("russian", "C[oe]v$|[aio]v?sk(y|iy|ii|aya)$|[eh]nk[oa]$|.kh|[kv]ina$|^zv|yev|[ntl]chuk$"),
    ("italian", "[ei]ni$|C(ano|ego|oni|ucci)$|etti$|etta$|ell[io]$|cci|gli[ao]|gn[aio]$|zz[aio]$|schi|cch|ggi|inci$"),
    ("french", "[èêëçœâîôû]|eau|eux$|quet$|[ou]ux$|aux$|[^v]ille$"),
    ("spanish", "[ñãõ]|[aeio]z$|guez|rr[aeo]|[aeiou]ll[ao]|uza$|[aeiou]j[ao]$|[íáóúé]"),
    ("german", "[äüß]|sch(?!oo|ed|em|iz|ol)|tz$|[aie]hl|mann$"),
    ("nordic", "[öøåæ]|[^e]sson$|sj|kj|gaard$"),
    ("greek", "akis$|poulos$|ipas$|^ts|idis$|gios$"),
    ("chinese", "^(zh|x|q(?!u))[aeiou]+(n|ng)?(([hjlmqswxyz]|zh)[aeiou]+(n|ng)?)?$"),
    ("japanese", f"^(({_KANA})[iou]?|n(?![aeiou])){{3,}}(?<!e)$"),
    ("other", "[^a-z']"),
)


def guess_language(letters: str) -> str | None:
    """The language suggested by the spelling of a lower-case word; None if it may be English.

    >>> guess_language("kvitová"), guess_language("garbiñe"), guess_language("smith")
    ('slavic', 'spanish', None)
    """
    return next((name for name, pattern in _language_patterns() if pattern.search(letters)), None)


def phones_by_spelling(letters: str, language: str = "other") -> list[str]:
    """The phones of a lower-case word by the spelling rules of a language; "other" has the common rules alone."""
    return _rules(language).phones(letters)


@cache
def known_letters() -> frozenset[str]:
    """The letters that have a rule, with and without diacritics."""
    return _rules("other").first_letters()


@cache
def _rules(language: str) -> SpellingRules:
    return SpellingRules(_LANGUAGES[language] + _COMMON, _VOWELS)


@cache
def _language_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    vowel, consonant = f"[{_VOWELS}]", f"[^{_VOWELS}']"
    patterns = ((name, pattern.replace("C", consonant).replace("V", vowel)) for name, pattern in _LANGUAGE_PATTERNS)
    return tuple((name, re.compile(pattern)) for name, pattern in patterns)
