"""A headless Chromium for the tests of the pages; without one they are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imigue_build.apps.report import write_report
from tests.apps.report.making import gestures
from tests.release.tiny_release import Content, build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """A Chromium on the path, or the one that `IMIGUE_CHROMIUM` names."""
    named = os.environ.get("IMIGUE_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    pytest.importorskip("playwright", reason="playwright is not installed (make .venv/.test)")
    from playwright.sync_api import sync_playwright

    program = chromium()
    if not program:
        pytest.skip(f"there is no Chromium here: none of {', '.join(NAMES)} is on the PATH (apt-get install chromium)")
    with sync_playwright() as playwright:
        arguments = ["--autoplay-policy=no-user-gesture-required", "--mute-audio"]
        found = playwright.chromium.launch(
            executable_path=program, args=arguments, chromium_sandbox=hasattr(os, "getuid") and os.getuid() != 0
        )
        yield found
        found.close()


class Opened:
    """Opens pages of a report from the disk, and keeps the messages of their consoles and what they cannot load."""

    def __init__(self, browser: Browser, root: Path) -> None:
        self._browser, self.root = browser, root
        self.problems: list[str] = []

    def __call__(self, name: str, width: int = 1280, height: int = 900, **context: Any) -> Page:
        page = self._browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        page.on("console", lambda message: self.problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("request", self._requested)
        page.goto(f"{self.root.as_uri()}/{name}")
        return page

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.root.as_uri(), "data:")):
            self.problems.append(f"requested {request.url}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a seek leaves what was being read of the sound
            self.problems.append(f"not loaded: {request.url} ({request.failure})")

    def close(self) -> None:
        for context in self._browser.contexts:
            context.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report")
    content = Content()
    content.rows[0]["words"][0]["confidence"] = 0.1
    content.rows[0]["words"][3]["word"] = "it's:"
    content.rows[5]["words"][0]["word"] = "6:4"
    build(root / "release", content)
    written = write_report(root / "release", root / "out", gestures(root / "gestures"))
    assert not written.failed
    return root / "out"


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Opened]:
    """Opens a page; a console message, or a request that leaves the report, fails the test."""
    found = Opened(browser, report)
    yield found
    found.close()
    assert found.problems == []


READY = "document.getElementById('audio').readyState >= 3 && report.texts"


def until(page: Page, condition: str) -> None:
    """Waits, at most half a minute, for a condition; the page's own policy forbids what playwright does for that."""
    page.evaluate(
        f"""() => new Promise((done, failed) => {{
        const check = () => ({condition}) ? done() : requestAnimationFrame(check);
        setTimeout(() => failed(new Error("timed out")), 30000);
        check(); }})"""
    )


def ready(page: Page) -> Page:
    """The page of an interview, once its sound can be played and its time line is drawn."""
    until(page, READY)
    until(page, "document.querySelector('#timeline canvas').height > 50")
    return page
