"""Commands whose optional packages are missing: one line, what to install, exit code 2, and nothing written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imigue_build.cli.main import app
from imigue_build.core import extras
from imigue_build.core.extras import EXTRAS, remedy
from imigue_build.pipeline.demo import DEMO

COMMANDS = {
    "bench ser --dataset emodb --root {folder}": "bench",
    "bench sentiment {folder}": "bench",
    "bench outcome {folder}": "bench",
    "bench affect {folder} --out {folder}/out": "bench",
    "convert {folder} --to parquet --out {folder}/out": "tables",
    "convert {folder} --to hf --out {folder}/out": "tables",
    "gestures {folder} --labels {folder} --out {folder}/out": "tables",
    "score {folder} {folder}": "score",
    "run-all {demo} --work {folder}/out --release {folder}/release --executor ray": "ray",
}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_missing_extra_is_said_at_once(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = EXTRAS[name := COMMANDS[line]]
    for module in extra.modules:
        monkeypatch.setitem(sys.modules, module, None)
    done = CliRunner().invoke(app, line.format(folder=tmp_path, demo=DEMO).split())
    assert done.exit_code == 2 and done.stdout == ""
    (error,) = done.stderr.splitlines()
    assert error.startswith("error: ") and all(module in error for module in extra.modules)
    assert remedy(name) in error
    assert list(tmp_path.iterdir()) == []


def test_the_remedy_works_where_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = tmp_path / "a checkout"
    (top / "imigue_build/core").mkdir(parents=True)
    monkeypatch.setattr(extras, "__file__", str(top / "imigue_build/core/extras.py"))
    assert remedy("bench") == "install imigue-build again with this extra: pip install 'WHEEL[bench]'"
    (top / "Makefile").touch()
    monkeypatch.setattr(sys, "executable", "/opt/python")
    assert remedy("bench") == f"/opt/python -m pip install '{top}[bench]'"
    monkeypatch.setattr(sys, "prefix", str(top / ".venv"))
    assert remedy("bench") == f"make add-bench in {top}"
    monkeypatch.chdir(top)
    assert remedy("bench") == "make add-bench" and remedy("ray") == "make ray and use .venv-ray/bin/imigue-build"
