"""Decodes a file's audio once into two WAVs on the video's clock.

The clock: second 0 is the earliest timestamp of the file (of video or audio, but not before timestamp 0), as
players show it. Audio that starts later is preceded by silence, audio from before is cut. Gaps in the timestamps
are filled with silence, so that audio and video stay within `_MAX_DRIFT`; backward steps, where recordings were
joined, are ignored.

Mixing: stereo is averaged; surround is mixed down with ffmpeg's default weights, scaled so that nothing clips;
channels without a stated layout (several microphones) are averaged. If two channels cancel each other, as with
inverted polarity, the first one is used alone.

The output does not depend on the CPU (vector instructions are off: their rounding differs) nor on the number of
cores, but on ffmpeg's version.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.balance import RATE as CHANNELS_RATE
from imigue_build.backends.media.ffmpeg.command import INPUT_OPTIONS, Run, Tool, find_ffmpeg, run, url
from imigue_build.backends.media.ffmpeg.damage import Coverage, check_complete, check_damage, check_run, stated_duration
from imigue_build.backends.media.ffmpeg.probe import AudioStream, FirstFrame, first_frame, measured, probe, undecodable
from imigue_build.core.errors import MediaError
from imigue_build.core.records import Recording
from imigue_build.core.untrusted.files import shown
from imigue_build.core.wav import duration as wav_duration

if TYPE_CHECKING:
    from imigue_build.config import Extract

log = logging.getLogger(__name__)

RATES: Final = (44_100, 16_000)
"""Sample rates of the two WAVs in Hz: the released one's, and the models'."""

_MAX_DRIFT: Final = 0.04
"""Seconds that timestamps may differ from the sample count before silence is inserted or audio is dropped: one
frame of a 25 fps video, and above the jitter of containers with millisecond timestamps."""

_WAV_LIMIT: Final = 13.5 * 3600
"""Seconds at 44.1 kHz that the 32-bit sizes of a WAV can hold."""

_FRAME: Final = 16_384
"""Samples per frame in filters, encoders and writers."""

_ROUGH: Final = 4
"""Taps of the filter before both channels are measured, where aliases do no harm."""

_METER: Final = "volumedetect@"
_CANCELLED: Final = 10.0
"""Decibels by which a mix must be weaker than a mix of unrelated channels to count as cancelled."""


_DURATION_FACTOR: Final = 1.5
_DURATION_MARGIN: Final = 60.0
"""At first a file is decoded up to `_DURATION_FACTOR` times its stated duration plus `_DURATION_MARGIN` seconds.
Only if it has more, its packets are counted: a file may state little and hold hours of silence."""


class _Plan(NamedTuple):
    """How a stream is decoded.

    `offset` is its start on the clock, `mix` the sum of channels, `channels` where both of two are written,
    `max_seconds` and `max_samples` the limits on what is written and decoded; timestamp steps of more than
    `max_step` seconds are errors.
    """

    path: Path
    stream: AudioStream
    offset: float
    mix: str
    channels: Path | None
    max_seconds: float
    max_samples: int
    max_step: float


class _Decoded(NamedTuple):
    """A finished decode: ffmpeg's output, seconds written, and whether a limit of the plan was reached."""

    done: Run
    length: float
    cut: bool


def decode(
    path: Path,
    wav44: Path,
    wav16: Path,
    limits: Extract,
    *,
    channels: Path | None = None,
    warn: Callable[[str], None] = log.warning,
) -> Recording:
    """Writes the best audio stream of a file as 16-bit mono PCM at 44.1 and at 16 kHz.

    `channels` is where, of a stream of two channels, both are written as `channel_balance` reads them.

    `warn` gets what a reader of the WAVs should know. After an error the caller removes what was written.

    Raises:
        MediaError: If the file is not media, has no audio, is truncated or damaged, is longer than
            `limits.max_duration` or takes longer than `limits.timeout`.
        StoreError: If the WAVs cannot be written, as when the disk is full.
        BackendError: If the ffmpeg that `limits.ffmpeg` names, or the bundled one, does not work.
    """
    tool = Tool(find_ffmpeg(limits.ffmpeg), limits.timeout)
    info = probe(path, tool)
    stream = info.best
    first = first_frame(path, stream, tool)
    offset = first.time - info.start
    max_length = min(limits.max_duration, _WAV_LIMIT) + 1
    stated = info.duration or measured(path, stream, max_length, tool)
    _check_length(path, max(stated, offset), limits)
    length_limit = min(max_length, max(stated, offset) * _DURATION_FACTOR + _DURATION_MARGIN)
    max_samples = math.ceil(length_limit * first.sample_rate)
    both = channels if first.channels == 2 else None
    plan = _Plan(path, stream, offset, _mix(stream), both, length_limit, max_samples, max_length)
    done, length, cut = _decode(plan, first, wav44, wav16, tool, warn)
    if cut and length_limit < max_length:
        _check_length(path, measured(path, stream, max_length, tool), limits)
        plan = plan._replace(max_seconds=max_length, max_samples=math.ceil(max_length * first.sample_rate))
        done, length, cut = _decode(plan, first, wav44, wav16, tool, warn)
    if length == 0:
        raise undecodable(path, done, stream.codec)
    _check_length(path, max_length if cut else length, limits)
    info = info._replace(duration=stated_duration(path, info, length))
    check_complete(path, info, stream.number, length, tool, warn)
    check_damage(path, _coverage(done, first, offset, length), warn)
    return Recording(
        duration=length,
        sample_rate=first.sample_rate,
        channels=first.channels,
        codec=stream.codec,
        container=info.container,
        stream_index=stream.number,
        audio_streams=len(info.streams),
        audio_offset=round(offset, 6) + 0.0,  # avoids -0.0
        media_duration=info.duration,
    )


def _mix(stream: AudioStream) -> str:
    """The weighted sum of the stream's channels; empty if ffmpeg's own mixing is right."""
    if not stream.layout.endswith("channels"):
        return ""
    weight = 1 / stream.channels
    return "+".join(f"{weight:.6f}*c{channel}" for channel in range(stream.channels))


def _decode(
    plan: _Plan, first: FirstFrame, wav44: Path, wav16: Path, tool: Tool, warn: Callable[[str], None]
) -> _Decoded:
    """Writes both WAVs; if two channels cancel each other, they are written again from the first, with a warning."""
    done = _run(plan, wav44, wav16, tool)
    if first.channels == 2 and _cancelled(done):
        warn(f"the two channels of {shown(plan.path.name)} cancel each other: only the first is used")
        done = _run(plan._replace(mix="c0"), wav44, wav16, tool)
    length = wav_duration(wav44)
    return _Decoded(done, length, length > plan.max_seconds - 1 or _samples(done) >= plan.max_samples)


def _run(plan: _Plan, wav44: Path, wav16: Path, tool: Tool) -> Run:
    options = ["-y", "-cpuflags", "0", "-filter_complex_threads", "1", "-max_error_rate", "1"]
    done = run(tool, [*options, *_arguments(plan, wav44, wav16)], shown(plan.path.name), keep=_METER)
    check_run(plan.path, done)
    return done


def _arguments(plan: _Plan, wav44: Path, wav16: Path) -> list[str]:
    """ffmpeg's arguments: one decode, the levels of its first channel and of the mix, two WAVs, perhaps both channels.

    Decoders give frames of about 20 ms, and passing them between filters costs more than filtering: they are
    merged into larger ones once their timestamps have been read.
    """
    import ffmpeg

    source = ffmpeg.input(
        url(plan.path), **INPUT_OPTIONS, vn=None, sn=None, dn=None, dts_delta_threshold=math.ceil(plan.max_step)
    )
    # relative to the first frame: a change of format restarts these filters
    sound = source[str(plan.stream.number)].filter("asetpts", f"PTS-STARTPTS+({plan.offset:.6f})/TB")
    sound = sound.filter("atrim", end_sample=plan.max_samples)
    levels, sound = _split(sound)
    levels = levels.filter("pan", args="mono|c0=c0").filter("asetnsamples", _FRAME, p=0)
    outputs = []
    if plan.channels:
        both, sound = _split(sound)
        both = _on_the_clock(both, "stereo").filter("aresample", CHANNELS_RATE, filter_size=_ROUGH)
        outputs.append(ffmpeg.output(both, url(plan.channels), format="s16le", t=f"{plan.max_seconds:.3f}"))
    if plan.mix:
        sound = sound.filter("pan", args=f"mono|c0={plan.mix}")
    sound = _on_the_clock(sound, "mono")
    released, models = _split(sound)
    outputs += [
        _wav(released.filter("aresample", RATES[0]), wav44, plan.max_seconds),
        _wav(_metered(models.filter("aresample", RATES[1]), "mix"), wav16, plan.max_seconds),
        ffmpeg.output(_metered(levels, "first"), "-", format="null"),
        # its muxer reports timestamps that do not increase as errors
        ffmpeg.output(source[str(plan.stream.number)], "-", format="null", acodec="copy", t=f"{plan.max_seconds:.3f}"),
    ]
    compiled: list[str] = ffmpeg.merge_outputs(*outputs).compile()
    return compiled[1:]


def _on_the_clock(sound: Any, layout: str) -> Any:
    """Without gaps, from second 0."""
    sound = sound.filter("aresample", **{"async": 1}, min_hard_comp=_MAX_DRIFT, first_pts=0, rematrix_maxval=1)
    return sound.filter("aformat", sample_fmts="fltp", channel_layouts=layout).filter("asetnsamples", _FRAME, p=0)


def _split(sound: Any) -> tuple[Any, Any]:
    outputs = sound.filter_multi_output("asplit")
    return outputs[0], outputs[1]


def _metered(sound: Any, name: str) -> Any:
    return sound.filter("aformat", sample_fmts="s16").filter(f"{_METER}{name}")


def _wav(sound: Any, path: Path, max_seconds: float) -> Any:
    """A WAV with a plain 44-byte header: no encoder name, no metadata of the source."""
    import ffmpeg

    options = {"flags:a": "+bitexact", "fflags": "+bitexact", "map_metadata": -1, "map_chapters": -1}
    return ffmpeg.output(sound, url(path), format="wav", acodec="pcm_s16le", t=f"{max_seconds:.3f}", **options)


def _meter_values(done: Run, name: str, quantity: str) -> list[float]:
    """The values of a quantity from the level meter `name`; one for each audio format in the file."""
    texts = [line.text for line in done.log if line.source == f"{_METER}{name}"]
    return [float(match[1]) for text in texts if (match := re.match(rf"{quantity}: (-?[\d.]+)", text))]


def _cancelled(done: Run) -> bool:
    """Whether a mix of two channels is far weaker than a mix of unrelated channels (-3 dB)."""
    first, mix = _meter_values(done, "first", "mean_volume"), _meter_values(done, "mix", "mean_volume")
    return bool(first and mix) and first[-1] - mix[-1] > 10 * math.log10(2) + _CANCELLED


def _samples(done: Run) -> float:
    """The number of decoded samples per channel."""
    return sum(_meter_values(done, "first", "n_samples"))


def _coverage(done: Run, first: FirstFrame, offset: float, length: float) -> Coverage:
    span = length - max(offset, 0.0)
    decoded = _samples(done) / first.sample_rate + min(offset, 0.0)  # audio before second 0 is cut
    formats = sum(count > 0 for count in _meter_values(done, "first", "n_samples"))
    return Coverage(decoded if formats == 1 else min(decoded, span), span, len(done.errors))


def _check_length(path: Path, seconds: float, limits: Extract) -> None:
    if seconds > limits.max_duration:
        message = f"{shown(path.name)} lasts {seconds:.0f} s"
        raise MediaError(
            f"{message}, longer than extract.max_duration ({limits.max_duration:g} s)",
            "raise that setting, or cut the recording",
        )
    if seconds > _WAV_LIMIT:
        raise MediaError(f"{shown(path.name)} lasts {seconds / 3600:.1f} hours, more than a WAV can hold", "cut it")
