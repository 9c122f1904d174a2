"""One thing to check, with the correction that would mend it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from imigue_build.release.schema.rows import Word

Kind = Literal["words", "times", "speaker", "roles", "correction", "silence"]
"""What may be wrong: what is written, when it is said, by whom, who is who; what a lost correction was for; all."""
_EDGES: Final = re.compile(r"^\W+|\W+$")


class Item(NamedTuple):
    """A passage, or an interview, of which a label may be wrong.

    Attributes:
        start, end: Where to listen, in seconds from the start of the recording.
        text: The words there.
        speaker: Who says them; empty where several do.
        reason: Why it is doubtful, in plain words.
        confidence: The chance that it is right, in [0, 1].
        correction: Options of `imigue-build override` that correct it; empty where no correction would.
    """

    video_id: str
    kind: Kind
    start: float
    end: float
    text: str
    speaker: str
    reason: str
    confidence: float
    correction: tuple[str, ...] = ()

    def command(self, work: str = "WORK", program: str = "imigue-build") -> str:
        """The command that corrects it, quoted for a shell; empty where no correction would.

        What stands after the last colon of a `--word` is the word as it is: it is to be replaced by what is said, and
        confirms the word where it is not.
        """
        if not self.correction:
            return ""
        line = f"{program} {shlex.join(['override', self.video_id, '--work', work, *self.correction])}"
        return line if line.isprintable() else ""


def word_option(word: Word) -> str | None:
    """The option that corrects a word, with the word itself in the place of what is said; None where no option can.

    >>> word_option(Word("Joker,", 12.0, 12.5, True))
    '--word=12.25:Joker:Joker,'
    """
    read = _EDGES.sub("", word.word) or word.word
    if ":" in read or not word.word.isprintable():
        return None
    return f"--word={moment((word.start + word.end) / 2)}:{read}:{word.word}"


def drop_option(start: float, end: float) -> str:
    """The option that leaves a stretch of time out of the clips."""
    return f"--drop={moment(start)}-{moment(end)}"


def moment(seconds: float) -> str:
    """A time as an option has it, to the millisecond.

    >>> moment(12.25), moment(61.0), moment(1234.5678)
    ('12.25', '61', '1234.568')
    """
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def joined(words: Iterable[Word]) -> str:
    """The words with blanks between them."""
    return " ".join(word.word for word in words)


def speaker_option(start: float, end: float, voice: float) -> str:
    """The option that gives a stretch of time to the voice that speaks at another time."""
    return f"--speaker={moment(start)}-{moment(end)}:{moment(voice)}"
