"""What the Tab key offers beside commands and options. Names from disks are offered only where a shell takes them as
they are: letters, digits and a few signs, so that none is ever run."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final

import typer

_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./,=+-]*")
_VARIABLE: Final = "_IMIGUE_BUILD_COMPLETE"
_ENCODERS: Final = ("builtin", "speaker", "builtin+speaker", "opensmile")
_DATASETS: Final = ("emodb", "ravdess", "iemocap", "msp-improv", "emotiontalk", "emobox", "table", "release")


def configs(incomplete: str) -> list[str]:
    """Recipes, and YAML files of this folder; the shell itself completes other paths."""
    from imigue_build.config import recipes

    return _plain([*recipes(), *(path.name for path in Path().glob("*.y*ml"))], incomplete)


def settings(incomplete: str) -> list[str]:
    """`stage.key=` and what may stand behind it.

    A key with one value or none known is offered without it, too, so that the shell adds no space behind the `=`.
    """
    from imigue_build.config.keys import keys

    key, equals, _ = incomplete.partition("=")
    if equals:
        return _plain((f"{key}={value}" for value in keys().get(key, ())), incomplete)
    return _plain((one for name, values in keys().items() for one in _forms(name, values)), incomplete)


def _forms(name: str, values: tuple[str, ...]) -> list[str]:
    return [f"{name}={value}" for value in values] + ([f"{name}="] if len(values) < 2 else [])


def ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids of interviews in the VIDEOS, WORK or RELEASE that were named so far; several with commas between them."""
    chosen, comma, _ = incomplete.rpartition(",")
    taken = set(chosen.split(","))
    return _plain((f"{chosen}{comma}{name}" for name in _known(ctx) if name not in taken), incomplete)


def datasets(incomplete: str) -> list[str]:
    """Of bench ser."""
    return _plain(_DATASETS, incomplete)


def features(incomplete: str) -> list[str]:
    """Of bench ser and bench outcome; the shell completes folders."""
    return _plain(_ENCODERS, incomplete)


def one_of(*values: str) -> Callable[[str], list[str]]:
    """A completer of fixed values."""

    def complete(incomplete: str) -> list[str]:
        return _plain(values, incomplete)

    return complete


def _known(ctx: typer.Context) -> list[str]:
    """Where an option lacks its value so far, typer leaves what stood before it in `args`."""
    places = [ctx.params.get(name) for name in ("videos", "work", "release")]
    found: set[str] = set()
    for place in filter(None, [*places, *ctx.args]):
        with suppress(Exception):  # whatever is wrong there, the command itself says it
            found.update(_ids_in(Path(place)))
    return sorted(found)


def _ids_in(folder: Path) -> Iterator[str]:
    """Of a WORK folder, a release, or videos."""
    from imigue_build.corpus import discover, is_video_id

    if any((folder / mark).exists() for mark in ("imigue-work.json", "manifest.jsonl")):
        yield from (one.name for one in os.scandir(folder) if one.is_dir() and is_video_id(one.name))
    else:
        yield from (video.video_id for video in discover(folder).videos)


def _plain(values: Iterable[str], incomplete: str) -> list[str]:
    return [value for value in dict.fromkeys(values) if value.startswith(incomplete) and _PLAIN.fullmatch(value)]


def serve(app: Callable[[], Any]) -> None:
    """Answers a shell that asks for completions. Bash breaks words at `=`, so they are mended for it, and what it
    has before the `=` is cut off the answers."""
    before = _mend(os.environ) if os.environ.get(_VARIABLE) == "complete_bash" else ""
    if not before:
        app()
        return
    answers = io.StringIO()
    with redirect_stdout(answers), suppress(SystemExit):
        app()
    for line in answers.getvalue().splitlines():
        if line.removeprefix(before):
            print(line.removeprefix(before))


def _mend(environment: os._Environ[str]) -> str:
    """Joins the words that bash broke at `=`; what stands before the last one in the word to complete."""
    words = environment.get("COMP_WORDS", "").split("\n")
    try:
        at = int(environment.get("COMP_CWORD", ""))
    except ValueError:
        return ""
    whole: list[str] = []
    place, glue, before = at, False, ""
    for number, word in enumerate(words):
        joined = bool(whole) and (glue or word == "=")
        if joined:
            before = whole[-1] + ("=" if word == "=" else "") if number == at else before
            whole[-1] += word
        else:
            whole.append(word)
        if number == at:
            place = len(whole) - 1
            break
        glue = word == "="
    environment["COMP_WORDS"] = "\n".join(whole)
    environment["COMP_CWORD"] = str(place)
    if before.startswith("--"):  # typer takes `--option=value` apart itself, and answers with the value
        return "" if before.count("=") < 2 else before.partition("=")[2]
    return before
