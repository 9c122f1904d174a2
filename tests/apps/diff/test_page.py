"""The comparison as a page: whole in one file, hostile text is text, marked not by colour alone."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from imigue_build.apps.diff import diff
from imigue_build.apps.diff.page import page
from tests.apps.diff.test_diff import Change, all_of, both, setting, word

HOSTILE = "</td><script>alert(1)</script>"


class Seen(HTMLParser):
    """Tags that were opened, those left open, and the text."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(tmp_path: Path, change: Change) -> Seen:
    found = Seen(page(both(tmp_path, change), "before & <b>", "after").decode())
    assert found.open == []
    return found


def test_words_side_by_side(tmp_path: Path) -> None:
    found = seen(tmp_path, all_of(setting("transcribe", model="large"), word(0, 1, "does")))
    assert found.tags.count("del") == found.tags.count("ins") == 2  # one in the caption
    assert "transcribe.model" in found.text and "does" in found.text and "0:00.500" in found.text


def test_hostile_text_is_text(tmp_path: Path) -> None:
    hostile = all_of(
        word(0, 1, HOSTILE),
        setting("transcribe", prompt=HOSTILE),
        lambda content: content.provenance["tools"].update({HOSTILE: HOSTILE}),
    )
    found = seen(tmp_path, hostile)
    assert "script" not in found.tags
    assert found.text.count(HOSTILE) >= 4
    assert "before & <b>" in found.text


def test_it_needs_nothing_else(tmp_path: Path) -> None:
    found = seen(tmp_path, word(0, 1, "does"))
    assert not {"img", "iframe", "script", "object"} & set(found.tags)
    assert not {"src", "onclick"} & {name for name, _ in found.attributes}
    assert {value for name, value in found.attributes if name == "href"} == {"#main", "data:,"}
    policy = dict(found.attributes)["content"]
    assert policy is not None
    assert any("default-src 'none'" in (value or "") for _, value in found.attributes)


def test_the_same_releases_have_a_short_page(tmp_path: Path) -> None:
    both(tmp_path, lambda content: None)
    text = page(diff(tmp_path / "before", tmp_path / "after"), "a", "b").decode()
    assert "They are the same" in text and "<details" not in text
