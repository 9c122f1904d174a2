"""What the Tab key offers beside commands and options.

Names from disks are offered only where a shell takes them as they are: letters, digits and a few signs, so that none is
ever run.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final

import typer

_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./,=+-]*")
_VARIABLE: Final = "_IMIGUE_BUILD_COMPLETE"
_ENCODERS: Final = ("builtin", "speaker", "builtin+speaker", "opensmile", "whisper", "builtin+whisper")
_DATASETS: Final = ("emodb", "ravdess", "iemocap", "msp-improv", "emotiontalk", "emobox", "table", "release")


def configs(incomplete: str) -> list[str]:
    """Recipes, and YAML files of this folder; the shell itself completes other paths."""
    from imigue_build.config import recipes

    return _plain([*recipes(), *(path.name for path in Path().glob("*.y*ml"))], incomplete)


def formats(incomplete: str) -> list[str]:
    """Of convert, those of other packages included."""
    from imigue_build.apps.convert.catalogue import formats as all_formats

    return _plain(all_formats(), incomplete)


def settings(incomplete: str) -> list[str]:
    """`stage.key=` and its values.

    A key of which at most one value is known is also offered without it, so that the shell adds no space after the `=`.
    """
    from imigue_build.backends.configs import keys

    key, equals, _ = incomplete.partition("=")
    if equals:
        return _plain((f"{key}={value}" for value in keys().get(key, ())), incomplete)
    return _plain((form for name, values in keys().items() for form in _forms(name, values)), incomplete)


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
    """Where an option lacks its value so far, typer leaves the words before it in `args`."""
    places = [ctx.params.get(name) for name in ("videos", "work", "release")]
    found: set[str] = set()
    for place in filter(None, [*places, *ctx.args]):
        with suppress(Exception):  # the command itself reports what is wrong there
            found.update(_ids_in(Path(place)))
    return sorted(found)


def _ids_in(folder: Path) -> Iterator[str]:
    """Of a WORK folder, a release, or videos."""
    from imigue_build.corpus import discover, is_video_id
    from imigue_build.release.schema.layout import MANIFEST

    if any((folder / mark).exists() for mark in ("imigue-work.json", MANIFEST)):
        yield from (entry.name for entry in os.scandir(folder) if entry.is_dir() and is_video_id(entry.name))
    else:
        yield from (video.video_id for video in discover(folder).videos)


def _plain(values: Iterable[str], incomplete: str) -> list[str]:
    return [value for value in dict.fromkeys(values) if value.startswith(incomplete) and _PLAIN.fullmatch(value)]


def serve(app: Callable[[], Any]) -> None:
    """Answers a shell that asks for completions, and runs the command line else.

    Bash breaks words at `=`. They are joined again before typer sees them, and what bash has before the last `=` is
    cut off the answers.
    """
    before = _joined(os.environ) if os.environ.get(_VARIABLE) == "complete_bash" else ""
    if not before:
        app()
        return
    answers = io.StringIO()
    with redirect_stdout(answers), suppress(SystemExit):
        app()
    for line in answers.getvalue().splitlines():
        if line.removeprefix(before):
            print(line.removeprefix(before))


def _joined(environment: MutableMapping[str, str]) -> str:
    """Joins the words that bash broke at `=`, up to the one to complete; what comes before the `=` in that one."""
    count = environment.get("COMP_CWORD", "")
    words = environment.get("COMP_WORDS", "").split("\n")[: int(count) + 1 if count.isdecimal() else 0]
    whole = re.sub(r"\n=(?:\n|$)", "=", "\n".join(words)).split("\n")
    if len(whole) == len(words) or "=" not in whole[-1]:
        return ""
    environment["COMP_WORDS"], environment["COMP_CWORD"] = "\n".join(whole), str(len(whole) - 1)
    before = whole[-1].rpartition("=")[0] + "="
    # typer takes `--option=value` apart itself, and answers with the value
    return before.partition("=")[2] if before.startswith("--") else before
