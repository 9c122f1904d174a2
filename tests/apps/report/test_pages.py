"""The pages as text: nothing of a release can become markup, and a long interview stays light."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from imigue_build.apps.report import write_report
from imigue_build.apps.report.charts import histogram, tallies
from imigue_build.apps.report.page_data import data
from imigue_build.apps.report.pages import Neighbours, interview_page
from tests.apps.report.making import HOSTILE, gestures, hostile_release, long_interview


class Elements(html.parser.HTMLParser):
    """Counts elements, and keeps the content of script elements and the attributes that could run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.handlers: list[str] = []
        self.texts: list[str] = []
        self._script: dict[str, str | None] | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        self.handlers += [
            name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript:")
        ]
        self._script = dict(attrs) if tag == "script" else None
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        else:
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._script = None


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    hostile_release(root / "release")
    written = write_report(root / "release", root / "out", gestures(root / "gestures"))
    assert not written.failed
    return root / "out"


@pytest.mark.parametrize("page", ["index.html", "interviews/0001.html"])
def test_what_a_release_says_is_text_and_never_markup(hostile: Path, page: str) -> None:
    text = (hostile / page).read_text(encoding="utf-8")
    found = Elements(text)
    assert found.count["script"] == 2 and not found.handlers
    (kind, documents), (_, script) = found.scripts
    assert kind["type"] == "application/json" and HOSTILE in json.dumps(json.loads(documents)).encode().decode(
        "unicode_escape"
    )
    assert "boom" not in script
    assert HOSTILE in "".join(found.texts)


@pytest.mark.parametrize("page", ["index.html", "interviews/0001.html"])
def test_only_the_scripts_and_the_style_of_a_page_may_run_in_it(hostile: Path, page: str) -> None:
    text = (hostile / page).read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', text)[1])  # type: ignore[index]
    allowed = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    script = Elements(text).scripts[-1][1]
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]  # type: ignore[index]
    for directive, content in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert allowed[directive] == f"'sha256-{digest}'"
    assert allowed["default-src"] == "'none'"
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text) and " style=" not in text


def test_a_report_is_the_same_every_time(hostile: Path) -> None:
    again = hostile.parent / "again"
    write_report(hostile.parent / "release", again, hostile.parent / "gestures")
    files = sorted(path.relative_to(hostile) for path in hostile.rglob("*") if path.is_file())
    listed = json.loads((hostile / "imigue-build.json").read_text())["files"]
    assert sorted(path.as_posix() for path in files) == sorted([*listed, "imigue-build.json"])
    assert all((hostile / path).read_bytes() == (again / path).read_bytes() for path in files)


def test_gestures_are_those_of_the_interview(hostile: Path) -> None:
    text = Elements((hostile / "interviews/0001.html").read_text(encoding="utf-8"))
    found = json.loads(text.scripts[0][1])
    assert found["gestureNames"] == [HOSTILE, "Biting nails"]
    assert found["gestures"] == [[0, 1000, 1500], [1, 2000, 2500]]
    assert not json.loads(Elements((hostile / "interviews/0002.html").read_text()).scripts[0][1])["gestures"]


def test_a_page_of_an_hour_has_few_elements_beside_its_words(tmp_path: Path) -> None:
    view = long_interview(tmp_path, 60)
    words = len(view.words)
    page = interview_page(view, Neighbours("long.wav", "", "release", "", "")).decode()
    found = Elements(page)
    assert words == 10_800
    assert sum(found.count.values()) < words + 8 * len(view.interview.segments) + 600
    assert len(page) < 220 * words
    assert "content-visibility: auto" in page


def test_the_data_name_each_word_once_in_the_order_of_the_transcript(tmp_path: Path) -> None:
    view = long_interview(tmp_path, 1)
    found: dict[str, Any] = data(view)
    assert len(found["starts"]) == len(found["ends"]) == len(found["wordSpeakers"]) == len(view.words) == 180
    assert [passage[2] for passage in found["passages"]] == list(range(0, 180, 30))
    assert found["doubtful"] == [shown.number for shown in view.words if (shown.word.confidence or 0) < 0.3]
    assert view.speakers[0].moments[0] == 5.0 and view.speakers[1].moments[0] == 15.0


def test_a_histogram_counts_every_value_once() -> None:
    chart = histogram("t", [0.0, 0.1, 0.5, 1.0, 1.0], within=(0.0, 1.0))
    assert chart is not None
    assert sum(int(bar.title.rpartition(" ")[2]) for bar in chart.bars) == 5
    assert chart.summary == "5 values, median 0.50, 0 to 1"
    assert histogram("t", []) is None
    same = histogram("t", [3.0, 3.0], " s")
    assert same is not None and len(same.bars) == 1


def test_tallies_come_with_the_most_frequent_first() -> None:
    assert [(tally.name, tally.number, tally.share) for tally in tallies({"b": 1, "a": 4, "c": 0})] == [
        ("a", 4, 1.0),
        ("b", 1, 0.25),
    ]
