"""bench: the corpus's benchmarks. This module: `bench ser`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from imigue_build.cli import completion, options, terminal
from imigue_build.core import extras
from imigue_build.core.errors import UsageError
from imigue_build.core.system import cores

if TYPE_CHECKING:
    from imigue_build.apps.bench.features import Features, FeatureSpec
    from imigue_build.apps.bench.ser import Evaluation
    from imigue_build.apps.bench.tables import Results
    from imigue_build.apps.bench.utterances import Dataset

bench_app = typer.Typer(no_args_is_help=True, help="Benchmarks: speech emotion recognition and more.")

Device = Literal["auto", "cpu", "cuda"]
Reporting = Callable[[int, int], None]


def ser(
    dataset: Annotated[
        str,
        typer.Option(
            help="emodb, ravdess, iemocap, msp-improv, emotiontalk, emobox, table (a CSV with path,label,speaker,fold, "
            "or JSON lines) or release.",
            show_default=False,
            autocompletion=completion.datasets,
        ),
    ],
    root: Annotated[Path, typer.Option(help="The corpus's folder; of `table`, its file too.", show_default=False)],
    features: Annotated[
        str,
        typer.Option(
            help="builtin, speaker, builtin+speaker, opensmile, or a Hugging Face speech encoder's name or folder.",
            autocompletion=completion.features,
        ),
    ] = "builtin",
    layer: Annotated[
        str,
        typer.Option(
            help="An encoder's layer: a number, last, weighted (a learnt sum), or all (each by itself).",
            autocompletion=completion.one_of("last", "weighted", "all"),
        ),
    ] = "last",
    revision: Annotated[str | None, typer.Option(help="An encoder's revision.", show_default=False)] = None,
    labels: Annotated[
        Path | None, typer.Option(help="A file of labels, for `table` and `release`.", show_default=False)
    ] = None,
    folds: Annotated[
        Literal["auto", "speaker", "session", "official", "given", "random"],
        typer.Option(help="What a test part is; auto is the corpus's own protocol."),
    ] = "auto",
    class_weight: Annotated[
        Literal["none", "balanced"], typer.Option(help="Whether rare classes count more in training.")
    ] = "none",
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap and of inner folds.")] = 0,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Take what is here of a corpus; the result says what is missing.")
    ] = False,
    jobs: options.Jobs = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder of computed features. Default: the user's cache.", show_default=False)
    ] = None,
    device: Annotated[Device, typer.Option(help="Where an encoder runs.")] = "auto",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for result.json, predictions.csv, table.md and table.tex.", show_default=False),
    ] = None,
    save_probe: Annotated[
        Path | None,
        typer.Option(help="File for a probe trained on the whole corpus, for bench affect.", show_default=False),
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Speech emotion recognition: pooled features, one linear layer, WAR and UAR."""
    from imigue_build.apps.bench import datasets
    from imigue_build.apps.bench.datasets.base import Options
    from imigue_build.apps.bench.features import spec_of
    from imigue_build.apps.bench.files import require_place
    from imigue_build.apps.bench.folds import make_folds
    from imigue_build.apps.bench.probe import Learner
    from imigue_build.apps.bench.ser import evaluate, evaluate_layers

    extras.require("bench", "bench ser")
    console = terminal.plain(stderr=True)
    spec = spec_of(features, layer, revision, device)
    require_place(out, save_probe)
    if save_probe is not None and layer in ("weighted", "all"):
        raise UsageError(f"a probe of --layer {layer} is not saved", "choose a layer")
    corpus = datasets.load(dataset, root, Options(labels, allow_partial))
    protocol = None if folds == "auto" else folds
    make_folds(corpus, protocol, seed)  # what is wrong with them is said before hours of features
    workers = jobs or cores()
    corpus, found = _features(corpus, spec, cache, workers, allow_partial, console, quiet)
    parts = make_folds(corpus, protocol, seed)
    if licence := found.identity.get("licence"):
        console.print(f"licence: {escape(str(licence))}")
    for warning in () if quiet else (*corpus.warnings, *parts.warnings):
        console.print(f"[yellow]warning:[/yellow] {escape(warning)}")
    with showing("folds", console, quiet) as report:
        run = evaluate_layers if layer == "all" else evaluate
        evaluation = run(corpus, parts, found, spec, Learner(class_weight, seed), workers, report)
    if save_probe is not None:
        from imigue_build.apps.bench.probe_file import save_trained

        save_trained(save_probe, corpus, found, spec, Learner(class_weight, seed), evaluation.result)
    if out is not None:
        _write(out, evaluation)
    if as_json:
        print(json.dumps(evaluation.result))
    else:
        _show(evaluation)


def _features(
    corpus: Dataset,
    spec: FeatureSpec,
    cache: Path | None,
    jobs: int,
    allow_partial: bool,
    console: Console,
    quiet: bool,
) -> tuple[Dataset, Features]:
    """The features of a corpus, without the utterances that have none if that is allowed."""
    from imigue_build.apps.bench.cache import default_folder
    from imigue_build.apps.bench.features import compute
    from imigue_build.apps.bench.sound import remarks
    from imigue_build.apps.bench.utterances import repeated
    from imigue_build.core.errors import MediaError

    with showing("features", console, quiet) as report:
        found = compute(corpus.utterances, spec, cache or default_folder(), jobs, report)
    say_reused(found, console, quiet)
    told = (*corpus.warnings, *remarks(found.forms), *repeated(corpus, found.digests))
    corpus = dataclasses.replace(corpus, warnings=told)
    if not found.failed:
        return corpus, found
    faults = list(found.failed.values())
    more = [f"... and {len(faults) - 20} more"] if len(faults) > 20 else []
    what = f"{len(faults)} utterances cannot be used:\n  " + "\n  ".join(faults[:20] + more)
    if not allow_partial or not found.ids:
        raise MediaError(what, "mend them, or leave them out with --allow-partial")
    return corpus.without(found.failed, what), found


def say_reused(found: Features, console: Console, quiet: bool) -> None:
    """How much of the features was there already, and why they are not kept where they cannot be."""
    if quiet:
        return
    if found.reused:
        console.print(f"features: {found.reused} of {len(found.ids) + len(found.failed)} from the cache")
    if found.unkept:
        console.print(f"[yellow]warning:[/yellow] features are not kept: {escape(found.unkept)}")


@contextmanager
def showing(what: str, console: Console, quiet: bool) -> Iterator[Reporting]:
    """A bar on standard error while inside; the value is told how many of how many are done."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(bar_width=24), MofNCompleteColumn())
    hidden = quiet or not terminal.live(console)
    with Progress(*columns, TimeRemainingColumn(compact=True), console=console, disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tables(result: dict[str, Any]) -> list[Results]:
    """What a person reads: the figures, the confusions, and the folds."""
    from imigue_build.apps.bench.tables import Results, share

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


def _show(evaluation: Evaluation) -> None:
    from imigue_build.apps.bench.tables import rich_table

    console = terminal.tabular()
    for table in _tables(evaluation.result):
        console.print(rich_table(table))


def _write(out: Path, evaluation: Evaluation) -> None:
    """The result's files, each whole or not at all."""
    import csv
    import io

    from imigue_build.apps.bench import tables
    from imigue_build.store.disk import guarded, make_folder, write_atomically

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "fold", "label", "predicted"))
    writer.writerows((one.id, one.fold, one.label, one.predicted) for one in evaluation.predictions)
    results = _tables(evaluation.result)
    files = {
        "result.json": json.dumps(evaluation.result, indent=1) + "\n",
        "predictions.csv": text.getvalue(),
        "table.md": tables.markdown(results),
        "table.tex": tables.latex(results),
    }
    with guarded(f"cannot write {out}"):
        make_folder(out)
        for name, content in files.items():
            write_atomically(out / name, content.encode())


def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A speech encoder on the Hugging Face hub.")],
    revision: Annotated[str | None, typer.Option(help="Which revision; default: main.", show_default=False)] = None,
    text: Annotated[bool, typer.Option("--text", help="It is a text model, for bench sentiment or outcome.")] = False,
    as_json: options.Json = False,
) -> None:
    """Download and pin a speech encoder (or a text model), once; runs then need no network."""
    from imigue_build.cli.models import fetch_one, line_of, row_of
    from imigue_build.models import Wanted

    console = terminal.plain(stderr=True)
    fetched = fetch_one(Wanted("text-model" if text else "encoder", name, revision), ("mfa",), console)
    console.print(escape(line_of(fetched)))
    if as_json:
        print(json.dumps(row_of(fetched)))


bench_app.command("ser")(ser)
bench_app.command("fetch")(fetch)


def register(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.add_typer(bench_app, name="bench")
