"""The pages in a real browser, opened from the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imigue_build.apps.report.pages import Neighbours, interview_page
from tests.apps.report.conftest import Opened, ready, until
from tests.apps.report.making import long_interview

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGE = "interviews/0001.html"
LEEWAY = 50
"""Milliseconds by which the marked word may be off."""


def position(page: Page) -> float:
    found = page.evaluate("audio.currentTime * 1000")
    return float(found)


def marked(page: Page) -> int | None:
    found = page.evaluate("(word => word && Number(word.dataset.i))(document.querySelector('.w.now'))")
    return None if found is None else int(found)


def markable(data: dict[str, Any], ms: float) -> set[int]:
    """The words that may be marked at a moment: begun, and not followed by another yet, give or take the leeway."""
    starts = data["starts"]
    found = set()
    for number, start in enumerate(starts):
        following = [other for other in starts if other > start]
        until = max(min(following, default=float("inf")), data["ends"][number])
        if start - LEEWAY <= ms <= until + LEEWAY:
            found.add(number)
    return found


def data_of(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("report.data")
    return found


@pytest.mark.parametrize("name", ["index.html", PAGE, "interviews/0002.html"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")])
def test_every_page_opens_without_a_console_message_and_fits_its_width(
    opened: Opened, name: str, width: int, scheme: str
) -> None:
    page = opened(name, width, color_scheme=scheme)
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(ground[4:-1].split(",")[0]) > 128) == (scheme == "light")


def test_the_text_follows_the_sound(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.evaluate(
        """() => { window.seen = [];
        const marked = () => Number(document.querySelector(".w.now")?.dataset.i ?? -1);
        report.on("time", () => seen.push([audio.currentTime * 1000, marked()])); }"""
    )
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    until(page, "audio.currentTime > 3")
    page.click("#play")
    until(page, "audio.paused")
    data, seen = data_of(page), page.evaluate("seen")
    assert len({number for _, number in seen}) > 5
    wrong = [
        (ms, number)
        for ms, number in seen
        if number not in markable(data, ms) and (number >= 0 or ms > data["starts"][0])
    ]
    assert wrong == []


@pytest.mark.parametrize("seconds", [0.0, 1.0, 2.05, 3.95, 4.11, 5.9])
def test_the_text_is_right_after_a_seek(opened: Opened, seconds: float) -> None:
    page = ready(opened(PAGE))
    page.evaluate("ms => report.seek(ms)", seconds * 1000)
    until(page, "!audio.seeking")
    assert position(page) == pytest.approx(seconds * 1000, abs=10)
    assert (marked(page) or 0) in markable(data_of(page), seconds * 1000) | {0}


def test_a_click_on_a_word_leads_to_it(opened: Opened) -> None:
    page = ready(opened(PAGE))
    data = data_of(page)
    for number in (9, 4, 0):
        page.click(f".w[data-i='{number}']")
        until(page, "!audio.seeking")
        assert position(page) == pytest.approx(data["starts"][number], abs=10)
        assert marked(page) == number
    page.click(".at >> nth=1")
    until(page, "!audio.seeking")
    assert position(page) == pytest.approx(data["passages"][1][0], abs=10)


@pytest.mark.parametrize("box", ["#strip", "#timeline"])
def test_a_click_on_the_time_line_leads_there(opened: Opened, box: str) -> None:
    page = ready(opened(PAGE))
    for _ in range(8):
        page.click("#out")
    until(page, "document.querySelector('.window').hidden")
    place = page.locator(box).bounding_box()
    assert place
    names = 0 if box == "#strip" else 96  # they stand to the left
    page.mouse.click(place["x"] + names + (place["width"] - names) / 2, place["y"] + 10)
    until(page, "!audio.seeking")
    assert position(page) == pytest.approx(3000, abs=30)
    page.click("#in")
    until(page, "!document.querySelector('.window').hidden")


def test_a_search_finds_words_in_a_row_and_goes_from_hit_to_hit(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.keyboard.press("/")
    page.keyboard.type("DID it")
    assert page.inner_text("#count") == "1"
    assert page.eval_on_selector_all(".hit", "all => all.map(hit => hit.textContent)") == ["did", "it"]
    page.keyboard.press("Enter")
    until(page, "!audio.seeking")
    assert position(page) == pytest.approx(500, abs=10)
    page.keyboard.press("Escape")
    assert page.locator(".hit").count() == 0


def test_the_keyboard_does_it_all(opened: Opened) -> None:
    page = ready(opened(PAGE))
    data = data_of(page)

    def pressed(key: str) -> float:
        page.keyboard.press(key)
        until(page, "!audio.seeking")
        return position(page)

    assert pressed("ArrowRight") == pytest.approx(2000, abs=10)
    assert pressed("ArrowLeft") == pytest.approx(0, abs=10)
    assert pressed("Shift+ArrowRight") == pytest.approx(data["passages"][0][0], abs=10)
    assert pressed("Shift+ArrowRight") == pytest.approx(data["passages"][1][0], abs=10)
    doubtful = sorted(data["starts"][number] for number in data["doubtful"])
    assert len(doubtful) == 2
    assert [pressed("n") for _ in range(3)] == pytest.approx([doubtful[1], doubtful[0], doubtful[1]], abs=10)
    assert pressed("p") == pytest.approx(doubtful[0], abs=10)
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert not page.is_visible("#keys")
    page.keyboard.press(" ")
    until(page, "!audio.paused")
    page.keyboard.press(" ")
    until(page, "audio.paused")
    page.focus("#strip")
    assert pressed("End") == pytest.approx(6000, abs=10)
    assert page.get_attribute("#strip", "aria-valuetext") == "0:06"


def test_a_link_with_a_time_leads_there(opened: Opened) -> None:
    page = ready(opened(f"{PAGE}#t=1.7"))
    until(page, "!audio.seeking && audio.currentTime > 1")
    assert position(page) == pytest.approx(1700, abs=10)
    assert marked(page) == 4


def test_the_overview_finds_words_in_all_interviews_and_sorts(opened: Opened) -> None:
    page = opened("index.html")
    page.fill("#find", "thank")
    page.wait_for_selector("#hits a")
    assert page.inner_text("#found") == "1 passage in 1 interview"
    assert page.get_attribute("#hits a", "href") == "interviews/0002.html#t=0.2"
    assert page.locator("#table tbody tr:visible").count() == 1
    page.fill("#find", "")
    until(page, "!document.querySelector('#hits a')")
    page.click("#table button >> nth=1")
    rows = "all => all.map(row => row.cells[0].dataset.v)"
    assert page.eval_on_selector_all("#table tbody tr", rows) == ["0002", "0001"]
    assert page.get_attribute("#table thead th >> nth=1", "aria-sort") == "ascending"
    page.click("#table tbody th a >> nth=1")
    page.wait_for_url("**/0001.html")


def test_names_and_landmarks_for_screen_readers(opened: Opened) -> None:
    page = ready(opened(PAGE))
    nameless = """() => [...document.querySelectorAll("button, a, input, select, [role=slider]")].filter((element) =>
        !(element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.length)).length"""
    assert page.evaluate(nameless) == 0
    for name in ("Player", "Transcript"):
        assert page.get_by_role("region", name=name).count() == 1
    assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
    assert page.get_by_role("slider", name="Position").count() == 1
    assert page.get_by_role("heading", level=1).inner_text() == "0001"
    assert page.get_by_role("button", name="Play from 0:01").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_an_hour_is_followed_clicked_and_searched(browser: Any, tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    view = long_interview(tmp_path / "release", 60)
    (tmp_path / "hour.html").write_bytes(interview_page(view, Neighbours("hour.wav", "", "release", "", "")))
    soundfile.write(tmp_path / "hour.wav", np.zeros(3600 * 8000, np.int16), 8000)
    opened = Opened(browser, tmp_path)
    page = ready(opened("hour.html", reduced_motion="reduce"))
    inside = """(box => box.top > document.getElementById("dock").getBoundingClientRect().bottom - 1
        && box.bottom < innerHeight)(document.querySelector(".w.now").getBoundingClientRect())"""
    for second in (1800.05, 3599.0, 3.0):
        page.evaluate("ms => report.seek(ms)", second * 1000)
        until(page, "!audio.seeking")
        assert marked(page) == int(second * 3) and page.evaluate(inside)
    page.evaluate("report.seek(9500)")
    page.click("#play")
    until(page, "audio.currentTime > 10.4")
    page.click("#play")
    assert (marked(page) or 0) >= 31 and page.evaluate(inside)
    page.evaluate("document.querySelector('.w[data-i=\"10000\"]').scrollIntoView({ block: 'center' })")
    page.click(".w[data-i='10000']")
    until(page, "!audio.seeking")
    assert position(page) == pytest.approx(10_000_000 / 3, abs=10)
    page.fill("#find", "word29 word0")
    page.keyboard.press("Enter")
    assert page.inner_text("#count") == "1/359" and page.evaluate(inside)
    shown = "passage => passage.checkVisibility({ contentVisibilityAuto: true })"
    assert page.evaluate(f"[...document.querySelectorAll('.passage')].filter({shown}).length") < 40
    assert opened.problems == []
    opened.close()


def test_the_video_follows_the_recording_and_gestures_are_named_under_it(browser: Any, tmp_path: Path) -> None:
    import shutil

    from imigue_build.apps.report import write_report
    from imigue_build.pipeline.demo import DEMO
    from tests.apps.report.making import gestures
    from tests.release.tiny_release import Content, build

    build(tmp_path / "release", Content())
    (tmp_path / "videos").mkdir()
    shutil.copy(DEMO / "demo.mp4", tmp_path / "videos/1.mp4")
    found = gestures(tmp_path / "gestures")
    write_report(tmp_path / "release", tmp_path / "out", found, ["0001"], videos=tmp_path / "videos")
    opened = Opened(browser, tmp_path)
    page = ready(opened(f"out/{PAGE}"))
    until(page, "video.readyState >= 2 || video.error")
    if page.evaluate("Boolean(video.error)"):  # a Chromium without H.264
        assert "1.mp4 cannot be played" in page.inner_text("#novideo")
    else:
        page.evaluate("report.seek(2200)")
        until(page, "Math.abs(video.currentTime - 2.2) < 0.05 && !video.seeking")
        page.click("#play")
        until(page, "audio.currentTime > 3 && !video.paused")
        assert abs(page.evaluate("video.currentTime - audio.currentTime")) < 0.5 and page.evaluate("video.muted")
        page.click("#play")
        until(page, "video.paused && Math.abs(video.currentTime - audio.currentTime) < 0.05")
    page.evaluate("report.seek(2200)")
    assert page.inner_text("#gesture") == "Biting nails"
    assert page.locator(".gestures [aria-current]").count() == 1
    page.evaluate("report.seek(2600)")
    assert page.inner_text("#gesture") == "\u2013"
    opened.close()
    assert opened.problems == []


@pytest.mark.parametrize("name", ["index.html", PAGE])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_nothing(browser: Any, report: Path, name: str, width: int, scheme: str) -> None:
    """With axe-core, whose `axe.min.js` (npm pack axe-core) the variable IMIGUE_AXE names."""
    import os

    script = os.environ.get("IMIGUE_AXE")
    if not script:
        pytest.skip("IMIGUE_AXE names no axe.min.js")
    opened = Opened(browser, report)
    page = opened(name, width, color_scheme=scheme, bypass_csp=True)
    if name == PAGE:
        ready(page).click(".w[data-i='0']")
        page.keyboard.press("1")
        page.keyboard.press("x")
        page.keyboard.press("?")
        page.keyboard.press("Enter")
    page.evaluate(Path(script).read_text())
    found = page.evaluate("axe.run()")["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == []
    opened.close()


def test_markup_in_a_release_does_not_run(browser: Any, tmp_path: Path) -> None:
    from imigue_build.apps.report import write_report
    from tests.apps.report.making import HOSTILE, gestures, hostile_release

    hostile_release(tmp_path / "release")
    write_report(tmp_path / "release", tmp_path / "out", gestures(tmp_path / "gestures"))
    opened = Opened(browser, tmp_path / "out")
    page = ready(opened(PAGE))
    page.click(".w[data-i='0']")
    assert page.inner_text("#selected") == HOSTILE == page.inner_text(".w[data-i='0']")
    overview = opened("index.html")
    overview.fill("#find", "boom()")
    overview.wait_for_selector("#hits mark")
    assert opened.problems == []
    opened.close()


def test_a_page_without_its_recording_says_so(browser: Any, report: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(report, tmp_path / "out")
    (tmp_path / "out/interviews/0001.wav").unlink()
    opened = Opened(browser, tmp_path / "out")
    page = opened(PAGE)
    page.wait_for_selector("#error:visible")
    assert "0001.wav cannot be played" in page.inner_text("#error")
    opened.close()


def test_what_the_pages_hold_can_be_moved(report: Path) -> None:
    assert list(json.loads((report / "imigue-build.json").read_text())["files"]) == [
        *("index.html", "interviews/0001.html", "interviews/0001.wav", "interviews/0002.html", "interviews/0002.wav"),
    ]
