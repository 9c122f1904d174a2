"""What the recipe says of the corpus, in the card: its head, where the recordings come from, licence, citation."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from imigue_build.core.records import Label
from imigue_build.core.untrusted.markdown import plain, quoted
from imigue_build.release.build.card.forms import table
from imigue_build.release.reader.composition import unlabelled
from imigue_build.release.schema.corpus import CorpusText
from imigue_build.release.schema.layout import LABELS, PROVENANCE

_ROWS: Final = {
    "name": "name",
    "title": "title",
    "origin": "origin",
    "language": "language",
    "contact": "contact",
    "homepage": "homepage",
}
"""Fields in the table of the recordings, with their names there; licence and citation have sections of their own."""
_ADDRESS: Final = re.compile(r"https?://[\w.~:/?#@!$&'()+,;=%-]+", re.ASCII)
_TOOL: Final = """\
imigue-build grants no licence of the recordings that it is run on. The models that took part have licences of
their own.
"""


def head(corpus: CorpusText, languages: Collection[str], labelled: bool, size: str, manifest: str) -> str:
    """The YAML head that dataset hubs read; what is not known is not in it."""
    lines = corpus.head()
    lines += ["language:", *(f"- {quoted(language)}" for language in sorted(languages))] if languages else []
    lines += ["task_categories:", "- automatic-speech-recognition"] + ["- audio-classification"] * labelled
    lines += ["tags:", "- speaker-diarization", "- forced-alignment", "- interviews"]
    lines += ["size_categories:", f"- {size}"]
    lines += ["configs:", "- config_name: segments", f"  data_files: {manifest}"]
    return "\n".join(["---", *lines, "---", ""])


def recordings(corpus: CorpusText, labels: Sequence[Label]) -> str:
    """The section on where the recordings come from."""
    stated = {field: text for field in _ROWS if (text := getattr(corpus, field))}
    missing = [name for field, name in _ROWS.items() if field not in stated]
    parts = ["## Where the recordings come from\n"]
    if stated:
        parts.append(table(("", "as the recipe states it"), ((_ROWS[f], _shown(t)) for f, t in stated.items()), False))
    if missing:
        parts.append(f"Not stated by the recipe: {', '.join(missing)}. Ask whoever gave you this release.\n")
    parts.append(f"`{PROVENANCE}` lists the SHA-256 of each video.\n")
    parts.append(_labels(labels))
    return "\n".join(parts)


def licence(corpus: CorpusText) -> str:
    """The section."""
    said = (
        f"Of the recordings, as the recipe states it: {plain(corpus.licence.rstrip('.'))}.\n"
        if corpus.licence
        else "Not stated by the recipe. Ask the owners of the recordings before you pass on anything of this release.\n"
    )
    return f"## Licence\n\n{said}\n{_TOOL}"


def citation(corpus: CorpusText) -> str:
    """The section."""
    said = plain(corpus.citation) if corpus.citation else "Not stated: the recipe does not say how to cite this corpus."
    return f"## Citation\n\n{said}\n"


def heading(corpus: CorpusText) -> str:
    """The first heading, without Markdown of its own."""
    return plain(corpus.heading) or "Recorded interviews (the corpus has no name)"


def _labels(labels: Sequence[Label]) -> str:
    missing = unlabelled(labels)
    if not missing:
        return f"Gender, nationality and outcome in `{LABELS}` are those of the table of labels that was given.\n"
    return f"Not labelled: {', '.join(missing)}. These columns of `{LABELS}` are empty.\n"


def _shown(text: str) -> str:
    return f"<{text}>" if _ADDRESS.fullmatch(text) else plain(text)
