"""What import-linter cannot say of the tree: sizes, and who opens the files of a release."""

from __future__ import annotations

import ast
from pathlib import Path

import imigue_build

PACKAGE = Path(imigue_build.__file__).parent
LONGEST = 300
RELEASE_FILES = ("manifest.jsonl", "provenance.json", ".rttm", "dropped.jsonl")
DOORS = ("release/schema", "release/reader", "release/build", "release/validate")


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def strings(path: Path) -> list[str]:
    """The string constants of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in statements)
    return [node.value for node in constants if isinstance(node.value, str)]


def test_no_module_is_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {str(path.relative_to(PACKAGE)): n for path, n in lengths.items() if n > LONGEST} == {}


def test_the_files_of_a_release_are_named_by_its_doors_alone() -> None:
    elsewhere = [path for path in modules() if not path.relative_to(PACKAGE).as_posix().startswith(DOORS)]
    naming = {
        path.relative_to(PACKAGE).as_posix(): text
        for path in elsewhere
        for text in strings(path)
        if text in RELEASE_FILES
    }
    assert naming == {}
