"""A file's sound as two WAVs on the video's clock, from one decode.

The clock: second 0 is the earliest time stamp of the file (of picture or sound, but not before time
stamp 0), as players show it. Sound that begins later is preceded by silence, sound from before
is cut. Gaps in the time stamps are filled with silence, so that sound never strays from the
picture by more than `_STRAY`; a step back in them, where recordings were joined, is read on.

Mixing: stereo is averaged; surround is mixed down with ffmpeg's usual weights, scaled so that
nothing clips; channels without a stated layout (several microphones) are averaged. Two channels
that cancel each other, as when one is wired the wrong way round, are not mixed: the first is taken.

The bytes do not depend on the processor (no vector instructions: their rounding differs) nor on the
number of cores, but on ffmpeg's version.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.command import INPUT_OPTIONS, Run, run, url
from imigue_build.backends.media.ffmpeg.damage import Heard, check_damage, check_run, check_whole, stated_duration
from imigue_build.backends.media.ffmpeg.probe import AudioStream, FirstSound, first_sound, measured, probe, undecodable
from imigue_build.core.errors import MediaError
from imigue_build.core.records import Recording
from imigue_build.core.untrusted.files import shown
from imigue_build.core.wav import duration as wav_duration

if TYPE_CHECKING:
    from imigue_build.config import Extract

log = logging.getLogger(__name__)

RATES: Final = (44_100, 16_000)
"""Sample rates of the two WAVs in Hz: the released one's, and the models'."""

_STRAY: Final = 0.04
"""Seconds that time stamps may differ from the count of samples before silence is put in or sound
left out: one frame of a 25 fps picture, and above the jitter of containers that write milliseconds."""

_WAV_LIMIT: Final = 13.5 * 3600
"""Seconds at 44.1 kHz that the 32-bit sizes of a WAV can state."""

_FRAME: Final = 16_384
"""Samples that go through filters, encoders and writers at once."""

_METER: Final = "volumedetect@"
_CANCELLED: Final = 10.0
"""Decibels by which a mix must be weaker than one of unrelated channels to count as cancelled."""


_MORE: Final = 1.5
_SOME: Final = 60.0
"""A file may hold `_MORE` times the seconds that it states, and `_SOME`, before its packets are counted:
so that one which states little and holds hours of silence is not decoded until a limit."""


class _Plan(NamedTuple):
    """How one stream is decoded: where it begins on the clock, what is mixed, what is cut off.

    `longest` is how many seconds are written and `samples` how many are decoded at the most;
    time stamps that leap by more than `leap` seconds are not followed.
    """

    path: Path
    stream: AudioStream
    offset: float
    mix: str
    longest: float
    samples: int
    leap: float


class _Sound(NamedTuple):
    """What a decode wrote: its messages and seconds, and whether it ended at a limit of its plan."""

    done: Run
    length: float
    cut: bool


def decode(
    path: Path, wav44: Path, wav16: Path, limits: Extract, *, warn: Callable[[str], None] = log.warning
) -> Recording:
    """Writes the best sound track of `path` as 16-bit mono PCM at 44.1 and at 16 kHz.

    `warn` is told what a reader of the WAVs should know. What is left of the WAVs after an error is
    for the caller to remove.

    Raises:
        MediaError: If the file is no media, holds no sound, is truncated or damaged, lasts longer
            than `limits.max_duration` or takes longer than `limits.timeout`.
        StoreError: If the WAVs cannot be written, as when the disk is full.
        BackendError: If there is no ffmpeg.
    """
    facts = probe(path, limits.timeout)
    stream = facts.best
    first = first_sound(path, stream, limits.timeout)
    offset = first.time - facts.start
    most = min(limits.max_duration, _WAV_LIMIT) + 1
    stated = facts.duration or measured(path, stream, most, limits.timeout)
    _check_length(path, max(stated, offset), limits)
    longest = min(most, max(stated, offset) * _MORE + _SOME)
    plan = _Plan(path, stream, offset, _mix(stream), longest, math.ceil(longest * first.sample_rate), most)
    done, length, cut = _decode(plan, first, wav44, wav16, limits.timeout, warn)
    if cut and longest < most:
        _check_length(path, measured(path, stream, most, limits.timeout), limits)
        plan = plan._replace(longest=most, samples=math.ceil(most * first.sample_rate))
        done, length, cut = _decode(plan, first, wav44, wav16, limits.timeout, warn)
    if length == 0:
        raise undecodable(path, done, stream.codec)
    _check_length(path, most if cut else length, limits)
    facts = facts._replace(duration=stated_duration(path, facts, length))
    check_whole(path, facts, stream.number, length, limits.timeout, warn)
    check_damage(path, _heard(done, first, offset, length), warn)
    return Recording(
        duration=length,
        sample_rate=first.sample_rate,
        channels=first.channels,
        codec=stream.codec,
        container=facts.container,
        stream_index=stream.number,
        audio_streams=len(facts.streams),
        audio_offset=round(offset, 6) + 0.0,  # no minus zero
        media_duration=facts.duration,
    )


def _mix(stream: AudioStream) -> str:
    """The sum of the stream's channels to take, or none where ffmpeg's own mixing is right."""
    if not stream.layout.endswith("channels"):
        return ""
    share = 1 / stream.channels
    return "+".join(f"{share:.6f}*c{channel}" for channel in range(stream.channels))


def _decode(
    plan: _Plan, first: FirstSound, wav44: Path, wav16: Path, timeout: float, warn: Callable[[str], None]
) -> _Sound:
    """Writes both WAVs; two channels that cancel each other are written anew, and `warn` is told."""
    done = _run(plan, wav44, wav16, timeout)
    if first.channels == 2 and _cancelled(done):
        warn(f"the two channels of {shown(plan.path.name)} cancel each other: the first was taken alone")
        done = _run(plan._replace(mix="c0"), wav44, wav16, timeout)
    length = wav_duration(wav44)
    return _Sound(done, length, length > plan.longest - 1 or _samples(done) >= plan.samples)


def _run(plan: _Plan, wav44: Path, wav16: Path, timeout: float) -> Run:
    program = ["-y", "-cpuflags", "0", "-filter_complex_threads", "1", "-max_error_rate", "1"]
    done = run([*program, *_arguments(plan, wav44, wav16)], shown(plan.path.name), timeout, wanted=_METER)
    check_run(plan.path, done)
    return done


def _arguments(plan: _Plan, wav44: Path, wav16: Path) -> list[str]:
    """ffmpeg's arguments: one decode, the levels of its first channel and of the mix, two WAVs.

    Decoders give frames of some 20 ms, and handing one from filter to encoder to writer costs more than what is
    done to it: they are put together as soon as their time stamps have been read.
    """
    import ffmpeg

    source = ffmpeg.input(
        url(plan.path), **INPUT_OPTIONS, vn=None, sn=None, dn=None, dts_delta_threshold=math.ceil(plan.leap)
    )
    # relative to the first frame: a change of format on the way starts these filters anew
    sound = source[str(plan.stream.number)].filter("asetpts", f"PTS-STARTPTS+({plan.offset:.6f})/TB")
    sound = sound.filter("atrim", end_sample=plan.samples)
    levels, sound = _both(sound)
    levels = levels.filter("pan", args="mono|c0=c0").filter("asetnsamples", _FRAME, p=0)
    if plan.mix:
        sound = sound.filter("pan", args=f"mono|c0={plan.mix}")
    sound = sound.filter("aresample", **{"async": 1}, min_hard_comp=_STRAY, first_pts=0, rematrix_maxval=1)
    sound = sound.filter("aformat", sample_fmts="fltp", channel_layouts="mono").filter("asetnsamples", _FRAME, p=0)
    released, models = _both(sound)
    outputs = [
        _wav(released.filter("aresample", RATES[0]), wav44, plan.longest),
        _wav(_measured(models.filter("aresample", RATES[1]), "mix"), wav16, plan.longest),
        ffmpeg.output(_measured(levels, "first"), "-", format="null"),
        # its writer names time stamps that do not rise as faults
        ffmpeg.output(source[str(plan.stream.number)], "-", format="null", acodec="copy", t=f"{plan.longest:.3f}"),
    ]
    compiled: list[str] = ffmpeg.merge_outputs(*outputs).compile()
    return compiled[1:]


def _both(sound: Any) -> tuple[Any, Any]:
    split = sound.filter_multi_output("asplit")
    return split[0], split[1]


def _measured(sound: Any, name: str) -> Any:
    return sound.filter("aformat", sample_fmts="s16").filter(f"{_METER}{name}")


def _wav(sound: Any, path: Path, longest: float) -> Any:
    """A WAV of plain 44-byte header: no name of a tool, no title of the source."""
    import ffmpeg

    options = {"flags:a": "+bitexact", "fflags": "+bitexact", "map_metadata": -1, "map_chapters": -1}
    return ffmpeg.output(sound, url(path), format="wav", acodec="pcm_s16le", t=f"{longest:.3f}", **options)


def _measure(done: Run, name: str, what: str) -> list[float]:
    """What the level meter called `name` says of `what`; once for each format on the way."""
    texts = [line.text for line in done.log if line.source == f"{_METER}{name}"]
    return [float(found[1]) for text in texts if (found := re.match(rf"{what}: (-?[\d.]+)", text))]


def _cancelled(done: Run) -> bool:
    """Whether a mix of two channels is far weaker than that of any two unrelated channels (3 dB)."""
    first, mix = _measure(done, "first", "mean_volume"), _measure(done, "mix", "mean_volume")
    return bool(first and mix) and first[-1] - mix[-1] > 10 * math.log10(2) + _CANCELLED


def _samples(done: Run) -> float:
    """How many samples the decoder gave of each channel."""
    return sum(_measure(done, "first", "n_samples"))


def _heard(done: Run, first: FirstSound, offset: float, length: float) -> Heard:
    span = length - max(offset, 0.0)
    given = _samples(done) / first.sample_rate + min(offset, 0.0)  # what precedes second 0 is cut off
    formats = sum(count > 0 for count in _measure(done, "first", "n_samples"))
    return Heard(given if formats == 1 else min(given, span), span, len(done.faults))


def _check_length(path: Path, seconds: float, limits: Extract) -> None:
    if seconds > limits.max_duration:
        what = f"{shown(path.name)} lasts {seconds:.0f} s, longer than extract.max_duration ({limits.max_duration:g} s)"
        raise MediaError(what, "raise that setting, or cut the recording")
    if seconds > _WAV_LIMIT:
        raise MediaError(f"{shown(path.name)} lasts {seconds / 3600:.1f} hours, more than a WAV can hold", "cut it")
