"""Licences by the names that dataset hubs know: Hugging Face takes no other in the head of a card."""

from __future__ import annotations

import re
from typing import Final

_COMMONS: Final = """
cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0
cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0
"""
_OF_DATA: Final = """
c-uda cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 etalab-2.0 gfdl odbl odc-by pddl openmdw-1.0 lgpl-lr
h-research intel-research fair-noncommercial-research-license apple-amlr apple-ascl
"""
_OF_SOFTWARE: Final = """
afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 ecl-2.0 epl-1.0
epl-2.0 eupl-1.1 eupl-1.2 gpl gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa ofl-1.1
osl-3.0 postgresql unlicense wtfpl zlib
"""
_OF_MODELS: Final = """
bigcode-openrail-m bigscience-bloom-rail-1.0 bigscience-openrail-m creativeml-openrail-m deepfloyd-if-license gemma
llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 openrail
"""
_KNOWN: Final = frozenset(" ".join((_COMMONS, _OF_DATA, _OF_SOFTWARE, _OF_MODELS)).split())
_SPDX: Final = {
    "gfdl-1.1": "gfdl",
    "gfdl-1.2": "gfdl",
    "gfdl-1.3": "gfdl",
    "odbl-1.0": "odbl",
    "odc-by-1.0": "odc-by",
    "pddl-1.0": "pddl",
}
"""SPDX names of licences that a hub calls otherwise."""
_PUT_BRIEFLY: Final = (
    (r"\bcreative-commons-|\b(the|licen[cs]e|international|unported|universal|version|v)\b-?", ""),
    (r"\bv(?=\d)", ""),
    (r"^(a?l?gpl)v?(?=\d)", r"\1-"),
    (r"^attribution\b", "cc-by"),
    (r"\b(non-?commercial)\b", "nc"),
    (r"\bshare-?alike\b", "sa"),
    (r"\bno-?deriv(ative)?s\b", "nd"),
    (r"^zero\b|^cc-0\b|^cc-zero\b", "cc0"),
    (r"-(only|or-later)$|\+$", ""),
    (r"-+", "-"),
    (r"^(apache|mpl|gpl|agpl|lgpl|cc[a-z0-9-]*)-(\d)$", r"\1-\2.0"),
)
"""Expressions in a licence's name, in small letters and hyphens, and what SPDX has in their place."""


def hub_licence(name: str) -> str | None:
    """The name by which dataset hubs know a licence; None for one that they do not know.

    >>> hub_licence("MIT License"), hub_licence("CC-BY-NC-SA-4.0"), hub_licence("Apache License, Version 2.0")
    ('mit', 'cc-by-nc-sa-4.0', 'apache-2.0')
    >>> hub_licence("Creative Commons Attribution-ShareAlike 4.0 International"), hub_licence("ODbL-1.0")
    ('cc-by-sa-4.0', 'odbl')
    >>> hub_licence("iMiGUE licence agreement")
    """
    brief = re.sub(r"[^a-z0-9.+]+", "-", name.lower()).strip("-.")
    for expression, short in _PUT_BRIEFLY:
        brief = re.sub(expression, short, brief).strip("-")
    brief = _SPDX.get(brief, brief)
    return brief if brief in _KNOWN else None
