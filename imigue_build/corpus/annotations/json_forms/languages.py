"""The language that a file names, as an ISO 639-1 code (639-3 where there is none)."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """
afrikaans af albanian sq amharic am arabic ar armenian hy assamese as azerbaijani az bashkir ba basque eu belarusian be
bengali bn bosnian bs breton br bulgarian bg burmese my cantonese yue castilian es catalan ca chinese zh croatian hr
czech cs danish da dutch nl english en estonian et faroese fo finnish fi flemish nl french fr galician gl georgian ka
german de greek el gujarati gu haitian ht hausa ha hawaiian haw hebrew he hindi hi hungarian hu icelandic is
indonesian id italian it japanese ja javanese jw kannada kn kazakh kk khmer km korean ko lao lo latin la latvian lv
lingala ln lithuanian lt luxembourgish lb macedonian mk malagasy mg malay ms malayalam ml maltese mt mandarin zh
maori mi marathi mr moldavian ro mongolian mn myanmar my nepali ne norwegian no nynorsk nn occitan oc panjabi pa
pashto ps persian fa polish pl portuguese pt punjabi pa pushto ps romanian ro russian ru sanskrit sa serbian sr
shona sn sindhi sd sinhala si sinhalese si slovak sk slovenian sl somali so spanish es sundanese su swahili sw
swedish sv tagalog tl tajik tg tamil ta tatar tt telugu te thai th tibetan bo turkish tr turkmen tk ukrainian uk
urdu ur uzbek uz valencian ca vietnamese vi welsh cy yiddish yi yoruba yo
"""
_THREE_LETTERS: Final = """
ara ar bul bg cat ca ces cs cmn zh cze cs dan da deu de dut nl ell el eng en est et fas fa fin fi fra fr fre fr ger de
gre el heb he hin hi hrv hr hun hu ind id ita it jpn ja kor ko lav lv lit lt nld nl nor no pol pl por pt ron ro rum ro
rus ru slk sk slo sk slv sl spa es srp sr swe sv tha th tur tr ukr uk vie vi zho zh chi zh
"""
_PAIRS: Final = f"{_NAMES} {_THREE_LETTERS}".split()
_CODES: Final = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_CODE: Final = re.compile(r"[a-z]{2,3}")


def code(named: str) -> str | None:
    """The code of a language named in English or by a code with or without a region; None if it is neither.

    >>> code("english"), code("en-US"), code("pt_BR"), code("eng"), code("auto")
    ('en', 'en', 'pt', 'en', None)
    """
    words = re.split(r"[^a-z]+", named.strip().lower())
    first = words[0]
    return _CODES.get(first) or (first if _CODE.fullmatch(first) and first != "und" else None)
