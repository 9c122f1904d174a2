"""The result tables of `bench sentiment`, `outcome` and `affect`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imigue_build.apps.bench.tables import Results, share
from imigue_build.core.plurals import counted


def _interval(bounds: tuple[float, float] | list[float] | None) -> str:
    return "-" if bounds is None else f"{_number(bounds[0])} to {_number(bounds[1])}"


def _number(value: float | None) -> str:
    """A value with three decimals or four significant digits; a dash if there is none."""
    if value is None or value != value:
        return "-"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def _p(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else "<0.0001"


def of_labels(result: Mapping[str, Any]) -> list[Results]:
    """Sentiment compared with labels: the measures, then the classes and their confusions."""
    names = {"accuracy": "accuracy", "macro_f1": "macro-F1", "uar": "UAR"}
    figures = tuple(
        (shown, share(result[name]), _interval(result["ci95"][name]), share(result["majority"].get(name)))
        for name, shown in names.items()
    )
    classes = tuple(
        (label, *map(str, row), *(share(result["classes"][label][name]) for name in ("precision", "recall", "f1")))
        for label, row in zip(result["labels"], result["confusion"], strict=True)
    )
    header = ("label", *result["labels"], "precision", "recall", "F1")
    title = f"Sentiment, {result['model']['name']}, {result['n']} texts"
    return [
        Results(title, ("", "all", "95 %", "majority"), figures),
        Results("Classes", header, classes, "columns: predicted"),
    ]


def of_release(result: Mapping[str, Any]) -> list[Results]:
    """Sentiment of a release: outcomes, interviews, and winners compared with losers."""
    labels = sorted({label for row in result["interviews"].values() for label in row["shares"]})

    def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
        return str(row["segments"]), _number(row["score"]), *(share(row["shares"].get(label, 0.0)) for label in labels)

    header = ("segments", "score", *labels)
    outcomes = tuple((name, *cells(row)) for name, row in result["outcomes"].items() if row)
    interviews = tuple((f"{name} {row['outcome']}".strip(), *cells(row)) for name, row in result["interviews"].items())
    found = [Results(f"Sentiment by interview, {result['model']['name']}", ("", *header), interviews)]
    if outcomes:
        found.append(Results("Sentiment by outcome", ("", *header), outcomes))
    return [*found, *(compared(result["comparison"], result["grouped_by"]) if result["comparison"] else ())]


def compared(comparison: Mapping[str, Any], grouped_by: str) -> list[Results]:
    """Winners compared with losers: a row per dimension, a row per category, and the spread."""
    note = f"means over speakers (grouped by {grouped_by}); 95 %: of the difference; p: permutation test over speakers"
    found = []
    kinds = (
        ("dimensions", "Winners against losers", "g", "hedges_g"),
        ("categories", "Shares, winners against losers", "odds ratio", "odds_ratio"),
    )
    for kind, title, short, effect in kinds:
        rows = comparison[kind].items()
        if rows:
            header = ("", "winners", "losers", "95 %", short, "p", "Holm")
            cells = tuple(
                (name, *_sides(row), _number(row[effect]), _p(row["p"]), _p(row["p_holm"])) for name, row in rows
            )
            found.append(Results(title, header, cells, note))
    if comparison["dimensions"]:
        found.append(_spread(comparison["dimensions"]))
    return found


def _sides(row: Mapping[str, Any]) -> tuple[str, ...]:
    return _number(row["win"]), _number(row["lose"]), _interval(row["ci95"])


def _spread(dimensions: Mapping[str, Any]) -> Results:
    """For every dimension and outcome: speakers, segments, and the spread within and between speakers."""
    rows = tuple(
        (
            f"{name}, {side}",
            str(item["speakers"]),
            str(item["segments"]),
            _number(item["sd_within"]),
            _number(item["sd_between"]),
        )
        for name, row in dimensions.items()
        for side, item in row["groups"].items()
    )
    note = "standard deviations of segments around their speaker's mean, and of the speakers' means"
    return Results("Spread", ("", "speakers", "segments", "sd within", "sd between"), rows, note)


def of_outcome(result: Mapping[str, Any]) -> list[Results]:
    """Win or lose: every system and the baselines, and the folds."""
    rows = [
        (
            name,
            share(row["accuracy"]),
            _interval(row["ci95"]["accuracy"]),
            share(row["uar"]),
            _interval(row["ci95"]["uar"]),
        )
        for name, row in result["systems"].items()
    ]
    rows += [(name, share(row["accuracy"]), "", share(row["uar"]), "") for name, row in result["baselines"].items()]
    folds = tuple((row["name"], share(row["accuracy"]), share(row["uar"]), str(row["n"])) for row in result["folds"])
    title = f"Win or lose, {counted(result['n'], 'interview')}, {result['protocol']}, grouped by {result['grouped_by']}"
    return [
        Results(title, ("", "accuracy", "95 %", "UAR", "95 %"), tuple(rows)),
        Results(f"Folds of {result['system']}", ("fold", "accuracy", "UAR", "n"), folds),
    ]


def of_affect(result: Mapping[str, Any]) -> list[Results]:
    """Winners compared with losers, and their numbers."""
    counts = result["counts"]
    rows = tuple((name, str(counts.get(name, 0))) for name in ("Win", "Lose"))
    title = f"{counted(result['n'], 'segment')}, {counted(result['speakers'], 'speaker')}"
    note = f"model: {result['model']['kind']}"
    return [Results(title, ("outcome", "interviews"), rows, note), *compared(result, result["grouped_by"])]
