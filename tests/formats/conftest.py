"""A release of two interviews, converted once into each format, with splits and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from imigue_build.apps.convert import Request, convert
from tests.release import tiny_release

Said = tuple[str, float, float]
"""A word with its start and end in seconds."""


class Corpus(NamedTuple):
    """The release, and what was put into it."""

    root: Path
    rows: list[dict[str, Any]]

    @property
    def clips(self) -> dict[str, dict[str, Any]]:
        """The rows that have a clip, by their name in the corpus."""
        return {
            f"{row['video_id']}-{row['role']}-{row['segment_id']}": row for row in self.rows if row["clip"] is not None
        }

    def words(self, video_id: str, role: str | None = None) -> list[Said]:
        """All words of an interview, or of a role in it, in time order."""
        rows = [row for row in self.rows if row["video_id"] == video_id and role in (None, row["role"])]
        return sorted((word for row in rows for word in said(row)), key=lambda word: word[1:])


def said(row: dict[str, Any]) -> list[Said]:
    return [(word["word"], word["start"], word["end"]) for word in row["words"]]


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    pytest.importorskip("lhotse", reason="the libraries of the formats are not installed: make test-formats")


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A word that markup would take for its own stands in it, and a name that is not ASCII."""
    content = tiny_release.Content()
    for row, place, word in ((content.rows[0], 0, "<b>&amp;"), (content.rows[-1], 1, "Świątek.")):
        row["words"][place]["word"] = word
        row["raw"] = " ".join(one["word"] for one in row["words"])
    return Corpus(tiny_release.build(tmp_path_factory.mktemp("formats") / "release", content).root, content.rows)


@pytest.fixture(scope="session")
def converted(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a conversion into a format, as a whole or in two splits."""
    done: dict[tuple[str, str | None], Path] = {}

    def to(form: str, splits: str | None = None) -> Path:
        if (form, splits) not in done:
            out = tmp_path_factory.mktemp(form) / "out"
            assert not convert(Request(corpus.root, form, out, splits)).failed
            done[form, splits] = out
        return done[form, splits]

    return to
