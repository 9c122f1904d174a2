"""A Kaldi data folder: whole recordings, and the utterances in them that have a clip.

`text` is the normalised text, `text.raw` the written one, `ctm` every word of the recordings with its times. Ids of
utterances begin with the speaker's, so that all files are sorted by both, in the C locale. There is a `spk2gender` only
where the gender of every speaker is known, since readers need it whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from imigue_build.apps.convert import ctm
from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, check_recording, text_file
from imigue_build.release.reader import Segment

_OF_UTTERANCES: Final = ("segments", "text", "text.raw", "utt2spk", "utt2dur", "utt2lang")
_OF_RECORDINGS: Final = ("wav.scp", "reco2dur")
_GENDERS: Final = {"f": "f", "female": "f", "m": "m", "male": "m"}


class _Folder:
    """The lines of all files but `ctm`: some 300 bytes an utterance, since they are sorted by speaker in the end."""

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self.lines: dict[str, list[str]] = {name: [] for name in (*_OF_UTTERANCES, *_OF_RECORDINGS)}
        self.utterances: dict[str, list[str]] = defaultdict(list)
        self.genders: dict[str, str] = {}

    def add(self, entry: Entry) -> None:
        interview, seconds = entry.interview, entry.seconds()
        path = self.destination.audio(interview.path("wav"))
        self.lines["wav.scp"].append(f"{interview.video_id} {path}\n")
        self._put("reco2dur", interview.video_id, f"{seconds:.9f}")
        for segment in interview.clips:
            self._utterance(entry, segment, seconds)

    def _utterance(self, entry: Entry, segment: Segment, length: float) -> None:
        """The lines of a segment of a recording of `length` seconds."""
        speaker = entry.speaker(segment)
        name = f"{speaker}-{entry.utterance_id(segment)}"
        self._put("segments", name, f"{segment.video_id} {segment.start:.3f} {min(segment.end, length):.3f}")
        self._put("text", name, segment.asr)
        self._put("text.raw", name, segment.raw)
        self._put("utt2spk", name, speaker)
        self._put("utt2dur", name, f"{segment.duration:.3f}")
        self._put("utt2lang", name, segment.language)
        self.utterances[speaker].append(name)
        if gender := _GENDERS.get(entry.gender(segment).casefold()):
            self.genders[speaker] = gender

    def _put(self, file: str, key: str, value: str) -> None:
        self.lines[file].append(f"{key} {' '.join(value.split())}".rstrip() + "\n")

    def write(self) -> None:
        self.lines["spk2utt"] = [f"{speaker} {' '.join(sorted(names))}\n" for speaker, names in self.utterances.items()]
        if self.genders.keys() >= self.utterances.keys():
            self.lines["spk2gender"] = [f"{speaker} {gender}\n" for speaker, gender in self.genders.items()]
        for name, lines in self.lines.items():
            with text_file(self.destination.folder / name) as file:
                file.writelines(sorted(lines, key=lambda line: line.split(" ", 1)[0]))


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    folder = _Folder(destination)
    with text_file(destination.folder / "ctm") as words:

        def write(entry: Entry) -> None:
            folder.add(entry)
            words.write(ctm.lines(entry.interview.segments))

        yield write
    folder.write()


KALDI = Format("a data folder, or one a split", _writer, check_recording)
