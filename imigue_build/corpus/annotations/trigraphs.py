r"""Praat's backslash trigraphs, which write letters in ASCII: `caf\e'`, `Ma\n~ana`, `\o/`, `\sw`.

https://www.fon.hum.uva.nl/praat/manual/Special_symbols.html
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ACCENTS: Final = {
    "'": ("\u0301", "aeiouycnsz"),
    "`": ("\u0300", "aeiou"),
    "^": ("\u0302", "aeiou"),
    "~": ("\u0303", "ano"),
    '"': ("\u0308", "aeiouy"),
    ",": ("\u0327", "c"),
    "<": ("\u030c", "cdegnrstz"),
    ";": ("\u0328", "ae"),
    ":": ("\u030b", "ou"),
    "!": ("\u0307", "z"),
}
"""The second characters that stand for accents, and the letters that have them."""
_LETTERS: Final = """
    ae æ Ae Æ ao å Ao Å oe œ Oe ɶ o/ ø O/ Ø ss ß th þ Th Þ dh ð d- đ D- Đ l/ ł L/ Ł uo ů Uo Ů a_ ª o_ º
    as \u0251 ab ɒ at ɐ sw ə sr ɚ er ɜ ef ɛ ic \u026a i- ɨ hs ʊ u- ʉ ct ɔ vt ʌ rh ɤ mt \u026f o- ɵ e- ɘ kb ɞ yc \u028f
    sh ʃ zh ʒ tS ʧ ts ʦ te θ tf θ ng ŋ nj ɲ rt ɹ ri ʁ rc ʀ fh ɾ f. ɽ l~ ɫ l- ɬ l. ɭ lz ɮ yt ʎ gf \u0263 gs \u0261
    gc ɢ be β bf β ff ɸ cf χ cc ɕ zc ʑ h- ħ h^ ɦ ht ɥ hj ɧ ?g \u0294 9e ʕ ?- ʡ wt ʍ vs \u028b mj ɱ ml ɰ n. ɳ nc ɴ
    t. ʈ d. ɖ s. ʂ z. ʐ r. ɻ
    j- ɟ jc ʝ b^ ɓ d^ ɗ g^ ɠ :f \u02d0 .f ˑ '1 \u02c8 '2 ˌ ^h ʰ ^w ʷ ^j ʲ
    !d ¡ ?d ¿ << « >> » .c · -- \u2013 -m \u2212 +- ± xx \u00d7 :- ÷ dg ° c/ ¢ Lp £ eu € Y= ¥ co © re ® tm ™ bu •
    |f | [f [ ]f ] un _ bs \\
"""
_TABLE: Final = dict(zip(_LETTERS.split()[::2], _LETTERS.split()[1::2], strict=True))
"""Other trigraphs. Those that begin with a quotation mark are left out: `\\"` is an escaped one in many programs."""
_TRIGRAPH: Final = re.compile(r"\\([!-~]{2})")


def spelled_out(text: str) -> str:
    r"""The text with the letters that its trigraphs stand for; any other backslash stays.

    >>> spelled_out(r"caf\e' \?dqu\e'? h\sw\l~ C:\x")
    'café ¿qué? həɫ C:\\x'
    """
    return _TRIGRAPH.sub(_letter, text) if "\\" in text else text


def _letter(match: re.Match[str]) -> str:
    """The letter of a trigraph; what is no trigraph, unchanged."""
    pair = match[1]
    if pair in _TABLE:
        return _TABLE[pair]
    accent, letters = _ACCENTS.get(pair[1], ("", ""))
    return unicodedata.normalize("NFC", pair[0] + accent) if pair[0].lower() in letters else match[0]
