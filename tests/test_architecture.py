"""What import-linter cannot say of the tree: sizes, and who opens the files of a release."""

from __future__ import annotations

import ast
from pathlib import Path

import imigue_build

PACKAGE = Path(imigue_build.__file__).parent
LONGEST = 300
RELEASE_FILES = ("manifest.jsonl", "provenance.json", "dropped.jsonl")
RELEASE_NAMES = ("MANIFEST", "PROVENANCE", "DROPPED")
DOORS = ("release/schema", "release/reader", "release/build", "release/validate")


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def paths_of_release_files(path: Path) -> list[str]:
    """Where a module makes the path of a table, or of the turns, of a release: `folder / MANIFEST`, `files.rttm`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            name = ast.unparse(node.right)
            if name.strip("'") in RELEASE_FILES or name.endswith((*RELEASE_NAMES, ".rttm", ".rttm'")):
                found.append(ast.unparse(node))
    return found


def test_no_module_is_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {str(path.relative_to(PACKAGE)): n for path, n in lengths.items() if n > LONGEST} == {}


def test_the_files_of_a_release_are_opened_by_its_doors_alone() -> None:
    elsewhere = [path for path in modules() if not path.relative_to(PACKAGE).as_posix().startswith(DOORS)]
    found = {
        path.relative_to(PACKAGE).as_posix(): paths for path in elsewhere if (paths := paths_of_release_files(path))
    }
    assert found == {}


def test_the_doors_are_found() -> None:
    """Else the test above would find nothing whatever is there."""
    doors = [path for path in modules() if path.relative_to(PACKAGE).as_posix().startswith("release/build")]
    assert any(paths_of_release_files(path) for path in doors)
