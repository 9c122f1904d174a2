"""CTM, NIST's time-marked conversations: one line a word, `recording channel start duration word [confidence]`.

There is a file for each role and one of both, each in time order; every word is in them, also those in overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from imigue_build.apps.convert.formats import Add, Format, Place, nothing, text_file
from imigue_build.apps.convert.source import Interview, Row, between
from imigue_build.core.records import ROLES


def lines(rows: Iterable[Row]) -> str:
    """The words of an interview's rows, in time order; a confidence that is not known is left out."""
    words = sorted(
        ((row, word) for row in rows for word in row.words),
        key=lambda one: (one[1].start, one[1].end, one[0].speaker),
    )
    return "".join(
        f"{row.video_id} 1 {word.start:.3f} {between(word.start, word.end):.3f} {word.word}"
        + ("\n" if word.confidence is None else f" {word.confidence:.6f}\n")
        for row, word in words
    )


@contextmanager
def _opened(place: Place) -> Iterator[Add]:
    with ExitStack() as stack:
        files = {name: stack.enter_context(text_file(place.folder / f"{name}.ctm")) for name in ("words", *ROLES)}

        def add(interview: Interview) -> None:
            files["words"].write(lines(interview.rows))
            for role in ROLES:
                files[role].write(lines(row for row in interview.rows if row.role == role))

        yield add


CTM = Format("words with times, for scoring tools", _opened, nothing)
