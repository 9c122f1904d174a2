"""ffmpeg's arguments for decoding tracks of a file on the clock of its video.

Gaps in the timestamps are filled with silence, so that audio and video stay within `_MAX_DRIFT`; backward steps,
where recordings were joined, are ignored. Decoders give frames of about 20 ms, and passing them between filters costs
more than filtering: they are merged into larger ones once their timestamps have been read.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.channels import MOST_CHANNELS
from imigue_build.backends.media.ffmpeg.command import INPUT_OPTIONS, url
from imigue_build.backends.media.ffmpeg.probe import AudioStream, FirstFrame
from imigue_build.backends.media.ffmpeg.sound import RATE as CHANNELS_RATE

if TYPE_CHECKING:
    from imigue_build.backends.media.ffmpeg.channels import Mix

OPTIONS: Final = ("-y", "-cpuflags", "0", "-filter_complex_threads", "1", "-max_error_rate", "1")
"""Before the arguments of a decode; vector instructions are off."""
RATES: Final = (44_100, 16_000)
"""Sample rates of the two WAVs in Hz: the released one's, and the models'."""
METER: Final = "volumedetect"
"""The filter that counts samples."""

_MAX_DRIFT: Final = 0.04
"""Seconds that timestamps may differ from the sample count before silence is inserted or audio is dropped: one
frame of a 25 fps video, and above the jitter of containers with millisecond timestamps."""

_FRAME: Final = 16_384
"""Samples per frame in filters, encoders and writers."""

_ROUGH: Final = 4
"""Taps of the filter before channels are compared, where aliases do no harm."""

_NEVER: Final = 1e9
"""Seconds in which a mix of tracks gets louder where one of them has ended."""


class Track(NamedTuple):
    """An audio stream that is decoded, its first frame, and where that lies on the clock in seconds.

    `weights` are those of its channels; ffmpeg's own mix if there are none.
    """

    stream: AudioStream
    first: FirstFrame
    offset: float
    weights: tuple[float, ...] = ()

    @property
    def separate(self) -> bool:
        """Whether its channels are microphones, not a surround."""
        return self.stream.layout.endswith("channels")

    @property
    def compared(self) -> int:
        """How many channels are compared: all, or their mix if they are too many."""
        return self.first.channels if self.first.channels <= MOST_CHANNELS else 1

    @property
    def channels_used(self) -> tuple[int, ...]:
        """The numbers of the channels that are mixed, from 1; negative where they are inverted."""
        if not self.weights:
            return tuple(range(1, self.first.channels + 1))
        return tuple(number if weight > 0 else -number for number, weight in enumerate(self.weights, 1) if weight)

    def mixed(self, mix: Mix) -> Track:
        """Mixed so, if there is a reason for it."""
        return self._replace(weights=mix.weights) if mix.reason else self


class Plan(NamedTuple):
    """How tracks are decoded.

    `channels` is where the channels of a single track are written, raw. At most `max_seconds` are decoded and written,
    and larger timestamp steps than `max_step` seconds are errors.
    """

    path: Path
    tracks: tuple[Track, ...]
    channels: Path | None
    max_seconds: float
    max_step: float

    def max_samples(self, track: Track) -> int:
        return math.ceil(self.max_seconds * track.first.sample_rate)


def decoding(plan: Plan, wav44: Path, wav16: Path) -> list[str]:
    """One decode: the samples of each track counted, two WAVs of the tracks' mean, perhaps a single one's channels."""
    import ffmpeg

    source = _source(plan)
    outputs, sounds = [], []
    for number, track in enumerate(plan.tracks):
        counted, sound = _split(_decoded(source, plan, track))
        counted = counted.filter("asetnsamples", _FRAME, p=0).filter("pan", args="mono|c0=c0")
        counted = counted.filter("aformat", sample_fmts="s16").filter(meter(number))
        if plan.channels:
            channels, sound = _split(sound)
            outputs.append(_raw_channels(channels, track, plan.channels, plan.max_seconds))
        sounds.append(_mixed(sound, track))
        outputs += [
            ffmpeg.output(counted, "-", format="null"),
            # its muxer reports timestamps that do not increase as errors
            ffmpeg.output(
                source[str(track.stream.number)], "-", format="null", acodec="copy", t=f"{plan.max_seconds:.3f}"
            ),
        ]
    released, models = _split(sounds[0] if len(sounds) == 1 else _mean(sounds))
    outputs += [
        _wav(released.filter("aresample", RATES[0]), wav44, plan.max_seconds),
        _wav(models.filter("aresample", RATES[1]), wav16, plan.max_seconds),
    ]
    compiled: list[str] = ffmpeg.merge_outputs(*outputs).compile()
    return compiled[1:]


def comparing(plan: Plan, files: list[Path]) -> list[str]:
    """One decode of all tracks, of each the channels, or the mix of too many, written raw at a low rate."""
    import ffmpeg

    source = _source(plan)
    outputs = [
        _raw_channels(_decoded(source, plan, track), track, file, plan.max_seconds)
        for track, file in zip(plan.tracks, files, strict=True)
    ]
    compiled: list[str] = ffmpeg.merge_outputs(*outputs).compile()
    return compiled[1:]


def meter(number: int) -> str:
    """The filter that counts the samples of a track of the plan, by its number from 0."""
    return f"{METER}@{number}"


def weighted(weights: tuple[float, ...]) -> str:
    """A weighted sum of channels, as ffmpeg's filter `pan` takes it."""
    return "+".join(f"{weight:.6f}*c{channel}" for channel, weight in enumerate(weights) if weight)


def _source(plan: Plan) -> Any:
    import ffmpeg

    options = {"vn": None, "sn": None, "dn": None, "dts_delta_threshold": math.ceil(plan.max_step)}
    return ffmpeg.input(url(plan.path), **INPUT_OPTIONS, **options)


def _decoded(source: Any, plan: Plan, track: Track) -> Any:
    # relative to the first frame: a change of format restarts these filters
    sound = source[str(track.stream.number)].filter("asetpts", f"PTS-STARTPTS+({track.offset:.6f})/TB")
    return sound.filter("atrim", end_sample=plan.max_samples(track))


def _mixed(sound: Any, track: Track) -> Any:
    if track.weights:
        sound = sound.filter("pan", args=f"mono|c0={weighted(track.weights)}")
    return _on_the_clock(sound, "mono")


def _raw_channels(sound: Any, track: Track, path: Path, max_seconds: float) -> Any:
    layout = {1: "mono", 2: "stereo"}.get(track.compared, "")
    return _raw(_mixed(sound, track) if track.compared == 1 else _on_the_clock(sound, layout), path, max_seconds)


def _on_the_clock(sound: Any, layout: str) -> Any:
    """Without gaps, from second 0; the channels as they are where no layout is named."""
    sound = sound.filter("aresample", **{"async": 1}, min_hard_comp=_MAX_DRIFT, first_pts=0, rematrix_maxval=1)
    layouts = {"channel_layouts": layout} if layout else {}
    return sound.filter("aformat", sample_fmts="fltp", **layouts).filter("asetnsamples", _FRAME, p=0)


def _mean(sounds: list[Any]) -> Any:
    import ffmpeg

    return ffmpeg.filter(sounds, "amix", inputs=len(sounds), duration="longest", dropout_transition=_NEVER)


def _split(sound: Any) -> tuple[Any, Any]:
    outputs = sound.filter_multi_output("asplit")
    return outputs[0], outputs[1]


def _raw(sound: Any, path: Path, max_seconds: float) -> Any:
    import ffmpeg

    sound = sound.filter("aresample", CHANNELS_RATE, filter_size=_ROUGH)
    return ffmpeg.output(sound, url(path), format="s16le", t=f"{max_seconds:.3f}")


def _wav(sound: Any, path: Path, max_seconds: float) -> Any:
    """A WAV with a plain 44-byte header: no encoder name, no metadata of the source."""
    import ffmpeg

    options = {"flags:a": "+bitexact", "fflags": "+bitexact", "map_metadata": -1, "map_chapters": -1}
    return ffmpeg.output(sound, url(path), format="wav", acodec="pcm_s16le", t=f"{max_seconds:.3f}", **options)
