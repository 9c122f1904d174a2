"""What the help of a command says below its options: examples, the JSON that it prints, exit codes, variables."""

from __future__ import annotations

import locale
import re
from collections.abc import Mapping
from inspect import cleandoc
from shutil import get_terminal_size
from textwrap import wrap
from typing import Final

Example = tuple[str, str]
"""A command line without `imigue-build`, and what it is for."""

_WIDTH: Final = 74
"""Characters of a line, so that it fits a terminal of 80."""
_NARROW: Final = 70
_MARKUP: Final = re.compile(r"\[(?=[a-z#/@])")
"""What within frames would be taken for markup; rich, which could escape it, is not imported for every command."""

EXIT_CODES: Final = {
    "0": "done",
    "1": "some interviews failed, or faults were found",
    "2": "usage or configuration: nothing was begun; or standard output could not be written",
    "130": "interrupted",
}
VARIABLES: Final = {
    "HF_TOKEN": "token of the Hugging Face hub, for gated models; it is written nowhere",
    "HF_HUB_OFFLINE": "1 forbids downloads; only fetch-models and bench fetch make any",
    "HF_HOME": "folder of the hub's models; by default ~/.cache/huggingface",
    "MFA_ROOT_DIR": "folder of MFA's models; by default ~/Documents/MFA",
    "IMIGUE_BUILD_CACHE": "pins of models and computed features; by default ~/.cache/imigue-build",
    "CUDA_VISIBLE_DEVICES": "the GPUs that may be used",
    "RAY_ADDRESS": "head of the Ray cluster, where --ray-address names none",
    "RAY_AUTH_MODE": "token on a Ray cluster that asks for one",
    "TMPDIR": "folder of temporary files",
    "NO_COLOR": "any value but none: no colours",
    "FORCE_COLOR": "any value but none: colours also where there is no terminal",
    "COLUMNS": f"width of tables and of the help; below {_NARROW} the help has no frames",
}


def framed() -> bool:
    """Whether the help has frames: where there is room, and an encoding that has their characters."""
    return get_terminal_size().columns >= _NARROW and locale.setlocale(locale.LC_CTYPE) not in ("C", "POSIX")


def epilog(examples: tuple[Example, ...], json: str = "", more: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The text below the options, as typer takes it.

    Args:
        examples: Command lines.
        json: The form of the object that --json prints.
        more: Tables of two columns, by their titles.
    """
    sections = {
        "Examples:": [line for command, what in examples for line in (f"imigue-build {command}", f"    {what}")],
        "With --json, on standard output and nothing else there:": wrap(json, _WIDTH),
        **{title: _table(rows) for title, rows in (more or {}).items()},
    }
    paragraphs = ["\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections.items() if lines]
    if framed():
        text = _MARKUP.sub(r"\\[", "\n\n".join(paragraphs))
    else:
        text = "\n\n".join(f"\b\n{paragraph}" for paragraph in paragraphs)  # \b: not to be filled
    return f"\n{text}"  # an empty first line: typer takes away the spaces that all lines after the first begin with


def unfilled(text: str) -> str:
    """A docstring with one line a paragraph, for the help to fill."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in cleandoc(text).split("\n\n"))


def _table(rows: Mapping[str, str]) -> list[str]:
    width = max(map(len, rows)) + 2
    return [
        f"{name if not at else '':<{width}}{line}"
        for name, text in rows.items()
        for at, line in enumerate(wrap(text, _WIDTH - width))
    ]
