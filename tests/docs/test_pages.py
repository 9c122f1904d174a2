"""The README and the pages of the documentation: links, commands, targets, sizes, and generated pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imigue_build.backends.configs import load
from imigue_build.corpus.overrides import read
from tests.cli.test_help import parse
from tests.cli.walk import LEAVES
from tests.docs.commands import PAGES, TOP, Written, blocks, make_targets, written
from tests.docs.generated import DOCS
from tests.docs.generated import PAGES as GENERATED

README = TOP / "README.md"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SHELL = re.compile(r"\$(\{\w+\}|\w+)|HEAD:6379")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and mkdocs make them."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere in the repository."""
    found = []
    for link in _LINK.findall(page.read_text("utf-8")):
        place, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = page if not place else (page.parent / place).resolve()
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](#here) [b](#there) [c](nowhere.md) [d](https://example.org)")
    assert broken(page) == ["#there", "nowhere.md"]


@pytest.mark.parametrize("command", written(), ids=lambda command: f"{command.page}: {' '.join(command.words)}")
def test_every_command_is_one_that_the_parser_takes(command: Written) -> None:
    parse(" ".join(f"'{_SHELL.sub('1', word)}'" for word in command.words))


def test_every_target_is_one_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert make_targets() and not [target for target in make_targets() if target[1] not in targets]


def test_every_module_that_a_page_runs_is_a_program() -> None:
    named = {name for page in PAGES for name in re.findall(r"python -m (tests[\w.]*)", page.read_text("utf-8"))}
    programs = {name: TOP / name.replace(".", "/") for name in named}
    files = {
        name: place / "__main__.py" if place.is_dir() else place.with_suffix(".py") for name, place in programs.items()
    }
    assert named and not [
        name for name, file in files.items() if '__name__ == "__main__"' not in file.read_text("utf-8")
    ]


def test_the_readme_is_short_and_has_every_command() -> None:
    text = README.read_text("utf-8")
    assert len(text.splitlines()) < 200 and max(map(len, text.splitlines())) <= 160
    table = re.findall(r"^\| (`.+?`) \| ", text, re.MULTILINE)
    named = {name for row in table for name in re.findall(r"`([a-z -]+)`", row)}
    missing = [words for words in LEAVES if words not in named and words.rpartition(" ")[2] not in named]
    assert missing == []


@pytest.mark.parametrize("page", GENERATED)
def test_generated_pages_are_those_of_the_code(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == GENERATED[page](), "run python -m tests.docs.generated"


def test_the_recipe_and_the_corrections_that_are_shown_can_be_read(tmp_path: Path) -> None:
    recipe, corrections = tmp_path / "recipe.yaml", tmp_path / "0440.yaml"
    embedded = (TOP / "configs" / "embedded.yaml").read_text("utf-8")
    recipe.write_text(embedded + blocks(DOCS / "release-format.md", "yaml")[0])
    assert load(str(recipe)).corpus.name == "courtside"
    corrections.write_text(blocks(DOCS / "corrections.md", "yaml")[0])
    found = read(corrections)
    assert found.num_speakers and found.merge_speakers and found.words and found.roles and found.speakers and found.drop
