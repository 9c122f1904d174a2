"""Correcting on a page: typed in place, by keys, taken back, kept by the browser, and written as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imigue_build.apps.report import write_report
from imigue_build.corpus.overrides import Override, parse
from tests.apps.report.conftest import Opened, ready, until
from tests.release.tiny_release import Content, build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGE = "interviews/0001.html"


def file_of(page: Page) -> Override:
    return parse(page.evaluate("report.overrides()"), Path("0001.yaml"))


def words(page: Page) -> list[tuple[float, str, str]]:
    return [(fix.at, fix.was, fix.now) for fix in file_of(page).words]


def test_a_word_is_typed_in_its_place_and_enter_goes_to_the_next_doubtful_passage(opened: Opened) -> None:
    page = ready(opened(f"{PAGE}#t=0.35"))
    until(page, "!audio.seeking && audio.currentTime > 0.3")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('.w[data-i=\"0\"] + input.edit')")
    page.keyboard.type("  Who  else ")
    page.keyboard.press("Enter")
    assert words(page) == [(0.4, "How", "Who else")]
    assert page.inner_text(".w[data-i='0']") == "Who else" and page.locator(".edit").count() == 0
    assert page.evaluate("report.selected()") == 6  # of the next passage the doubtful word
    assert page.evaluate("document.activeElement") == page.evaluate("document.body")
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    assert words(page)[1] == (3.2, "so-called", "")
    assert page.evaluate("document.querySelector('.w[data-i=\"6\"]').classList.contains('unsaid')")


def test_escape_leaves_a_word_and_tab_goes_to_the_next(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.dblclick(".w[data-i='4']")
    page.keyboard.type("Nothing")
    page.keyboard.press("Escape")
    assert words(page) == [] and page.inner_text(".w[data-i='4']") == "Well,"
    page.keyboard.press("c")
    page.keyboard.type("Hell,")
    page.keyboard.press("Tab")
    page.keyboard.type("6:4,")
    page.click("h1")  # what was typed is kept where the field is left otherwise
    assert words(page) == [(1.85, "Well,", "Hell,"), (2.5, "6-4,", "6:4,")]


def test_keys_in_a_field_are_the_fields(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.click(".w[data-i='5']")
    until(page, "!audio.seeking")
    before = page.evaluate("audio.currentTime")
    page.keyboard.press("Enter")
    page.keyboard.type("n p f / + ? 1 r x u d")
    assert page.input_value(".edit") == "n p f / + ? 1 r x u d"
    assert page.evaluate("audio.currentTime") == before and not page.is_visible("#keys")
    assert page.evaluate("report.corrections().size") == 0


def test_speaker_role_and_clip_by_key_and_undo(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.click(".w[data-i='1']")
    page.keyboard.press("1")
    fix = file_of(page).speakers[0]
    assert (fix.start, fix.end, fix.voice) == (0.25, 1.55, 2.8)
    assert "said by Interviewee" in page.inner_text(".passage >> nth=0")
    page.keyboard.press("2")  # who said it before: nothing is corrected
    assert file_of(page).speakers == ()
    page.keyboard.press("r")
    assert [(fix.voice, fix.role) for fix in file_of(page).roles] == [(0.9, "interviewee")]
    assert page.inner_text(".turn >> nth=0").startswith("Interviewer, now interviewee")
    page.keyboard.press("x")
    assert [(fix.start, fix.end) for fix in file_of(page).drop] == [(0.25, 1.55)]
    page.click(".w[data-i='4']")
    page.keyboard.press("Delete")
    assert page.inner_text("#tally") == "3"
    page.keyboard.press("u")
    page.keyboard.press("Control+z")
    page.keyboard.press("u")
    assert page.inner_text("#tally") == "" and page.inner_text(".turn >> nth=0").startswith("Interviewer\n")
    page.keyboard.press("u")  # the speaker of the passage is corrected again
    assert len(file_of(page).speakers) == 1
    page.keyboard.press("u")
    page.keyboard.press("u")
    assert page.inner_text("#said") == "There is nothing to undo."
    assert "said by" not in page.inner_text(".passage >> nth=0")


def test_a_voice_is_not_named_by_a_moment_that_is_given_to_another(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.click(".w[data-i='1']")
    page.keyboard.press("1")
    page.click(".w[data-i='9']")  # of the interviewer's other turn
    page.keyboard.press("r")
    (turn,), (role,) = file_of(page).speakers, file_of(page).roles
    assert not turn.start <= float(role.voice) < turn.end and role.voice == 4.4


def two_reports(folder: Path) -> Path:
    """The folder of the reports `first` and `second`, of releases of one interview that differ in a word."""
    content = Content()
    build(folder / "first", content)
    content.rows[0]["words"][0]["word"], content.rows[0]["raw"] = "Who", "Who did it feel?"
    build(folder / "second", content)
    for name in ("first", "second"):
        write_report(folder / name, folder / "reports" / name)
    return folder / "reports"


def test_what_is_corrected_stays_in_the_browser_for_this_content_alone(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, two_reports(tmp_path))
    page = ready(opened(f"first/{PAGE}"))
    page.evaluate("report.correctWord(4, 'Hell,')")
    page.reload()
    assert words(ready(page)) == [(1.85, "Well,", "Hell,")] and page.inner_text(".w[data-i='4']") == "Hell,"
    page.goto(page.url.replace("interviews/0001.html", "index.html"))
    assert page.eval_on_selector_all(".kept", "all => all.map(mark => mark.closest('th').dataset.v)") == ["0001"]
    page.goto(page.url.replace("index.html", "interviews/0002.html"))
    assert ready(page).evaluate("report.corrections().size") == 0 and page.locator("#leftover li").count() == 0
    page.goto(page.url.replace("0002", "0001").replace("first", "second"))
    assert words(ready(page)) == []
    assert "another release of this recording" in page.inner_text("#leftover")
    with page.expect_download() as waiting:
        page.click("#leftover button >> nth=0")
    assert [fix.now for fix in parse(waiting.value.path().read_text(), Path("0001.yaml")).words] == ["Hell,"]
    page.click("#leftover button >> nth=1")
    assert page.locator("#leftover li").count() == 0
    page.goto(page.url.replace("second", "first"))
    assert words(ready(page)) == []
    opened.close()
    assert opened.problems == []


@pytest.mark.parametrize("kept", ['"x"', '{"changes": [["word 0", {"kind": "word", "word": 99, "now": 1}], 7]}', "{"])
def test_what_another_page_left_in_the_browser_is_checked(opened: Opened, kept: str) -> None:
    page = ready(opened(PAGE))
    place = page.evaluate("report.data.place")
    page.evaluate("([place, kept]) => localStorage.setItem(place, kept)", [place, kept])
    page.reload()
    assert ready(page).evaluate("report.corrections().size") == 0
    page.click(".w[data-i='0']")
    page.keyboard.press("Delete")
    assert words(page) == [(0.4, "How", "")]


@pytest.fixture
def corrected(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    build(tmp_path / "release", Content())
    (tmp_path / "overrides").mkdir()
    (tmp_path / "overrides/0001.yaml").write_text(
        "# heard twice\ncomment: a\nnum_speakers: 2\nwords:\n- {at: 0.4, was: Ho, now: How}\n"
        "merge_speakers:\n- [1.0, SPEAKER_02]\nroles:\n- {voice: 1.0, role: interviewer}\n"
        "drop:\n- {start: 1, end: 2, reason: a phone}\n"
    )
    write_report(tmp_path / "release", tmp_path / "out", corrections=tmp_path / "overrides")
    found = Opened(browser, tmp_path / "out")
    yield found
    found.close()
    assert found.problems == []


def test_earlier_corrections_are_kept_in_the_file(corrected: Opened) -> None:
    page = ready(corrected(PAGE))
    page.click(".w[data-i='4']")
    page.keyboard.press("Delete")
    found = file_of(page)
    assert words(page) == [(0.4, "Ho", "How"), (1.85, "Well,", "")]
    assert (found.num_speakers, found.merge_speakers) == (2, ((1.0, "SPEAKER_02"),))
    assert [(fix.voice, fix.role) for fix in found.roles] == [(1.0, "interviewer")]
    assert found.drop[0].reason == "a phone" and str(found.comment).startswith("a; 2")
    page.keyboard.press("r")  # roles are given as a whole
    assert [fix.role for fix in file_of(page).roles] == ["interviewee"]


def test_any_text_is_one_in_the_file(opened: Opened) -> None:
    page = ready(opened(PAGE))
    texts = ['it\'s: "not" #1', "- [x]", "a\\b\u2028c\u0085\u007fd", "{é}", "null", "# x"]
    for number, text in enumerate(texts):
        page.evaluate("([number, text]) => report.correctWord(number, text)", [number, text])
    assert [fix.now for fix in file_of(page).words] == texts


def test_on_a_phone_the_tray_is_a_sheet_that_a_word_opens(opened: Opened) -> None:
    page = ready(opened(PAGE, 390, 844, has_touch=True))
    assert not page.is_visible("#traybody")
    page.tap(".w[data-i='4']")
    assert page.is_visible("#edit") and page.get_attribute("#sheet", "aria-expanded") == "true"
    box = page.locator("#tray").bounding_box()
    assert box and box["y"] + box["height"] == pytest.approx(844, abs=1)
    word = page.locator(".w[data-i='4']").bounding_box()
    assert word and word["y"] + word["height"] < box["y"]
    page.tap("#speaking button >> nth=1")
    assert page.inner_text("#tally") == "1"
    page.tap("#sheet")
    assert not page.is_visible("#traybody") and page.is_visible("#tally")


def test_what_is_downloaded_is_not_offered_again_and_an_undo_is_to_be_downloaded(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, two_reports(tmp_path))
    page = ready(opened(f"first/{PAGE}"))
    for number in (4, 5):
        page.evaluate("number => report.correctWord(number, 'x')", number)
    assert "not in a downloaded file" in page.inner_text("#kept")
    with page.expect_download() as waiting:
        page.keyboard.press("d")
    assert waiting.value.suggested_filename == "0001.yaml" and "that you downloaded" in page.inner_text("#kept")
    other = ready(opened(f"second/{PAGE}"))
    page.goto(page.url.replace("first", "second"))
    assert ready(page).locator("#leftover li").count() == other.locator("#leftover li").count() == 0
    page.goto(page.url.replace("second", "first"))
    ready(page).keyboard.press("u")
    assert "not in a downloaded file" in page.inner_text("#kept")
    opened.close()
    assert opened.problems == []
