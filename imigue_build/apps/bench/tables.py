"""Tables of results for terminals (rich), Markdown and papers (LaTeX)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from rich.table import Table

_FIRST: Final = 24
"""Characters of the first column that a narrow terminal keeps."""
_MARKDOWN: Final = re.compile(r"([\\|*_`~\[\]])")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


@dataclass(frozen=True)
class Results:
    """Rows of cells under a header; the first column is text, the others are numbers as text."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def share(value: float | None) -> str:
    """A share in [0, 1] with three decimals; a dash if there is none."""
    return "-" if value is None or value != value else f"{value:.3f}"


def rich_table(results: Results) -> Table:
    """A table for a terminal."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title=escape(results.title), caption=escape(results.note) or None
    )
    for index, name in enumerate(results.header):
        width = 0 if index else min(_FIRST, max((len(row[0]) for row in results.rows), default=0))
        justify: Literal["left", "right"] = "right" if index else "left"
        table.add_column(escape(name), justify=justify, no_wrap=True, overflow="ellipsis", min_width=width or None)
    for row in results.rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def markdown(results: Sequence[Results]) -> str:
    """Pipe tables with headings."""
    return "\n".join(_markdown(result) for result in results)


def _markdown(results: Results) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(map(_marked, cells)) + " |"

    rule = "|" + "|".join("---:" if index else "---" for index in range(len(results.header))) + "|"
    note = [results.note, ""] if results.note else []
    lines = [f"## {_marked(results.title)}", "", line(results.header), rule, *map(line, results.rows), "", *note]
    return "\n".join(lines)


def _marked(text: str) -> str:
    """A text on one line, with markup escaped."""
    plain = _ENTITY.sub("&amp;", " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", plain).replace("<", "&lt;")


def latex(results: Sequence[Results]) -> str:
    """`table` environments with booktabs rules."""
    return "% \\usepackage{booktabs}\n" + "\n".join(_latex(result) for result in results)


def _latex(results: Results) -> str:
    def line(cells: Sequence[str]) -> str:
        return "  " + " & ".join(_escaped(cell) for cell in cells) + r" \\"

    caption = results.title + (f". {results.note}" if results.note else "")
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{_escaped(caption)}}}",
        rf"  \begin{{tabular}}{{l{'r' * (len(results.header) - 1)}}}",
        r"  \toprule",
        line(results.header),
        r"  \midrule",
        *map(line, results.rows),
        r"  \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
        "",
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    escaped = "".join(_LATEX.get(character, character) for character in " ".join(text.split()))
    return (
        f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped
    )  # else it would be an argument of the preceding \\
