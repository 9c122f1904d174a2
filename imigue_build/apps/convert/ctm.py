"""CTM, NIST's time-marked conversations: one line a word, `recording channel start duration word [confidence]`.

There is a file for each role and one of both, each in time order; every word is in them, also those in overlap. The
file of an interview has the type of each word and its speaker too, as NIST's Rich Transcription does:
`recording channel start duration word confidence lex speaker`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, text_file
from imigue_build.core.records import ROLES
from imigue_build.release.reader import Segment, Word


def lines(segments: Iterable[Segment], speakers: bool = False) -> str:
    """The words of an interview's segments, in time order.

    A confidence that is not known is left out, or NA where speakers follow it.
    """
    spoken = [(word, segment) for segment in segments for word in segment.words]
    spoken.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[1].speaker))
    return "".join(
        f"{segment.video_id} 1 {word.start:.3f} {word.duration:.3f} {word.word}{_rest(word, segment, speakers)}\n"
        for word, segment in spoken
    )


def _rest(word: Word, segment: Segment, speakers: bool) -> str:
    """The columns after the word, each with the blank before it."""
    known = "" if word.confidence is None else f" {word.confidence:.6f}"
    return f"{known or ' NA'} lex {segment.speaker}" if speakers else known


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    with ExitStack() as stack:
        files = {name: stack.enter_context(text_file(destination.folder / f"{name}.ctm")) for name in ("words", *ROLES)}

        def write(entry: Entry) -> None:
            segments = entry.interview.segments
            files["words"].write(lines(segments))
            with text_file(destination.folder / f"{entry.interview.video_id}.ctm") as file:
                file.write(lines(segments, speakers=True))
            for role in ROLES:
                files[role].write(lines(segment for segment in segments if segment.role == role))

        yield write


CTM = Format("words with times, for scoring tools; of each interview with speakers", _writer)
