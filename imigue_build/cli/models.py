"""fetch-models and bench fetch: get models onto this machine, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from imigue_build.cli import hints, options, terminal
from imigue_build.cli.bench import bench_app
from imigue_build.cli.options import INPUTS, option
from imigue_build.cli.root import SET_UP, command
from imigue_build.cli.terminal import escape
from imigue_build.core.errors import ImigueError
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from rich.console import Console

    from imigue_build.models import Fetched, Wanted

_SHORT = 12
"""How much of a commit's name is shown."""


@command(
    "fetch-models",
    SET_UP,
    ("fetch-models --set transcribe.model=small", "Whisper small, for a processor"),
    ("fetch-models --config paper", "Whisper, wav2vec 2.0, pyannote, MFA's models"),
    json='{"ok": BOOL, "models": [{"kind", "name", "revision", "sha256", "bytes", "state"}], '
    '"failed": [{"kind", "name", "reason", "remedy"}]}',
)
def fetch_models(
    config: options.ConfigName = None, overrides: options.Overrides = None, as_json: options.Json = False
) -> None:
    """Download and pin the models that a config names, once; runs then need no network.

    It keeps each model's revision and the SHA-256 of its files; a run uses exactly these.
    """
    from imigue_build.backends.registry import models

    (chosen, _), line = options.recipe_of(config, overrides)
    console = terminal.plain(stderr=as_json)
    console.print(escape(line))
    found: list[Fetched] = []
    failed: list[tuple[Wanted, ImigueError]] = []
    for model in models(chosen):
        try:
            found.append(_fetch_one(model, console))
        except ImigueError as error:
            failed.append((model, error))
            console.print(f"[red]missing:[/red] {escape(_title(model))}: {escape(str(error))}")
        else:
            console.print(escape(_line_of(found[-1])))
    if as_json:
        print(
            json.dumps(
                {"ok": not failed, "models": [_row_of(fetched) for fetched in found], "failed": _failures(failed)}
            )
        )
    console.print(_summary(chosen.name, found, failed))
    hints.show(console, hints.command_line("doctor" if failed else "run-all"))
    raise typer.Exit(1 if failed else 0)


@command(
    "fetch",
    "",
    ("bench fetch facebook/wav2vec2-base-960h", "for bench ser --features"),
    ("bench fetch whisper:small", "for bench ser --features whisper:small"),
    ("bench fetch siebert/sentiment-roberta-large-english --text", "for bench sentiment --model"),
    json='{"kind", "name", "revision", "sha256", "bytes", "state"}',
    group=bench_app,
)
def fetch(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A speech encoder on the Hugging Face hub, or whisper[:MODEL].")
    ],
    revision: Annotated[str | None, option(INPUTS, "Which revision; default: main.")] = None,
    text: Annotated[bool, option(INPUTS, "It is a text model, for bench sentiment or outcome.", "--text")] = False,
    as_json: options.Json = False,
) -> None:
    """Download and pin a speech encoder (or a text model), once; runs then need no network.

    With the token in HF_TOKEN, where the model is gated.
    """
    from imigue_build.apps.bench.features import FeatureSpec
    from imigue_build.apps.bench.pretrained import ENCODER, TEXT_MODEL, WHISPER_ENCODER
    from imigue_build.models import Wanted

    console = terminal.plain(stderr=True)
    whisper = None if text else FeatureSpec(name).whisper
    source = TEXT_MODEL if text else WHISPER_ENCODER if whisper else ENCODER
    fetched = _fetch_one(Wanted(source, whisper.model if whisper else name, revision), console)
    console.print(escape(_line_of(fetched)))
    if as_json:
        print(json.dumps(_row_of(fetched)))


def _fetch_one(wanted: Wanted, console: Console) -> Fetched:
    """One model, with a bar while it arrives."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from imigue_build.models import fetch

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn())
    with Progress(
        *columns, TimeRemainingColumn(compact=True), console=console, transient=True, disable=not terminal.live(console)
    ) as bar:
        task = bar.add_task(escape(_title(wanted)), total=None)
        return fetch(wanted, lambda done, total: bar.update(task, completed=done, total=total or None))


def _title(wanted: Wanted) -> str:
    return f"{wanted.kind} {wanted.name}"


def _line_of(fetched: Fetched) -> str:
    """What became of a model."""
    found = fetched.located
    revision = found.ref.revision if len(found.ref.revision) < 40 else found.ref.revision[:_SHORT]
    return f"{_title(fetched.wanted)}: {fetched.state}; revision {revision}, {_size(found.bytes)}"


def _size(number: int) -> str:
    """Bytes in the unit that suits, decimal as disks are sold."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= factor:
            return f"{number / factor:.3g} {unit}"
    return f"{number} bytes"


def _row_of(fetched: Fetched) -> dict[str, object]:
    """A model, JSON-ready."""
    return {
        "kind": fetched.wanted.kind,
        "name": fetched.wanted.name,
        "revision": fetched.located.ref.revision,
        "sha256": fetched.located.ref.sha256,
        "bytes": fetched.located.bytes,
        "state": fetched.state,
    }


def _failures(failed: list[tuple[Wanted, ImigueError]]) -> list[dict[str, object]]:
    return [
        {"kind": model.kind, "name": model.name, "reason": error.what, "remedy": error.remedy}
        for model, error in failed
    ]


def _summary(recipe: str, found: list[Fetched], failed: list[tuple[Wanted, ImigueError]]) -> str:
    if not found and not failed:
        return f"the {escape(recipe)} recipe needs no model that is not installed with it"
    count = counted(len(found) + len(failed), "model")
    whole = f"here: {len(found)} of {count}, {_size(sum(o.located.bytes for o in found))}"
    return whole if failed else f"{whole}; runs need no network for them"
