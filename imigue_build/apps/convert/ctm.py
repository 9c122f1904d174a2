"""CTM, NIST's time-marked conversations: one line a word, `recording channel start duration word [confidence]`.

There is a file for each role and one of both, each in time order; every word is in them, also those in overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, text_file
from imigue_build.core.records import ROLES
from imigue_build.release.reader import Segment


def lines(segments: Iterable[Segment]) -> str:
    """The words of an interview's segments, in time order; a confidence that is not known is left out."""
    spoken = [(word, segment) for segment in segments for word in segment.words]
    spoken.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[1].speaker))
    return "".join(
        f"{segment.video_id} 1 {word.start:.3f} {word.duration:.3f} {word.word}"
        + ("\n" if word.confidence is None else f" {word.confidence:.6f}\n")
        for word, segment in spoken
    )


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    with ExitStack() as stack:
        files = {name: stack.enter_context(text_file(destination.folder / f"{name}.ctm")) for name in ("words", *ROLES)}

        def write(entry: Entry) -> None:
            segments = entry.interview.segments
            files["words"].write(lines(segments))
            for role in ROLES:
                files[role].write(lines(segment for segment in segments if segment.role == role))

        yield write


CTM = Format("words with times, for scoring tools", _writer)
