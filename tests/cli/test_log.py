"""The log of a run is a file of WORK's own."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.cli.run_log import logging_to


def test_a_log_that_is_a_link_leads_nowhere(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (tmp_path / "run.log").symlink_to(mine)
    with logging_to(tmp_path / "run.log"):
        logging.getLogger("imigue_build.x").warning("said")
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """And a pipe that nobody reads is not waited for."""
    make(tmp_path / "run.log")
    with logging_to(tmp_path / "run.log"):
        logging.getLogger("imigue_build.x").warning("said")


def test_a_log_is_appended_to(tmp_path: Path) -> None:
    for text in ("first", "\N{LATIN SMALL LETTER E WITH ACUTE}"):
        with logging_to(tmp_path / "run.log"):
            logging.getLogger("imigue_build.x").warning(text)
    first, second = (tmp_path / "run.log").read_text(encoding="utf-8").splitlines()
    assert first.endswith("WARNING first")
    assert second.endswith("WARNING \N{LATIN SMALL LETTER E WITH ACUTE}")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_log_on_a_full_disk_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr("imigue_build.cli.run_log.os.open", lambda *words: full)
    with logging_to(tmp_path / "run.log"):
        logging.getLogger("imigue_build.x").warning("said")
    assert f"{tmp_path.name}/run.log lacks lines: No space left" in capsys.readouterr().err.replace("\n", "")
