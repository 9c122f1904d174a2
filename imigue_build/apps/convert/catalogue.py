"""The formats by the names that `--to` takes: those of this package, and those that other wheels add."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from imigue_build.apps.convert.ctm import CTM
from imigue_build.apps.convert.elan import ELAN
from imigue_build.apps.convert.formats import Format
from imigue_build.apps.convert.huggingface import HUGGINGFACE
from imigue_build.apps.convert.kaldi import KALDI
from imigue_build.apps.convert.lhotse import LHOTSE
from imigue_build.apps.convert.nemo import NEMO
from imigue_build.apps.convert.subtitles import SRT, VTT
from imigue_build.apps.convert.tables import CSV, PARQUET
from imigue_build.core.entry_points import Offer, offers
from imigue_build.core.errors import UsageError

GROUP: Final = "imigue_build.formats"
"""The entry points of formats in other wheels; an entry point's name is the format's."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
FORMATS: Final[dict[str, Format]] = {
    "hf": HUGGINGFACE,
    "lhotse": LHOTSE,
    "kaldi": KALDI,
    "nemo": NEMO,
    "csv": CSV,
    "parquet": PARQUET,
    "ctm": CTM,
    "srt": SRT,
    "vtt": VTT,
    "eaf": ELAN,
}
"""Those of this package."""


class Outside(NamedTuple):
    """The formats of other wheels by name, and why installed ones are left out."""

    formats: dict[str, Format]
    problems: tuple[str, ...] = ()


def formats() -> dict[str, Format]:
    """All formats, by name."""
    return {**FORMATS, **outside().formats}


def format_of(name: str) -> Format:
    """The format of a name.

    Raises:
        UsageError: If there is none, with those that there are.
    """
    known = formats()
    if name not in known:
        why = "".join(f"; {problem}" for problem in outside().problems)
        raise UsageError(f"there is no format {name!r}", f"the known ones are {', '.join(known)}{why}")
    return known[name]


@cache
def outside() -> Outside:
    """The formats of other wheels that are installed."""
    return chosen(offers(GROUP))


def chosen(found: list[Offer]) -> Outside:
    """Those among the offers that are formats with a name of their own; of several with the same name, none."""
    taken = [offer.name for offer in found]
    problems = {(offer.name, offer.origin): _problem(offer, taken) for offer in found}
    said = tuple(f"the format {name} of {origin} is not used: {why}" for (name, origin), why in problems.items() if why)
    return Outside({offer.name: offer.loaded for offer in found if not problems[offer.name, offer.origin]}, said)


def _problem(offer: Offer, taken: list[str]) -> str:
    if offer.problem:
        return offer.problem
    if not isinstance(offer.loaded, Format):
        return f"it is no Format but a {type(offer.loaded).__name__}"
    if not _NAME.fullmatch(offer.name):
        return "a name is of a-z, 0-9 and -"
    if offer.name in FORMATS:
        return "imigue-build has one of that name"
    return "the name is taken twice, uninstall one of them" if taken.count(offer.name) > 1 else ""
