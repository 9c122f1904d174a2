"""`--executor ray` on a machine without Ray."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from imigue_build.cli.main import app
from imigue_build.engine.ray import cluster
from imigue_build.pipeline.demo import DEMO


def test_without_ray_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    work, release = tmp_path / "work", tmp_path / "release"
    words = ["run-all", str(DEMO), "--work", str(work), "--release", str(release), "--executor", "ray"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "make ray" in done.output and "imigue-build[ray]" in done.output
    assert not work.exists()
