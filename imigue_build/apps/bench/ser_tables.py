"""The tables that people read of `bench ser`."""

from __future__ import annotations

from typing import Any

from imigue_build.apps.bench.tables import Results, share


def of_ser(result: dict[str, Any]) -> list[Results]:
    """What a person reads: the figures, the confusions, and the folds."""

    def interval(name: str) -> str:
        low, high = result["ci95"][name]
        return f"{share(low)}-{share(high)}"

    title = f"{result['dataset']}, {result['features']['name']}, folds by {result['protocol']}"
    figures = tuple(
        (
            name.upper(),
            share(result[name]),
            interval(name),
            *(share(value) for value in (result[f"{name}_mean"], result[f"{name}_std"], result["chance"][name])),
        )
        for name in ("uar", "war")
    )
    labels = result["labels"]
    confusions = tuple(
        (label, *map(str, row), share(result["recalls"][label]))
        for label, row in zip(labels, result["confusion"], strict=True)
    )
    folds = tuple((row["name"], share(row["uar"]), share(row["war"]), str(row["n"])) for row in result["folds"])
    layers = tuple(
        (str(row["layer"]), share(row["uar"]), share(row["war"]), share(row["uar_std"]))
        for row in result.get("layers", ())
    )
    note = "to choose one by these figures is to look at the test parts"
    return [
        Results(title, ("", "all", "95 %", "mean", "std", "chance"), figures, "mean and std: over folds"),
        Results("Confusions", ("reference", *labels, "recall"), confusions, "columns: predicted"),
        Results("Folds", ("fold", "UAR", "WAR", "n"), folds),
        *([Results("Layers", ("layer", "UAR", "WAR", "std of UAR"), layers, note)] if layers else ()),
    ]
