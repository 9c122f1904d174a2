"""What the recipe says of the corpus, in `provenance.json`; the card and other formats say it too."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from imigue_build.core.untrusted.markdown import quoted
from imigue_build.release.schema.licences import hub_licence

_LONGEST: Final = 60
"""Characters of a name in names of files and heads of cards."""


class CorpusText(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the recipe says; empty where it says nothing. It is text: nothing that it names is opened."""

    name: str = ""
    title: str = ""
    origin: str = ""
    licence: str = ""
    citation: str = ""
    contact: str = ""
    language: str = ""
    homepage: str = ""

    @property
    def heading(self) -> str:
        """The title, else the name, else an empty text."""
        return self.title or self.name

    def file_name(self, otherwise: str) -> str:
        """The name in letters, digits and hyphens, for names of files; `otherwise` where nothing is left of it.

        >>> CorpusText(name="../My Corpus (2)").file_name("corpus")
        'my-corpus-2'
        """
        return _short(self.name.replace(".", " ")) or otherwise

    def head(self) -> list[str]:
        """The lines on name and licence in the YAML head of a card that dataset hubs read.

        >>> CorpusText("A", licence="CC BY-NC 4.0").head(), CorpusText().head()
        (['pretty_name: "A"', 'license: cc-by-nc-4.0'], ['license: unknown'])
        """
        lines = [f"pretty_name: {quoted(self.heading)}"] if self.heading else []
        if not self.licence:
            return [*lines, "license: unknown"]
        first = re.split("[:;,(]", self.licence)[0]  # what follows explains it
        known = hub_licence(self.licence) or hub_licence(first)
        if known is not None:
            return [*lines, f"license: {known}"]
        name = _short(first)
        return [*lines, "license: other", *([f"license_name: {quoted(name)}"] if name else [])]


NO_CORPUS: Final = CorpusText()
"""Where the recipe says nothing of the corpus."""


def _short(text: str) -> str:
    """A text in small letters, digits, dots and hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower())[:_LONGEST].strip("-.")
