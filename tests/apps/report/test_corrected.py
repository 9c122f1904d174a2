"""Corrections made in a browser: the file that the page writes goes through the pipeline, and changes what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imigue_build.corpus.overrides import read
from tests.apps.report.conftest import Opened, ready
from tests.e2e.given_interview import command, given_interview, options

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


def download(page: Page, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    with page.expect_download() as waiting:
        page.keyboard.press("d")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_what_is_corrected_on_a_page_is_what_the_next_release_changes(browser: Any, tmp_path: Path) -> None:
    place = given_interview(tmp_path, 21)
    plain = [word for word in options() if word not in ("--overrides", "corrections")]
    command(place, "run-all", "videos", *plain, "--json")
    (place / "release").rename(place / "before")
    command(place, "report", "before", "--out", "report")
    opened = Opened(browser, place / "report")
    page = ready(opened("interviews/0440.html", accept_downloads=True))
    page.click(".w[data-i='0']")
    page.keyboard.press("Enter")
    page.keyboard.type("Congrats,")
    page.keyboard.press("Enter")
    page.click(".w >> nth=-1")
    last = page.evaluate("report.passageOf(report.selected())")
    page.keyboard.press(str(1 + (1 - page.evaluate(f"report.speakerOf({last})"))))
    page.click(".w[data-i='0']")
    page.keyboard.press("r")
    path = download(page, place / "corrections")
    opened.close()
    assert opened.problems == []
    found = read(path)
    assert path.name == "0440.yaml" and len(found.words) == len(found.speakers) == len(found.roles) == 1

    items = command(place, "plan", "videos", *options(), "--json")["items"]
    assert {item["stage"] for item in items if item["action"] == "run"} == {"speakers", "align", "export"}
    done = command(place, "run-all", "videos", *options(), "--json")
    assert set(done["seconds"]) == {"speakers", "align", "export"} and len(done["warnings"]) == 1  # no labels
    listed = json.loads((place / "release/provenance.json").read_text())["videos"]["0440"]["overrides"]
    assert {kind: [fix["applied"] for fix in fixes] for kind, fixes in listed.items()} == {
        kind: [True] for kind in ("speakers", "words", "roles")
    }
    found_changes = command(place, "diff", "before", "release", "--json", fails=True)
    assert {origin["name"] for origin in found_changes["inputs"]} == {
        f"corrections: {kind}" for kind in ("speakers", "words", "roles")
    }
    assert not found_changes["settings"] and not found_changes["tools"] and not found_changes["models"]
    found_interview = found_changes["interviews"]["0440"]
    words = found_interview["words"]
    assert (words["before"], words["after"], words["substituted"], words["inserted"]) == (55, 55, 1, 0)
    assert words["speakers"] == 10  # "you won six four seven six what made the difference"
    assert found_interview["turns"]["mapping"] == {name: name for name in ("SPEAKER_00", "SPEAKER_01")}
    assert found_interview["interviewee"] == ["SPEAKER_01", "SPEAKER_00"]
    assert "recording" not in found_interview["changed"]
    assert all("unexplained" not in causes for causes in found_interview["because"].values())
