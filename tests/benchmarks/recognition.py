"""Recognition against bare faster-whisper on the same model files: int8, one thread, each in a process of its own.

Where `make test-models` has made .venv-models, whisperx is measured as well. It gets no model that places words, so it
does less than the others.

`python -m tests.benchmarks.recognition SYSTEM SOUND` prints the words that ours, sequential, batched or whisperx hears.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from imigue_build.apps.scoring import reference as references
from imigue_build.apps.scoring import words
from imigue_build.apps.scoring.labels import Word
from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe, model
from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber
from imigue_build.backends.base import AudioTask
from imigue_build.backends.media.ffmpeg import decode
from imigue_build.config import Extract
from imigue_build.core.records import Transcript
from imigue_build.core.wav import read_wav
from imigue_build.engine.worker import thread_limits
from imigue_build.models import locate
from imigue_build.pipeline.demo import DEMO
from tests.benchmarks.meter import least, used

_SETTINGS: Final = FasterWhisperTranscribe(backend="faster-whisper")
_TIMES: Final = 2
_TOP: Final = Path(__file__).parents[2]
_WITH_TORCH: Final = _TOP / ".venv-models/bin/python"


def measure(most: int = 2) -> dict[str, float]:
    """Processor times as ratios, and the WER of each on the same sound.

    The sounds are so many of the shared interviews; the demo's where IMIGUE_SHARED_DATA names no folder.
    """
    shared = os.environ.get("IMIGUE_SHARED_DATA")
    videos = sorted(Path(shared, "interviews").glob("*.mp4"))[:most] if shared else [DEMO / "demo.mp4"]
    systems = [name for name in _SYSTEMS if name != "whisperx" or _WITH_TORCH.exists()]
    used_seconds = dict.fromkeys(systems, 0.0)
    errors = dict.fromkeys(systems, 0)
    spoken, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder, "16.wav")
        for video in videos:
            seconds += decode(video, Path(folder, "44.wav"), sound, Extract()).duration
            reference = words.spoken_words_of(references.read([video.with_suffix(".json")], video.stem).words or ())
            spoken += len(reference)
            commands = {name: _command(name, sound) for name in systems}
            for name, found in least(commands, _TIMES, used() | thread_limits(1)).items():
                used_seconds[name] += found.all
                heard = found.output.splitlines()[-1]  # whisperx writes its log before
                said = words.spoken_words_of(Word(*word) for word in json.loads(heard))
                errors[name] += words.compare(reference, said)[0].errors
    ours = used_seconds["ours"]
    return {
        "sound / processor time, ours": seconds / ours,
        **{f"ours / {_TITLES[name]}, processor time": ours / used_seconds[name] for name in systems if name != "ours"},
        **{f"WER, {_TITLES[name]}": errors[name] / spoken for name in systems},
    }


def _command(system: str, sound: Path) -> list[str]:
    words = ["-m", "tests.benchmarks.recognition", system, str(sound)]
    if system != "whisperx":
        return [sys.executable, *words]
    site = f"PYTHONPATH={_TOP / 'tests/real_models/site'}:{_TOP}"  # as for the tests of whisperx: without a network
    return ["env", site, "HF_HUB_OFFLINE=1", str(_WITH_TORCH), *words]


def _ours(sound: Path) -> Iterator[Word]:
    (found,) = FasterWhisperTranscriber(_SETTINGS).transcribe([AudioTask("0001", read_wav(sound))])
    if not isinstance(found, Transcript):
        raise found
    for segment in found.segments:
        yield from (Word(word.word, word.start, word.end) for word in segment.words)


def _bare(batched: bool, sound: Path) -> Iterator[Word]:
    """As faster-whisper's own documentation calls it; with the times of words, which ours finds as well."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    whisper: Any = WhisperModel(str(locate(model(_SETTINGS)).path), device="cpu", compute_type="int8", cpu_threads=1)
    pipeline, options = (BatchedInferencePipeline(whisper), {"batch_size": 8}) if batched else (whisper, {})
    segments, _ = pipeline.transcribe(str(sound), language="en", word_timestamps=True, **options)
    for segment in segments:
        yield from (Word(word.word, word.start, word.end) for word in segment.words)


def _whisperx(sound: Path) -> Iterator[Word]:
    import numpy as np
    import whisperx

    pipeline = whisperx.load_model(
        str(locate(model(_SETTINGS)).path), "cpu", compute_type="int8", language="en", local_files_only=True, threads=1
    )
    found = pipeline.transcribe(read_wav(sound).astype(np.float32) / 32768, batch_size=8)
    for segment in found["segments"]:
        for word in segment["text"].split():
            yield Word(word, segment["start"], segment["end"], timed=False)


_TITLES: Final = {
    "ours": "ours",
    "sequential": "faster-whisper sequential",
    "batched": "faster-whisper batched",
    "whisperx": "whisperx",
}
_SYSTEMS: Final[Mapping[str, Callable[[Path], Iterator[Word]]]] = {
    "ours": _ours,
    "sequential": lambda sound: _bare(False, sound),
    "batched": lambda sound: _bare(True, sound),
    "whisperx": _whisperx,
}


if __name__ == "__main__":
    print(json.dumps([word[:3] for word in _SYSTEMS[sys.argv[1]](Path(sys.argv[2]))]))
