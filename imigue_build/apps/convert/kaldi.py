"""A Kaldi data folder: whole recordings, and the utterances in them that have a clip.

`text` is the normalised text, `text.raw` the written one, `ctm` every word of the recordings with its times. Names of
utterances begin with the speaker's, so that all files are sorted by both, in the C locale. There is
a `spk2gender` only where the gender of every speaker is known, as readers want it whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from imigue_build.apps.convert import ctm
from imigue_build.apps.convert.formats import Add, Format, Place, text_file
from imigue_build.apps.convert.source import Interview, Row

_OF_UTTERANCES: Final = ("segments", "text", "text.raw", "utt2spk", "utt2dur", "utt2lang")
_OF_RECORDINGS: Final = ("wav.scp", "reco2dur")
_GENDERS: Final = {"f": "f", "female": "f", "m": "m", "male": "m"}


class _Folder:
    """The lines of all files but `ctm`: some 300 bytes an utterance, as they are sorted by speaker in the end."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.lines: dict[str, list[str]] = {name: [] for name in (*_OF_UTTERANCES, *_OF_RECORDINGS)}
        self.spoken: dict[str, list[str]] = defaultdict(list)
        self.genders: dict[str, str] = {}

    def add(self, interview: Interview) -> None:
        recording = interview.recording()
        self.lines["wav.scp"].append(f"{interview.video_id} {self.place.sound(recording.path)}\n")
        self._put("reco2dur", interview.video_id, f"{recording.seconds:.9f}")
        for row in interview.segments:
            self._utterance(interview, row, recording.seconds)

    def _utterance(self, interview: Interview, row: Row, end: float) -> None:
        speaker = interview.speaker(row)
        name = f"{speaker}-{row.name}"
        self._put("segments", name, f"{row.video_id} {row.start:.3f} {min(row.end, end):.3f}")
        self._put("text", name, row.asr)
        self._put("text.raw", name, " ".join(word.word for word in row.words))
        self._put("utt2spk", name, speaker)
        self._put("utt2dur", name, f"{row.seconds:.3f}")
        self._put("utt2lang", name, row.language)
        self.spoken[speaker].append(name)
        if gender := _GENDERS.get(interview.gender(row).casefold()):
            self.genders[speaker] = gender

    def _put(self, file: str, key: str, value: str) -> None:
        self.lines[file].append(f"{key} {' '.join(value.split())}".rstrip() + "\n")

    def write(self) -> None:
        self.lines["spk2utt"] = [f"{speaker} {' '.join(sorted(names))}\n" for speaker, names in self.spoken.items()]
        if self.genders.keys() >= self.spoken.keys():
            self.lines["spk2gender"] = [f"{speaker} {gender}\n" for speaker, gender in self.genders.items()]
        for name, lines in self.lines.items():
            with text_file(self.place.folder / name) as file:
                file.writelines(sorted(lines, key=lambda line: line.split(" ", 1)[0]))


@contextmanager
def _opened(place: Place) -> Iterator[Add]:
    folder = _Folder(place)
    with text_file(place.folder / "ctm") as words:

        def add(interview: Interview) -> None:
            folder.add(interview)
            words.write(ctm.lines(interview.rows))

        yield add
    folder.write()


KALDI = Format("a data folder, or one a split", _opened, Interview.recording)
