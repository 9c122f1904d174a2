"""bench affect: how winners and losers sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from imigue_build.cli import options
from imigue_build.cli.bench import Cache, Device, DeviceOption, Out, Subjects, bench_app, clips, deliver, warn
from imigue_build.cli.options import INPUTS, option
from imigue_build.cli.root import command
from imigue_build.core import extras

if TYPE_CHECKING:
    from imigue_build.apps.bench.affect import Affect
    from imigue_build.apps.bench.corpus import Corpus


@command(
    "affect",
    "",
    ("bench affect RELEASE --out OUT", "correlates of emotion, with plots"),
    ("bench affect RELEASE --probe probe.npz --subjects labels.csv", "emotion by a probe"),
    json='{"dimensions": {NAME: {"win", "lose", "effect", "p"}}, "categories": {...}, ...}',
    group=bench_app,
)
def affect(
    *,
    release: options.ReleaseFolder,
    probe: Annotated[Path | None, option(INPUTS, "A probe that `bench ser --save-probe` wrote.")] = None,
    model: Annotated[
        list[str] | None,
        option(
            INPUTS,
            "A pretrained speech emotion model of Hugging Face, dimensional or categorical: name (also "
            "NAME@REVISION) or folder. May be given once for dimensions and once for categories.",
        ),
    ] = None,
    subjects: Subjects = None,
    out: Out = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    device: DeviceOption = "auto",
    cache: Cache = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare winners with losers: emotion by a probe or a model; without either, sentiment, pitch, loudness, rate.

    The unit of its permutation test is the athlete, where --subjects says who is who.
    """
    from imigue_build.apps.bench import affect as affects
    from imigue_build.apps.bench import corpus, text_tables
    from imigue_build.apps.bench.files import as_csv, require_place

    extras.require("bench", "bench affect")
    require_place(out)
    read = corpus.read(release, subjects)
    corpus.two_outcomes(read)  # its errors come before hours of features
    read, predicted = _predicted(read, probe, model or [], device, cache, jobs, quiet)
    result = affects.winners_against_losers(read, predicted, seed)
    warn(() if quiet else result["warnings"])
    more = (
        {"segments.csv": as_csv(*affects.rows_of(predicted)), **affects.plots(read, predicted, result)} if out else {}
    )
    deliver(result, text_tables.of_affect(result), more, out, as_json)


def _predicted(
    read: Corpus,
    probe: Path | None,
    models: Sequence[str],
    device: Device,
    cache: Path | None,
    jobs: int | None,
    quiet: bool,
) -> tuple[Corpus, Affect]:
    """The corpus without clips that cannot be used, and the emotion of its segments."""
    from imigue_build.apps.bench import affect as affects
    from imigue_build.apps.bench.features import spec_of
    from imigue_build.apps.bench.sentiment import Vader
    from imigue_build.config import is_local

    parts: list[Affect] = []
    if probe:
        from imigue_build.apps.bench import probe_file

        saved = probe_file.load(probe)
        read, features = clips(read, saved.spec(device), cache, jobs, quiet)
        warnings = probe_file.require_same(saved, features)
        read = read._replace(warnings=(*read.warnings, *warnings))
        parts.append(affects.by_probe(read.segments, features, saved))
    for model in models:
        from imigue_build.apps.bench.speech_head import open_head

        name, _, revision = (model, "", "") if is_local(model) else model.partition("@")
        spec = spec_of(name, revision=revision or None, device=device)
        head = open_head(spec)
        read, features = clips(read, spec, cache, jobs, quiet)
        parts.append(affects.by_model(read.segments, features, head))
    if parts:
        parts.append(affects.by_words(read.segments, Vader()))
        return read, affects.merged(parts, read.segments)
    warn(() if quiet else ["no --probe and no --model: correlates of emotion are compared, not emotion"])
    read, features = clips(read, spec_of("builtin"), cache, jobs, quiet)
    return read, affects.by_correlates(read.segments, features, affects.builtin_names(), Vader())
