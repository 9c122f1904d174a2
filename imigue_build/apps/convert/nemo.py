"""NeMo manifests: one JSON object a segment with a clip, as a part (`offset`, `duration`) of the whole recording.

`text` is the normalised text; `raw` the written one and `words` its words with times on the recording's clock, which
NeMo passes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from imigue_build.apps.convert.formats import Add, Format, Place
from imigue_build.apps.convert.source import Interview


@contextmanager
def _opened(place: Place) -> Iterator[Add]:
    name = f"{place.split}_manifest.json" if place.split else "manifest.json"
    with (place.root / name).open("wb") as file:

        def add(interview: Interview) -> None:
            path = place.sound(interview.recording().path)
            for row in interview.segments:
                document = {
                    "audio_filepath": path,
                    "offset": row.start,
                    "duration": row.seconds,
                    "text": row.asr,
                    "speaker": interview.speaker(row),
                    "lang": row.language,
                    "utterance_id": row.name,
                    "role": row.role,
                    "gender": interview.gender(row) or None,
                    "win_or_lose": interview.label.win_or_lose or None,
                    "raw": " ".join(word.word for word in row.words),
                    "words": row.words,
                }
                file.write(msgspec.json.encode(document) + b"\n")

        yield add


NEMO = Format("a manifest of JSON lines, or one a split", _opened, Interview.recording)
