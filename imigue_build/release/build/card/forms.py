"""How the card writes things: tables, means, shares, quantiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

MOST_NAMED: Final = 20


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = True) -> str:
    """A Markdown table; all columns but the first are `numbers`, or none."""
    rule = "|---|" + ("---:|" if numbers else "---|") * (len(header) - 1)
    lines = [f"| {' | '.join(header)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def named(ids: Sequence[str]) -> str:
    """The first of the ids."""
    return ", ".join(ids[:MOST_NAMED]) + (", ..." if len(ids) > MOST_NAMED else "")


def mean(values: Sequence[float]) -> str:
    """A mean with two decimals."""
    return f"{sum(values) / len(values):.2f}" if values else "-"


def share(part: float, whole: float) -> str:
    """A part in per cent."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie, by the nearest rank.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([1.0], 0.95)
    (2.0, 1.0)
    """
    return values[min(len(values) - 1, max(0, -int(-share * len(values) // 1) - 1))]
