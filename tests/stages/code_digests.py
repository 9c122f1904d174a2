"""Holds each stage's version to a digest of the code that its result depends on.

Artifacts are reused while the stage's version is the same, so code that gives another result needs another version.
`code_digests.toml` records version and digest of each stage; a test compares them with the code.

`python -m tests.stages.code_digests` says what differs; `--modules` lists the modules of each stage;
`--accept "REASON"` records versions and digests as they are: with a version raised, or a reason why no result differs.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.configs import load
from imigue_build.engine.stage import Stage
from imigue_build.stages import build

ROOT: Final = Path(__file__).parents[2]
RECORDED: Final = Path(__file__).with_suffix(".toml")
_PACKAGE: Final = "imigue_build"
_COMMAND: Final = "python -m tests.stages.code_digests"
_BACKENDS: Final = {
    "extract": "backends.media",
    "transcribe": "backends.asr",
    "diarize": "backends.diarization",
    "align": "backends.alignment",
}
"""Folders of backends by stage; a backend is chosen by name, so no import leads to it."""
_OTHERS: Final = ("cli", "apps", "pipeline", "engine", "store", "models", "config")
"""Rooms on which no result depends: settings and models have their own part in the cache key."""
_NO_RESULT: Final = {
    *("core.errors", "core.process_identity", "core.process_tree", "core.programs", "core.secrets", "core.system"),
    *("core.extras", "core.telemetry"),
    *("backends.registry", "backends.spec", "backends.check", "backends.configs", "backends.gpu.packages"),
    *("corpus.discovery", "corpus.labels", "corpus.subjects"),
}
_NOT_FOLLOWED: Final = "imigue_build.stages.common"
"""What all stages share counts; what it imports is for one or another of them, which imports it as well."""
_HELPERS: Final = {"spec", "settings", "check", "checks", "models", "model", "model_files", "gpu_memory"}
"""Modules of a backend that describe it, hold its settings, check it and find its models."""


class Code(NamedTuple):
    """A stage's version, and the digest of its code."""

    version: int
    digest: str


class Entry(NamedTuple):
    """What is recorded of a stage, and why that was accepted."""

    version: int
    digest: str
    reason: str


def current() -> dict[str, Code]:
    """Version and digest of every stage, as the code is now."""
    return {stage.name: Code(stage.version, digest_of(modules)) for stage, modules in stages()}


def stages() -> list[tuple[Stage, list[str]]]:
    """Every stage, and the modules that its result depends on."""
    return [(stage, modules_of(stage.name, type(stage).__module__)) for stage in build(load("embedded"))]


def modules_of(stage: str, module: str) -> list[str]:
    """The modules that the result of a stage depends on: its own, those of its backends, and all that they import."""
    found: set[str] = set()
    new = {module, *_below(f"{_PACKAGE}.{_BACKENDS[stage]}" if stage in _BACKENDS else "")}
    while new:
        found |= new
        new = {name for known in new - {_NOT_FOLLOWED} for name in _imports(known)} - found
    return sorted(found)


def digest_of(modules: Iterable[str]) -> str:
    """The digest of all definitions in some modules, wherever they stand in them."""
    texts = sorted({text for module in modules for text in definitions(_source(module))})
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def definitions(source: str) -> Iterator[str]:
    """Each statement of a module in a form that formatting, comments, docstrings and imports do not change."""
    for statement in ast.parse(source).body:
        if text := _plain(statement):
            yield text


def problems(code: Mapping[str, Code], recorded: Mapping[str, Entry]) -> list[str]:
    """What is to be done, one line a stage."""
    command = f'{_COMMAND} --accept "REASON"'
    found = [f"{name} is recorded, but there is no such stage: run {command}" for name in recorded.keys() - code.keys()]
    for name, (version, digest) in code.items():
        entry = recorded.get(name)
        if entry is None:
            found.append(f"{name} is a new stage: run {command}")
        elif version < entry.version:
            found.append(f"{name} has version {version}, but {entry.version} is recorded: a version never goes down")
        elif version > entry.version:
            found.append(f"{name} has the new version {version}: run {command}, saying what changed")
        elif digest != entry.digest:
            found.append(
                f"{name}: code that its result depends on changed. If a result may differ, raise the stage's "
                f"`version`, then run {command}; if none can, run it and say why"
            )
    return found


def read(path: Path = RECORDED) -> dict[str, Entry]:
    """What is recorded, by stage."""
    return {name: Entry(**entry) for name, entry in tomllib.loads(path.read_text() if path.exists() else "").items()}


def accept(reason: str, code: Mapping[str, Code], path: Path = RECORDED) -> list[str]:
    """Records versions and digests as they are; returns the stages that differed.

    Raises:
        ValueError: If no reason is given, or a version went down.
    """
    recorded = read(path)
    if not reason.strip():
        raise ValueError("say why: what changed, or why no result differs")
    if lower := [name for name in code if name in recorded and code[name].version < recorded[name].version]:
        raise ValueError(f"the version of {', '.join(lower)} went down: artifacts of before would be taken for new")
    changed = [name for name in code if name not in recorded or recorded[name][:2] != code[name]]
    entries = {name: Entry(*found, reason) if name in changed else recorded[name] for name, found in code.items()}
    head = f"# Written by `{_COMMAND}`; see there.\n"
    path.write_text(head + "".join(f"\n[{name}]\n{_toml(entry)}" for name, entry in entries.items()))
    return changed


def _toml(entry: Entry) -> str:
    reason = entry.reason.strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'version = {entry.version}\ndigest = "{entry.digest}"\nreason = "{reason}"\n'


def _plain(node: object) -> str:
    """A syntax tree as text; the same in all versions of Python, which differ in fields that are empty."""
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if isinstance(node, list):
        return ",".join(filter(None, map(_plain, node)))
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.Import | ast.ImportFrom | ast.expr_context) or _is_text(node):
        return ""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return ""
    fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
    return f"{type(node).__name__}({' '.join(f'{name}={_plain(value)}' for name, value in fields)})"


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a docstring, of whatever."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def _imports(module: str) -> frozenset[str]:
    """The modules of ours that a module imports, at its top or within a function, and on which a result depends."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(filter(_counts, found))


def _counts(module: str) -> bool:
    inside = module.removeprefix(f"{_PACKAGE}.")
    return (
        module.startswith(f"{_PACKAGE}.")
        and inside.partition(".")[0] not in _OTHERS
        and inside not in _NO_RESULT
        and not (inside.startswith("backends.") and inside.rpartition(".")[2] in _HELPERS)
        and _path(module) is not None
    )


def _below(package: str) -> set[str]:
    """The modules of a package that count."""
    folder = ROOT / package.replace(".", "/")
    paths = folder.rglob("*.py") if package else ()
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)
    return set(filter(_counts, names))


@cache
def _source(module: str) -> str:
    path = _path(module)
    return path.read_text("utf-8") if path is not None else ""


def _path(module: str) -> Path | None:
    plain = ROOT / f"{module.replace('.', '/')}.py"
    return next((path for path in (plain, plain.with_suffix("") / "__init__.py") if path.is_file()), None)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accept", metavar="REASON", help="record versions and digests as they are now")
    parser.add_argument("--modules", action="store_true", help="list the modules of each stage")
    wanted = parser.parse_args(arguments)
    if wanted.modules:
        for stage, modules in stages():
            print(f"{stage.name}:", *modules, sep="\n  ")
        return 0
    if wanted.accept is None:
        found = problems(current(), read())
        print(*found or ["all stages are as recorded"], sep="\n")
        return int(bool(found))
    try:
        changed = accept(wanted.accept, current())
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"recorded: {', '.join(changed) or 'nothing had changed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
