"""The pages of the documentation that follow from the code: `python -m tests.docs.generated` writes them again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

from imigue_build.backends.registry import registry
from imigue_build.config import Config, Section
from imigue_build.config.base import is_of_machine
from imigue_build.config.keys import sections_in

DOCS: Final = Path(__file__).parents[2] / "docs"
_NOTE: Final = "<!-- Written by python -m tests.docs.generated. -->"
_WORDS: Final = {
    "null": "none",
    "boolean": "true or false",
    "string": "text",
    "integer": "whole number",
    "array": "list",
}


def settings_page() -> str:
    """Every setting of every section and backend: what it takes, its default, whether a result depends on it."""
    lines = ["# Settings", _NOTE, _INTRODUCTION]
    for name, field in Config.model_fields.items():
        for section in sections_in(field, registry()):
            lines += _section(name, section)
    return "\n\n".join(lines) + "\n"


def commands_page() -> str:
    """What `--help` prints of every command, without frames."""
    names = json.loads(_run(["-c", "import json; from tests.cli.walk import LEAVES; print(json.dumps(list(LEAVES)))"]))
    script = (
        "import sys; from typer.testing import CliRunner; from imigue_build.cli.main import app\n"
        "for words in sys.argv[1:]: print(CliRunner().invoke(app, [*words.split(), '--help']).output, end='\\0')"
    )
    helps = _run(["-c", script, *names]).split("\0")
    lines = ["# Commands", _NOTE, "What `imigue-build COMMAND --help` prints."]
    for name, text in zip(names, helps, strict=False):
        body = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
        lines += [f"## {name}", f"```text\n{body}\n```"]
    return "\n\n".join(lines) + "\n"


PAGES: Final = {"settings.md": settings_page, "commands.md": commands_page}

_INTRODUCTION: Final = cleandoc("""
    A recipe is a YAML file with these sections. `--set SECTION.SETTING=VALUE` overrides one setting, as in
    `--set align.pause=0.4`. An unknown key is an error which names the nearest one.

    A changed setting re-runs what depends on it and nothing else. A setting of this machine (marked *) changes no
    result, re-runs nothing, and is in no release.
""")


def _section(name: str, section: type[Section]) -> list[str]:
    schema = section.model_json_schema()
    backend = schema.get("properties", {}).get("backend", {}).get("const")
    title = f"## {name}, backend `{backend}`" if backend else f"## {name}"
    text = cleandoc(section.__doc__ or "")
    rows = list(_rows(section, ""))
    table = ["| setting | takes | default |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return [title, text, *(["\n".join(table)] if rows else [])]


def _rows(section: type[Section], above: str) -> Iterator[tuple[str, str, str]]:
    """One row a setting: its key with the mark, what it takes, its default; settings of inner sections too."""
    schema = section.model_json_schema()
    for key, field in section.model_fields.items():
        inner = sections_in(field, registry()) if key != "backend" else []
        form = schema["properties"][key]
        if inner and "anyOf" not in form and len(inner) == 1:
            yield from _rows(inner[0], f"{above}{key}.")
        elif key != "backend":
            mark = " *" if is_of_machine(field) else ""
            takes = "the section of an ASR backend" if inner else _takes(form, schema.get("$defs", {}))
            yield (
                f"`{above}{key}`{mark}",
                takes,
                _default(field.get_default(call_default_factory=True), field.is_required()),
            )


def _takes(form: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A JSON schema in words."""
    if "$ref" in form:
        return _takes(definitions[form["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in form:
        return ", or ".join(dict.fromkeys(_takes(part, definitions) for part in form["anyOf"]))
    if "enum" in form or "const" in form:
        return ", ".join(f"`{value}`" for value in form.get("enum", [form.get("const")]))
    kind = str(form.get("type", "value"))
    if kind == "array" and isinstance(form.get("items"), Mapping):
        return f"list of: {_takes(form['items'], definitions)}"
    bounds = [(word, form[key]) for key, word in _BOUNDS if key in form]
    return " ".join([_WORDS.get(kind, kind), *(f"{word} {value:g}" for word, value in bounds)])


_BOUNDS: Final[Sequence[tuple[str, str]]] = (
    ("minimum", "from"),
    ("exclusiveMinimum", "above"),
    ("maximum", "to"),
    ("exclusiveMaximum", "below"),
)


def _default(value: Any, required: bool) -> str:
    if required:
        return "required"
    if value is None:
        return "none"
    return f"`{json.dumps(value)}`" if isinstance(value, str | bool | int | float | list | tuple) else "see there"


def _run(arguments: Sequence[str]) -> str:
    """What a Python prints in the C locale, at 100 columns."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment = {**plain, "LC_ALL": "C", "COLUMNS": "100", "NO_COLOR": "1"}
    top = DOCS.parent
    done = subprocess.run(
        [sys.executable, *arguments], cwd=top, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
