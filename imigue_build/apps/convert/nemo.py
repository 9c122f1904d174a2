"""NeMo manifests: one JSON object a segment with a clip, as a part (`offset`, `duration`) of the whole recording.

`text` is the normalised text; `raw` the written one and `words` its words, which NeMo passes over; their times are
seconds from the start of the recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, check_recording


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    name = f"{destination.split}_manifest.json" if destination.split else "manifest.json"
    with (destination.root / name).open("wb") as file:

        def write(entry: Entry) -> None:
            interview = entry.interview
            for segment in interview.clips:
                document = {
                    "audio_filepath": destination.audio(interview.path("wav")),
                    "offset": segment.start,
                    "duration": segment.duration,
                    "text": segment.asr,
                    "speaker": entry.speaker(segment),
                    "lang": segment.language,
                    "utterance_id": entry.utterance_id(segment),
                    "role": segment.role,
                    "gender": entry.gender(segment) or None,
                    "win_or_lose": interview.label.win_or_lose or None,
                    "raw": segment.raw,
                    "words": segment.words,
                }
                file.write(msgspec.json.encode(document) + b"\n")

        yield write


NEMO = Format("a manifest of JSON lines, or one a split", _writer, check_recording)
