"""Runs whisperx and pyannote.audio on made-up interviews, on the GPU if there is one, and compares with the CPU.

Each tool runs in a process of its own, with a time limit. What could not run is printed with its reason; the exit code
is 1 only if results differ from those of the CPU.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.core.errors import ImigueError

if TYPE_CHECKING:
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.core.records import Diarization, Transcript

TOOLS: Final = ("whisperx", "pyannote")
SHARE: Final = 0.02
"""Words, or time of speech, that may differ from the CPU's: half precision decides close calls otherwise."""
_LIMIT: Final = 140
"""Seconds for a tool on a device: four processes end within ten minutes."""
_LENGTH: Final = 300.0
"""Seconds of an interview; fewer if there is less than one."""
_SHIFT: Final = 7.3
"""Seconds by which each interview begins later in the demo than the one before."""


class Outcome(NamedTuple):
    """What a tool's process reports: `failure` is empty if it ran."""

    failure: str
    load_s: float = 0.0
    run_s: float = 0.0
    audio_s: float = 0.0
    memory_mb: int = 0
    results: Sequence[Any] = ()
    """For each interview [start, end, text or speaker] of its words or turns."""


def interview(demo: Samples, number: int, seconds: float) -> Samples:
    """The demo repeated, from another point of it for each interview."""
    import numpy as np

    from imigue_build.backends.base import SAMPLE_RATE

    shifted = np.roll(demo, -round(number * _SHIFT * SAMPLE_RATE))
    return np.resize(shifted, round(seconds * SAMPLE_RATE))


def run_tool(tool: str, bundle: Path, device: str, seconds: float) -> Outcome:
    """One tool on the interviews of so many seconds in all; in this process."""
    from resource import RUSAGE_SELF, getrusage

    from imigue_build.backends.base import SAMPLE_RATE, AudioTask
    from imigue_build.core.wav import read_wav

    demo = read_wav(bundle / "demo.wav")
    process = _whisperx if tool == "whisperx" else _pyannote
    work = process(bundle, device)
    started = time.monotonic()
    work([AudioTask("warm-up", demo[: 20 * SAMPLE_RATE])])
    loaded = time.monotonic()
    count, length = max(1, round(seconds / _LENGTH)), min(seconds, _LENGTH)
    tasks = [AudioTask(f"{number:04d}", interview(demo, number, length)) for number in range(count)]
    found = work(tasks)
    ended = time.monotonic()
    memory = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    return Outcome("", loaded - started, ended - loaded, count * length, memory, found)


def _whisperx(bundle: Path, device: str) -> Any:
    from imigue_build.backends.asr.whisperx.settings import WhisperxTranscribe
    from imigue_build.backends.asr.whisperx.transcriber import WhisperxTranscriber

    types = {"cpu": "int8", "cuda": "float16"}  # as the recipe has it on a GPU
    settings = {"model": str(bundle / "whisper"), "device": device, "compute_type": types[device]}
    section = WhisperxTranscribe.model_validate({"backend": "whisperx", "word_times": "faster-whisper", **settings})
    transcriber = WhisperxTranscriber(section)

    def work(tasks: list[AudioTask]) -> list[Any]:
        batches = [tasks[start : start + section.interviews] for start in range(0, len(tasks), section.interviews)]
        return [_words(_raised(found)) for batch in batches for found in transcriber.transcribe(batch)]

    return work


def _pyannote(bundle: Path, device: str) -> Any:
    from imigue_build.backends.diarization.pyannote.diarizer import PyannoteDiarizer
    from imigue_build.backends.diarization.pyannote.settings import PyannoteDiarize

    settings = {"backend": "pyannote", "model": str(bundle / "pipeline"), "device": device}
    diarizer = PyannoteDiarizer(PyannoteDiarize.model_validate(settings))
    return lambda tasks: [_turns(_raised(found)) for found in diarizer.diarize(tasks)]


def _raised(found: Any) -> Any:
    if isinstance(found, ImigueError):
        raise found
    return found


def _words(found: Transcript) -> list[Any]:
    return [[word.start, word.end, word.word] for word in found.words]


def _turns(found: Diarization) -> list[Any]:
    return [[turn.start, turn.end, turn.speaker] for turn in found.turns]


def difference(tool: str, expected: Sequence[Any], found: Sequence[Any]) -> float:
    """The share of words (as a WER) or of speech (as a DER) of one interview in which two results differ."""
    from imigue_build.apps.scoring import labels, turns, words
    from imigue_build.core.records import Turn

    if tool == "pyannote":
        errors, _ = turns.compare([Turn(*turn) for turn in expected], [Turn(*turn) for turn in found], 0.0)
        return (errors.missed + errors.false_alarm + errors.confusion) / errors.total
    spoken = [
        words.spoken_words_of(labels.Word(text, start, end) for start, end, text in side) for side in (expected, found)
    ]
    counts, _ = words.compare(*spoken)
    return counts.errors / counts.n


def in_a_process(tool: str, bundle: Path, device: str, seconds: float) -> Outcome:
    """`run_tool` in a process of its own, so that whatever happens there is reported."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        arguments = [str(bundle), "--tool", tool, "--device", device, "--seconds", str(seconds)]
        command = [sys.executable, "-m", "tests.gpu.check", *arguments, "--report", str(report)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            return Outcome(f"not done within {_LIMIT} s")
        if report.is_file():
            return Outcome(**json.loads(report.read_text(encoding="utf-8")))
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Outcome(f"exit code {done.returncode}: {last}")


@contextmanager
def gpu_samples() -> Iterator[list[tuple[int, int]]]:
    """(busy %, MiB in use) twice a second while inside, by nvidia-smi; none without it."""
    samples: list[tuple[int, int]] = []
    query = ["--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-lms", "500"]
    try:
        smi = subprocess.Popen(["nvidia-smi", *query], stdout=subprocess.PIPE, text=True)
    except OSError:
        yield samples
        return
    try:
        yield samples
    finally:
        smi.terminate()
        output, _ = smi.communicate()
        rows = [line.split(",") for line in output.splitlines()]
        samples += [(int(row[0]), int(row[1])) for row in rows if len(row) == 2 and row[0].strip().isdigit()]


def check(tool: str, bundle: Path, device: str, seconds: float) -> bool:
    """Prints how a tool ran on a device, and whether its first interview is as on the CPU; False if it is not."""
    with gpu_samples() as samples:
        ran = in_a_process(tool, bundle, device, seconds)
    if ran.failure:
        print(f"{tool} on {device}: not possible: {ran.failure}")
        return True
    print(
        f"{tool} on {device}: run; {ran.audio_s / 3600:.2f} h in {ran.run_s:.1f} s, {ran.audio_s / ran.run_s:.1f} x "
        f"real time (model and warm-up {ran.load_s:.1f} s more); {ran.memory_mb} MB of main memory"
    )
    if samples and device == "cuda":
        busy, memory = zip(*samples, strict=True)
        print(f"  GPU busy {fmean(busy):.0f} % of its process's time, at most {max(memory)} MiB in use")
    cpu = in_a_process(tool, bundle, "cpu", min(seconds, _LENGTH))
    if cpu.failure:
        print(f"  compared with the CPU: not possible: {cpu.failure}")
        return True
    differs = difference(tool, cpu.results[0], ran.results[0])
    verdict = "equal within tolerance" if differs <= SHARE else "NOT EQUAL"
    print(f"  compared with the CPU ({cpu.audio_s / cpu.run_s:.1f} x real time): {verdict}: {differs:.4f} differs")
    return differs <= SHARE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path, help="the folder that check.sh packed")
    parser.add_argument("--hours", type=float, default=2.0, help="of made-up interviews of five minutes each")
    parser.add_argument("--tool", choices=TOOLS, help="run this one here, for --report")
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    if options.tool:
        return _report(options)
    import torch

    gpu = torch.cuda.is_available()
    name = torch.cuda.get_device_name() if gpu else "no GPU, so that the CPU is compared with itself"
    print(f"Python {sys.version.split()[0]}, torch {torch.__version__}; {name}")
    device = "cuda" if gpu else "cpu"
    equal = [check(tool, options.bundle, device, options.hours * 3600) for tool in TOOLS]
    return 0 if all(equal) else 1


def _report(options: argparse.Namespace) -> int:
    try:
        outcome = run_tool(options.tool, options.bundle, options.device, options.seconds)
    except Exception as error:  # whatever it is, it is what is to be reported
        outcome = Outcome(f"{type(error).__name__}: {' '.join(str(error).split())}")
    options.report.write_text(json.dumps(outcome._asdict()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
