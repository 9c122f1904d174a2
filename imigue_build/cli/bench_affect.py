"""bench affect: how winners and losers sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imigue_build.cli import options
from imigue_build.cli.bench import Device, bench_app
from imigue_build.cli.bench_text import (
    Cache,
    DeviceOption,
    Out,
    ReleaseFolder,
    Revision,
    Seed,
    Subjects,
    clips,
    deliver,
    warn,
)
from imigue_build.errors import UsageError

if TYPE_CHECKING:
    from imigue_build.bench.affect import Affect
    from imigue_build.bench.corpus import Corpus


def affect(
    release: ReleaseFolder,
    probe: Annotated[
        Path | None, typer.Option(help="A probe that `bench ser --save-probe` wrote.", show_default=False)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A pretrained speech emotion model of Hugging Face, dimensional or categorical: name or folder.",
            show_default=False,
        ),
    ] = None,
    revision: Revision = None,
    subjects: Subjects = None,
    seed: Seed = 0,
    jobs: options.Jobs = None,
    cache: Cache = None,
    device: DeviceOption = "auto",
    out: Out = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Hold winners against losers: emotion by a probe or a model; without either, sentiment, pitch, loudness, rate."""
    from imigue_build.bench import affect as affects
    from imigue_build.bench import corpus, text_tables
    from imigue_build.bench.files import as_csv

    if probe and model:
        raise UsageError("--probe and --model are two answers to one question", "give one of them")
    read = corpus.read(release, subjects)
    corpus.two_outcomes(read)  # said before hours of features
    read, told = _told(read, probe, model, revision, device, cache, jobs, quiet)
    result = affects.winners_against_losers(read, told, seed)
    warn(() if quiet else read.warnings)
    more = {"segments.csv": as_csv(*affects.rows_of(told)), **affects.drawn(read, told, result)} if out else {}
    deliver(result, text_tables.of_affect(result), more, out, as_json)


def _told(
    read: Corpus,
    probe: Path | None,
    model: str | None,
    revision: str | None,
    device: Device,
    cache: Path | None,
    jobs: int | None,
    quiet: bool,
) -> tuple[Corpus, Affect]:
    """What tells the emotion of the segments, and the corpus without clips that cannot be used."""
    from imigue_build.bench import affect as affects
    from imigue_build.bench.features import spec_of

    if probe:
        from imigue_build.bench import probe_file

        saved = probe_file.load(probe)
        read, features = clips(read, saved.spec(device), cache, jobs, quiet)
        warnings = probe_file.require_same(saved, features)
        read = read._replace(warnings=(*read.warnings, *warnings))
        return read, affects.by_probe(read.segments, features, saved)
    if model:
        from imigue_build.bench.speech_head import open_head

        spec = spec_of(model, "last", revision, device)
        head = open_head(spec)
        read, features = clips(read, spec, cache, jobs, quiet)
        return read, affects.by_model(read.segments, features, head)
    from imigue_build.bench.sentiment import Vader

    warn(() if quiet else ["no --probe and no --model: correlates of emotion are compared, not emotion"])
    read, features = clips(read, spec_of("builtin"), cache, jobs, quiet)
    return read, affects.by_correlates(read.segments, features, affects.builtin_names(), Vader())


def register() -> None:
    """Adds this module's command to `bench`."""
    bench_app.command("affect")(affect)
