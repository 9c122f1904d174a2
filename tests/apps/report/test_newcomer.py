"""A newcomer's first hour, at a terminal and in a browser: a run is interrupted, resumed, looked at and corrected."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from imigue_build.pipeline.demo import DEMO
from tests.apps.report.conftest import Opened, ready
from tests.e2e.given_interview import command
from tests.media import encode

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

TYPED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
PATIENCE = 120.0


def at_a_terminal(place: Path, *words: str, until: str = "") -> tuple[int, str]:
    """Exit code and output of a command at a terminal of its own; at the text `until`, Ctrl-C is pressed once."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(place)
        os.execv(sys.executable, [sys.executable, "-m", "imigue_build", *words])  # noqa: S606
    shown, begun = "", time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                break
        if until and re.search(until, shown):
            os.write(terminal, b"\x03")
            until = ""
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


def next_line(place: Path, *words: str) -> str:
    """The command that another one names as the next."""
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build", *words], cwd=place, capture_output=True, text=True, check=True
    )
    return str(re.findall(r"^next: (.+)$", done.stdout, re.MULTILINE)[0])


def released(place: Path, release: str) -> list[str]:
    lines = (place / release / "manifest.jsonl").read_text("utf-8").splitlines()
    return [word["word"] for line in lines for word in json.loads(line)["words"]]


def test_interrupted_resumed_corrected_and_only_that_differs(browser: Any, tmp_path: Path) -> None:
    place = tmp_path / "first hour"
    (place / "my videos").mkdir(parents=True)
    encode("-t", "20", "-i", DEMO / "demo.mp4", "-c", "copy", place / "my videos" / "440.mp4")
    run = ["run-all", "my videos", "--work", "work", "--release", "before", "--config", "embedded"]
    assert at_a_terminal(place, "run-all", "my vidoes", *run[2:])[0] == 2
    code, shown = at_a_terminal(place, *run, until="transcribe")
    assert code == 130 and "interrupted: what was finished is kept" in shown and "Traceback" not in shown

    resumed = subprocess.run(next_line(place, "status", "--work", "work"), shell=True, cwd=place, check=False)  # noqa: S602 - pasted
    assert resumed.returncode == 0 and command(place, "validate", "before", "--json") == {"ok": True, "faults": []}
    assert command(place, "plan", "--work", "work", "--json")["items"]
    command(place, "report", "before", "--out", "report")
    opened = Opened(browser, place / "report")
    page = ready(opened("interviews/0440.html", accept_downloads=True))
    page.click(".w[data-i='2']")
    page.keyboard.press("Enter")
    for text in TYPED:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.keyboard.press("d")
    waiting.value.save_as(place / "corrections" / waiting.value.suggested_filename)
    opened.close()
    assert opened.problems == []

    done = command(place, "run-all", "--work", "work", "--release", "after", "--overrides", "corrections", "--json")
    assert set(done["seconds"]) == {"align", "export"}
    found = command(place, "diff", "before", "after", "--json", fails=True)
    assert [origin["name"] for origin in found["inputs"]] == ["corrections: words"] and not found["settings"]
    words = found["interviews"]["0440"]["words"]
    assert (words["substituted"], words["inserted"], words["deleted"]) == (10, 0, 0)
    assert tuple(released(place, "after")[2:12]) == TYPED
    assert released(place, "after")[12:] == released(place, "before")[12:]
