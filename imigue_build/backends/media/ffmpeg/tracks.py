"""Which audio tracks of a file may hold the interview, by what the file says of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from imigue_build.backends.media.ffmpeg.probe import AudioStream
from imigue_build.core.errors import MediaError

_TABLE: Final = (
    "ar ara,bg bul,ca cat,cs ces cze,cy cym wel,da dan,de deu ger,el ell gre,en eng,es spa,et est,eu eus baq,"
    "fa fas per,fi fin,fr fra fre,gl glg,he heb,hi hin,hr hrv scr,hu hun,hy hye arm,id ind,is isl ice,it ita,"
    "ja jpn,ka kat geo,kk kaz,ko kor,lt lit,lv lav,mk mkd mac,ms msa may,nl nld dut,no nor nob nno nb nn,pl pol,"
    "pt por,ro ron rum,ru rus,sk slk slo,sl slv,sq sqi alb,sr srp scc,sv swe,sw swa,th tha,tr tur,uk ukr,"
    "ur urd,vi vie,zh zho chi yue cmn"
)
_CODES: Final = {name: names.split()[0] for names in _TABLE.split(",") for name in names.split()}
"""Codes of ISO 639 that files bear -> that of ISO 639-1."""
_UNKNOWN: Final = ("", "und", "mis", "mul", "zxx", "qaa")


class Candidates(NamedTuple):
    """The tracks that may hold the interview, the preferred one first, and why others do not."""

    tracks: tuple[AudioStream, ...]
    reason: str


def candidates(streams: tuple[AudioStream, ...], language: str) -> Candidates:
    """The tracks that are alike in language and kind with the best one.

    It can be decoded, is no commentary or description, in `language` (a code of ISO 639-1) or else in one that is not
    stated, and no dub, also of one that is the original; then the default one, with the most channels, the highest
    sample rate, the highest bit rate, the lowest number.
    """
    unknown = len(streams) - len(streams := tuple(stream for stream in streams if stream.usable))
    originals = {_code(stream.language) for stream in streams if stream.original}

    def kind(stream: AudioStream) -> tuple[bool, int, bool, str]:
        code = _code(stream.language)
        dub = stream.dub or (code in originals and not stream.original)
        return not stream.secondary, _fits(stream.language, language), not dub, code

    def rank(stream: AudioStream) -> tuple[object, ...]:
        quality = (stream.default, stream.channels, stream.sample_rate, stream.bit_rate, -stream.number)
        return (*kind(stream)[:3], *quality)

    ranked = sorted(streams, key=rank, reverse=True)
    best = kind(ranked[0])
    secondary = [stream for stream in streams if stream.secondary != ranked[0].secondary]
    foreign = [stream for stream in streams if stream not in secondary and _code(stream.language) != best[-1]]
    dubs = [stream for stream in streams if stream not in [*secondary, *foreign] and kind(stream) != best]
    languages = ", ".join(sorted({_shown(stream.language) for stream in foreign}))
    reasons = [
        f"{len(found)} {what}"
        for found, what in (
            (secondary, "of commentary or description"),
            (foreign, f"of another language ({languages})"),
            (dubs, "dubbed"),
        )
        if found
    ]
    reasons += [f"{unknown} that ffmpeg cannot decode"] if unknown else []
    return Candidates(tuple(stream for stream in ranked if kind(stream) == best), ", ".join(reasons))


def _shown(tag: str) -> str:
    """A language's tag, which may be any text, as it is said."""
    return tag if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*", tag) else "no code" if tag else "not stated"


def numbered(streams: tuple[AudioStream, ...], numbers: Sequence[int], name: str) -> tuple[AudioStream, ...]:
    """The tracks of those numbers, from 1.

    Raises:
        MediaError: If the file `name` has fewer.
    """
    if max(numbers) > len(streams):
        message = f"extract.streams names audio track {max(numbers)}, and {name} has {len(streams)}"
        raise MediaError(message, "name tracks that it has, or leave the setting out")
    return tuple(streams[number - 1] for number in numbers)


def _code(tag: str) -> str:
    """A language as a tag names it (`eng`, `en-GB`): its ISO 639-1 code, where it is known."""
    own = tag.lower().replace("_", "-").partition("-")[0]
    return _CODES.get(own, "" if own in _UNKNOWN else own)


def _fits(tag: str, language: str) -> int:
    """2 for a track in the language, 1 where its language is not known, 0 for another one."""
    code = _code(tag)
    if not code:
        return 1
    return 2 if code == _code(language) else 0
