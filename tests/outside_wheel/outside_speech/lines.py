"""An export format: one line a segment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, text_file


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    with text_file(destination.folder / "lines.txt") as file:

        def write(entry: Entry) -> None:
            for segment in entry.interview.segments:
                file.write(f"{segment.video_id} {segment.role} {segment.raw}\n")

        yield write


LINES: Final = Format("one line a segment", _writer)
