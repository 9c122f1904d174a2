"""bench ser: speech emotion recognition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from imigue_build.cli import completion, options, terminal
from imigue_build.cli.bench import Cache, DeviceOption, Out, bench_app, console, deliver, show_reused, warn
from imigue_build.cli.options import INPUTS, OUTPUTS, RUNNING, SCOPE, option
from imigue_build.cli.root import command
from imigue_build.cli.terminal import escape
from imigue_build.core import extras
from imigue_build.core.errors import UsageError
from imigue_build.core.system import cores


@command(
    "ser",
    "",
    ("bench ser --dataset emodb --root DIR", "872 statistics of the signal, leave one speaker out"),
    ("bench ser --dataset emodb --root DIR --features speaker --out D", "with tables in a folder"),
    ("bench ser --dataset emodb --root DIR --features builtin+whisper", "with Whisper's encoder"),
    ("bench ser --dataset release --root R --labels L --save-probe P", "a probe for bench affect"),
    json='{"war", "uar", "war_std", "uar_std", "ci95", "folds": [{"war", "uar", "n"}], "confusion", "labels", '
    '"counts", ...}',
    group=bench_app,
)
def ser(
    *,
    dataset: Annotated[
        str,
        option(
            INPUTS,
            "emodb, ravdess, iemocap, msp-improv, emotiontalk, emobox, table (a CSV with path,label,speaker,fold, "
            "or JSON lines) or release.",
            autocompletion=completion.datasets,
        ),
    ],
    root: Annotated[Path, option(INPUTS, "The corpus's folder; of `table`, its file too.")],
    labels: Annotated[Path | None, option(INPUTS, "A file of labels, for `table` and `release`.")] = None,
    features: Annotated[
        str,
        option(
            INPUTS,
            "builtin, speaker, builtin+speaker, opensmile, whisper[:MODEL] (a Whisper's encoder: a size, a hub's name "
            "or a folder; default base), builtin+whisper[:MODEL], or a Hugging Face speech encoder's name or folder.",
            autocompletion=completion.features,
        ),
    ] = "builtin",
    layer: Annotated[
        str,
        option(
            INPUTS,
            "An encoder's layer: a number, last, weighted (a learnt sum), or all (each by itself). Of Whisper: last.",
            autocompletion=completion.one_of("last", "weighted", "all"),
        ),
    ] = "last",
    revision: Annotated[str | None, option(INPUTS, "An encoder's revision.")] = None,
    out: Out = None,
    save_probe: Annotated[
        Path | None, option(OUTPUTS, "File for a probe trained on the whole corpus, for bench affect.")
    ] = None,
    allow_partial: Annotated[
        bool, option(SCOPE, "Take what is here of a corpus; the result says what is missing.", "--allow-partial")
    ] = False,
    folds: Annotated[
        Literal["auto", "speaker", "session", "official", "given", "random"],
        option(RUNNING, "What a test part is; auto is the corpus's own protocol."),
    ] = "auto",
    class_weight: Annotated[
        Literal["none", "balanced"], option(RUNNING, "Whether rare classes count more in training.")
    ] = "none",
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    device: DeviceOption = "auto",
    cache: Cache = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Speech emotion recognition: pooled features, one linear layer, WAR and UAR.

    No speaker is in training and test. Features are computed once and kept; runs never download.
    """
    from imigue_build.apps.bench import datasets
    from imigue_build.apps.bench.cache import default_folder
    from imigue_build.apps.bench.datasets.base import Options
    from imigue_build.apps.bench.features import compute, spec_of, usable
    from imigue_build.apps.bench.files import as_csv, require_place
    from imigue_build.apps.bench.folds import make_folds
    from imigue_build.apps.bench.probe import Learner
    from imigue_build.apps.bench.ser import evaluate, evaluate_layers
    from imigue_build.apps.bench.ser_tables import of_ser

    extras.require("bench", "bench ser")
    spec = spec_of(features, layer, revision, device)
    require_place(out, save_probe)
    if save_probe is not None and layer in ("weighted", "all"):
        raise UsageError(f"a probe of --layer {layer} is not saved", "choose a layer")
    corpus = datasets.load(dataset, root, Options(labels, allow_partial))
    protocol = None if folds == "auto" else folds
    make_folds(corpus, protocol, seed)  # its errors come before hours of features
    workers = jobs or cores()
    with terminal.counting("features", console(), quiet) as report:
        found = compute(corpus.utterances, spec, cache or default_folder(), workers, report)
    show_reused(found, quiet)
    corpus = usable(corpus, found, allow_partial)
    parts = make_folds(corpus, protocol, seed)
    if licence := found.identity.get("licence"):
        console().print(f"licence: {escape(str(licence))}")
    warn(() if quiet else (*corpus.warnings, *parts.warnings))
    with terminal.counting("folds", console(), quiet) as report:
        run = evaluate_layers if layer == "all" else evaluate
        evaluation = run(corpus, parts, found, spec, Learner(class_weight, seed), workers, report)
    if save_probe is not None:
        from imigue_build.apps.bench.probe_file import save_trained

        save_trained(save_probe, corpus, found, spec, Learner(class_weight, seed), evaluation.result)
    header = ("id", "fold", "label", "predicted")
    rows = ((tested.id, tested.fold, tested.label, tested.predicted) for tested in evaluation.predictions)
    deliver(evaluation.result, of_ser(evaluation.result), {"predictions.csv": as_csv(header, rows)}, out, as_json)
