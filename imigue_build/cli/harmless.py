"""The console that texts from anywhere are printed on: names, words, reasons."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from imigue_build.core.printable import harmless


class HarmlessConsole(Console):
    """Escapes what would command the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(harmless(text), **options)
