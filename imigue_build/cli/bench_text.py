"""bench sentiment and bench outcome: what is said, and whether it tells who won."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from imigue_build.cli import completion, options
from imigue_build.cli.bench import Device, bench_app, say_reused, showing
from imigue_build.cli.bench_delivery import console, deliver, pairs, warn
from imigue_build.core import extras
from imigue_build.core.errors import UsageError
from imigue_build.core.system import cores

if TYPE_CHECKING:
    from imigue_build.apps.bench.corpus import Corpus
    from imigue_build.apps.bench.features import Features, FeatureSpec
    from imigue_build.apps.bench.sentiment import Scorer

Subjects = Annotated[
    Path | None,
    typer.Option(help="Who is who: a CSV with video_id,subject_id, or iMiGUE's long table.", show_default=False),
]
Seed = Annotated[int, typer.Option(min=0, help="Of everything that is drawn at random.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for result.json, table.md, table.tex and more.", show_default=False)
]
Sentiment = Annotated[
    str,
    typer.Option(
        "--model",
        help="vader, or a Hugging Face sequence classifier: its name or its folder.",
        autocompletion=completion.one_of("vader"),
    ),
]
ModelLabels = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CLASS=LABEL", help="Which label a class of the model means; may be repeated.", show_default=False
    ),
]
Revision = Annotated[
    str | None, typer.Option(help="The revision of the model (of outcome: of the speech encoder).", show_default=False)
]
DeviceOption = Annotated[Device, typer.Option(help="Where a model runs.")]
TextRevision = Annotated[
    str | None, typer.Option(help="The revision of a model that --text names.", show_default=False)
]
Layer = Annotated[
    str, typer.Option(help="An encoder's layer: a number, or last.", autocompletion=completion.one_of("last"))
]
Cache = Annotated[
    Path | None, typer.Option(help="Folder of computed features. Default: the user's cache.", show_default=False)
]


def sentiment(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A release's folder, or a CSV file with texts.")],
    text_column: Annotated[str, typer.Option(help="Column of the text, in a CSV file.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column of the label, in a CSV file.")] = "label",
    id_column: Annotated[str | None, typer.Option(help="Column of the rows' ids.", show_default=False)] = None,
    label_map: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL=CLASS", help="Which class a label of the file means; may be repeated.", show_default=False
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of the CSV file; by default what its bytes tell.", show_default=False)
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Of a release: a CSV with segment,label, to measure against.", show_default=False),
    ] = None,
    model: Sentiment = "vader",
    model_labels: ModelLabels = None,
    revision: Revision = None,
    device: DeviceOption = "auto",
    subjects: Subjects = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Sentiment of texts: accuracy, macro-F1 and UAR against labels; over a release, winners against losers."""
    from imigue_build.apps.bench import text_tables
    from imigue_build.apps.bench.files import require_place

    extras.require("bench", "bench sentiment")
    require_place(out)
    names = pairs("--label-map", label_map)
    scorer = scorer_of(model, pairs("--model-labels", model_labels), device, revision)
    if not source.exists():
        raise UsageError(f"{source} does not exist", "name a release's folder, or a CSV file with texts")
    if labels and not source.is_dir():
        raise UsageError("--labels is of a release", "a table's labels stand in its --label-column")
    if source.is_dir():
        result, rows = _over_release(source, subjects, scorer, labels, names, seed, quiet)
        tables = [*(text_tables.of_labels(result) if labels else ()), *text_tables.of_release(result)]
    else:
        from imigue_build.apps.bench.sentiment import Table, text_table

        table = Table(text_table(source, encoding), text_column, label_column, names, id_column)
        warn(() if quiet else [f"{warning}; --encoding names another" for warning in table.file.warnings])
        result, rows = _against_labels(table, scorer, seed, out is not None, quiet)
        tables = text_tables.of_labels(result)
    warn(() if quiet else [f"{count} left out: {cause}" for cause, count in result["left_out"].items() if count])
    deliver(result, tables, rows, out, as_json)


def _over_release(
    source: Path,
    subjects: Path | None,
    scorer: Scorer,
    labels: Path | None,
    names: Mapping[str, str],
    seed: int,
    quiet: bool,
) -> tuple[dict[str, Any], dict[str, str]]:
    from imigue_build.apps.bench import corpus
    from imigue_build.apps.bench.files import as_csv
    from imigue_build.apps.bench.sentiment import of_release, read_labels

    release = corpus.read(source, subjects)
    given, notes = read_labels(labels, release, scorer, names) if labels else (None, ())
    release = release._replace(warnings=(*release.warnings, *notes))
    warn(() if quiet else release.warnings)
    total = len(release.segments)
    with showing("segments", console(), quiet) as report:
        result = of_release(release, scorer, seed, lambda done: report(done, total), given)
    header = ("video_id", "segment_id", "seconds", "label", "score")
    return result, {"segments.csv": as_csv(header, ([row[name] for name in header] for row in result["segments"]))}


def _against_labels(
    table: Any, scorer: Scorer, seed: int, keep: bool, quiet: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    from imigue_build.apps.bench.files import as_csv
    from imigue_build.apps.bench.sentiment import Predicted, against_labels

    kept: list[Predicted] = []
    with showing("texts", console(), quiet) as report:
        result = against_labels(table, scorer, seed, lambda done: report(done, done), kept.append if keep else None)
    rows = ((one.name, one.label, one.scored.label, one.scored.score) for one in kept)
    header = (table.id_column or "line", "label", "predicted", "score")
    return result, {"predictions.csv": as_csv(header, rows)} if keep else {}


def outcome(
    release: options.ReleaseFolder,
    source: Annotated[
        Literal["both", "speech", "text", "gestures"],
        typer.Option("--from", help="What it is told from; both fuses speech and text. --gestures comes on top."),
    ] = "both",
    gestures: Annotated[
        Path | None,
        typer.Option(
            help="The folder that `gestures --out` wrote: gestures are told from too, and fused with the others.",
            show_default=False,
        ),
    ] = None,
    features: Annotated[
        str,
        typer.Option(
            help="Of speech: builtin, speaker, builtin+speaker, opensmile, or a Hugging Face speech encoder's name or "
            "folder.",
            autocompletion=completion.features,
        ),
    ] = "builtin",
    layer: Layer = "last",
    revision: Revision = None,
    text: Annotated[
        str,
        typer.Option(
            help="Of text: tfidf (with VADER's sentiment), or a Hugging Face encoder's name or folder.",
            autocompletion=completion.one_of("tfidf"),
        ),
    ] = "tfidf",
    text_revision: TextRevision = None,
    subjects: Subjects = None,
    split: Annotated[
        Path | None,
        typer.Option(
            help="A CSV with subject_id,split or video_id,split (train or test) instead of folds.", show_default=False
        ),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds at the most; no athlete is in training and test.")] = 5,
    class_weight: Annotated[
        Literal["none", "balanced"], typer.Option(help="Whether the rarer outcome counts more in training.")
    ] = "balanced",
    seed: Seed = 0,
    jobs: options.Jobs = None,
    cache: Cache = None,
    device: DeviceOption = "auto",
    out: Out = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Tell who won from speech, text, gestures and all of them, with chance and majority beside every figure."""
    from imigue_build.apps.bench import corpus, outcome, text_tables
    from imigue_build.apps.bench.features import spec_of
    from imigue_build.apps.bench.files import require_place
    from imigue_build.apps.bench.gesture_features import Gestured, Gestures
    from imigue_build.apps.bench.probe import Learner
    from imigue_build.apps.bench.split import read_split
    from imigue_build.apps.bench.views import Speech, text_view

    extras.require("bench", "bench outcome")
    if source == "gestures" and gestures is None:
        raise UsageError(
            "--from gestures needs gestures", "name the folder that `gestures --out` wrote: --gestures DIR"
        )
    require_place(out)
    if text == "tfidf" and text_revision is not None:
        raise UsageError("--text-revision is of models, not of tfidf", "leave it out, or name a model as --text")
    read = corpus.read(release, subjects)
    known = Gestures(gestures) if gestures else None
    read = known.of(read) if known else read
    parts, notes = read_split(split, read) if split else (None, ())
    read = read._replace(warnings=(*read.warnings, *notes))
    outcome.prepare(read, folds, parts, seed)  # what is wrong is said before hours of features
    views: dict[outcome.Source, outcome.View] = {}
    spec = spec_of(features, layer, revision, device)
    if source in ("both", "speech"):
        if layer in ("weighted", "all"):
            raise UsageError(f"--layer {layer} is of bench ser alone", "give a number, or last")
        read, computed = clips(read, spec, cache, jobs, quiet)
    task = outcome.prepare(read, folds, parts, seed)
    if source in ("both", "speech"):
        views["speech"] = Speech(task.interviews, computed, spec)
    if source in ("both", "text"):
        views["text"] = text_view(text, task.interviews, device, text_revision)
    if known:
        views["gestures"] = Gestured(task.interviews, known)
    result = outcome.evaluate(task, views, Learner(class_weight, seed))
    warn(() if quiet else task.warnings)
    deliver(result, text_tables.of_outcome(result), {}, out, as_json)


def clips(
    read: Corpus, spec: FeatureSpec, cache: Path | None, jobs: int | None, quiet: bool
) -> tuple[Corpus, Features]:
    """The features of all interviewees' clips, and the corpus without those that cannot be used."""
    from imigue_build.apps.bench.cache import default_folder
    from imigue_build.apps.bench.features import compute
    from imigue_build.apps.bench.views import as_utterances, usable

    with showing("features", console(), quiet) as report:
        found = compute(as_utterances(read.segments), spec, cache or default_folder(), jobs or cores(), report)
    say_reused(found, console(), quiet)
    return usable(read, found), found


def scorer_of(model: str, labels: Mapping[str, str], device: Device, revision: str | None) -> Scorer:
    """VADER or a classifier."""
    if model == "vader":
        from imigue_build.apps.bench.sentiment import Vader

        if labels:
            raise UsageError("--model-labels is of classifiers, not of vader", "leave it out")
        if revision is not None:
            raise UsageError("--revision is of classifiers, not of vader", "leave it out, or name a --model")
        return Vader()
    from imigue_build.apps.bench.sentiment.classifier import Classifier

    return Classifier(model, labels, device, revision=revision)


def register() -> None:
    """Adds this module's commands to `bench`."""
    bench_app.command("sentiment")(sentiment)
    bench_app.command("outcome")(outcome)
