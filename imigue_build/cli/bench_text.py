"""bench sentiment and bench outcome: the sentiment of what is said, and predicting who won."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from imigue_build.cli import completion, options, terminal
from imigue_build.cli.bench import (
    Cache,
    DeviceOption,
    Layer,
    Out,
    Revision,
    Subjects,
    bench_app,
    clips,
    console,
    deliver,
    pairs,
    warn,
)
from imigue_build.cli.options import INPUTS, RUNNING, option
from imigue_build.cli.root import command
from imigue_build.core import extras
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    from imigue_build.apps.bench.sentiment import Scorer


@command(
    "sentiment",
    "",
    ("bench sentiment texts.csv --text-column T --label-column L", "against labels"),
    ("bench sentiment RELEASE --out OUT", "by segment, interview and outcome"),
    json='{"accuracy", "macro_f1", "uar", "n", ...}; over a release {"segments", ...}',
    group=bench_app,
)
def sentiment(
    *,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A release's folder, or a CSV file with texts.")],
    text_column: Annotated[str, option(INPUTS, "Column of the text, in a CSV file.")] = "text",
    label_column: Annotated[str, option(INPUTS, "Column of the label, in a CSV file.")] = "label",
    id_column: Annotated[str | None, option(INPUTS, "Column of the rows' ids.")] = None,
    label_map: Annotated[
        list[str] | None,
        option(INPUTS, "Which class a label of the file means; may be repeated.", metavar="LABEL=CLASS"),
    ] = None,
    encoding: Annotated[str | None, option(INPUTS, "Of the CSV file; by default what its bytes say.")] = None,
    labels: Annotated[
        Path | None, option(INPUTS, "Of a release: a CSV with segment,label, to measure against.")
    ] = None,
    model: Annotated[
        str,
        option(
            INPUTS,
            "vader, or a Hugging Face sequence classifier: its name or its folder.",
            autocompletion=completion.one_of("vader"),
        ),
    ] = "vader",
    model_labels: Annotated[
        list[str] | None,
        option(INPUTS, "Which label a class of the model means; may be repeated.", metavar="CLASS=LABEL"),
    ] = None,
    revision: Revision = None,
    subjects: Subjects = None,
    out: Out = None,
    seed: options.Seed = 0,
    device: DeviceOption = "auto",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Sentiment of texts: accuracy, macro-F1 and UAR against labels; over a release, winners against losers.

    By VADER, or with --model by a classifier that was fetched.
    """
    from imigue_build.apps.bench import text_tables
    from imigue_build.apps.bench.files import require_place
    from imigue_build.apps.bench.sentiment import scorer_of

    extras.require("bench", "bench sentiment")
    require_place(out)
    names = pairs("--label-map", label_map)
    scorer = scorer_of(model, pairs("--model-labels", model_labels), device, revision)
    if not source.exists():
        raise UsageError(f"{source} does not exist", "name a release's folder, or a CSV file with texts")
    if labels and not source.is_dir():
        raise UsageError("--labels is of a release", "a table's labels are in its --label-column")
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
    with terminal.counting("segments", console(), quiet) as report:
        result = of_release(release, scorer, seed, lambda done: report(done, total), given)
    header = ("video_id", "segment_id", "seconds", "label", "score")
    return result, {"segments.csv": as_csv(header, ([row[name] for name in header] for row in result["segments"]))}


def _against_labels(
    table: Any, scorer: Scorer, seed: int, keep: bool, quiet: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    from imigue_build.apps.bench.files import as_csv
    from imigue_build.apps.bench.sentiment import Predicted, against_labels

    kept: list[Predicted] = []
    with terminal.counting("texts", console(), quiet) as report:
        result = against_labels(table, scorer, seed, lambda done: report(done, done), kept.append if keep else None)
    rows = ((row.name, row.label, row.scored.label, row.scored.score) for row in kept)
    header = (table.id_column or "line", "label", "predicted", "score")
    return result, {"predictions.csv": as_csv(header, rows)} if keep else {}


@command(
    "outcome",
    "",
    ("bench outcome RELEASE --subjects labels_long.csv", "from speech, text and both"),
    ("bench outcome RELEASE --from text --split split.csv", "from text alone, in given parts"),
    ("bench outcome RELEASE --gestures DIR", "with what gestures wrote, too"),
    json='{"accuracy", "uar", "majority", "folds", ...}',
    group=bench_app,
)
def outcome(
    *,
    release: options.ReleaseFolder,
    source: Annotated[
        Literal["both", "speech", "text", "gestures"],
        option(INPUTS, "What it is predicted from; both fuses speech and text. --gestures comes on top.", "--from"),
    ] = "both",
    gestures: Annotated[
        Path | None,
        option(INPUTS, "The folder that `gestures --out` wrote: gestures are used too, and fused with the others."),
    ] = None,
    features: Annotated[
        str,
        option(
            INPUTS,
            "Of speech: builtin, speaker, builtin+speaker, opensmile, whisper[:MODEL], builtin+whisper[:MODEL], or a "
            "Hugging Face speech encoder's name or folder.",
            autocompletion=completion.features,
        ),
    ] = "builtin",
    layer: Layer = "last",
    revision: Revision = None,
    text: Annotated[
        str,
        option(
            INPUTS,
            "Of text: tfidf (with VADER's sentiment), or a Hugging Face encoder's name or folder.",
            autocompletion=completion.one_of("tfidf"),
        ),
    ] = "tfidf",
    text_revision: Annotated[str | None, option(INPUTS, "The revision of a model that --text names.")] = None,
    subjects: Subjects = None,
    split: Annotated[
        Path | None, option(INPUTS, "A CSV with subject_id,split or video_id,split (train or test) instead of folds.")
    ] = None,
    out: Out = None,
    folds: Annotated[int, option(RUNNING, "Folds at the most; no athlete is in training and test.", min=2)] = 5,
    class_weight: Annotated[
        Literal["none", "balanced"], option(RUNNING, "Whether the rarer outcome counts more in training.")
    ] = "balanced",
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    device: DeviceOption = "auto",
    cache: Cache = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Predict who won from speech, text, gestures and all of them, with chance and majority beside every figure.

    No athlete is in training and test, where --subjects says who is who.
    """
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
    outcome.prepare(read, folds, parts, seed)  # its errors come before hours of features
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
