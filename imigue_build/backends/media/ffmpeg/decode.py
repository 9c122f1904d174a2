"""Decodes a file's audio into two WAVs on the video's clock.

The clock: second 0 is the earliest timestamp of the file (of video or audio), as players show it. Audio that starts
later is preceded by silence; an encoder's priming before timestamp 0 is cut.

Tracks: where several may hold the interview, all are compared first, and those that hold different voices are mixed.

Mixing: stereo is averaged; surround is mixed down with ffmpeg's default weights, scaled so that nothing clips;
channels without a stated layout (several microphones) are averaged. The channels are compared once they are decoded:
if some hold no speech, or cancel each other, the file is decoded again with another mix.

The output does not depend on the CPU (vector instructions are off: their rounding differs) nor on the number of
cores, but on ffmpeg's version.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.channels import MOST_CHANNELS, Mix
from imigue_build.backends.media.ffmpeg.choice import Choice, channels_of, choose, compare, length_of
from imigue_build.backends.media.ffmpeg.command import Run, Tool, find_ffmpeg, run
from imigue_build.backends.media.ffmpeg.damage import (
    ClockLeapError,
    Coverage,
    check_complete,
    check_damage,
    check_run,
    stated_duration,
)
from imigue_build.backends.media.ffmpeg.graph import METER, OPTIONS, Plan, Track, decoding, meter
from imigue_build.backends.media.ffmpeg.probe import MediaInfo, measured, probe, undecodable
from imigue_build.backends.media.ffmpeg.sound import Raw, write_mixes
from imigue_build.core.errors import MediaError
from imigue_build.core.records import Recording
from imigue_build.core.untrusted.files import shown
from imigue_build.core.wav import duration as wav_duration

if TYPE_CHECKING:
    from imigue_build.config import Extract

log = logging.getLogger(__name__)

_WAV_LIMIT: Final = 13.5 * 3600
"""Seconds at 44.1 kHz that the 32-bit sizes of a WAV can hold."""

_DISCONTINUITY: Final = 10.0
"""Seconds by which the clock of a broadcast leaps where it is set anew, as ffmpeg takes it."""

_DURATION_FACTOR: Final = 1.5
_DURATION_MARGIN: Final = 60.0
"""At first a file is decoded up to `_DURATION_FACTOR` times its stated duration plus `_DURATION_MARGIN` seconds.
Only if it has more, its packets are counted: a file may state little and hold hours of silence."""


class _Decoded(NamedTuple):
    """A finished decode: how it was made, ffmpeg's output, seconds written, and whether a limit was reached.

    `mix` is how the channels of a single track are mixed, if they were compared.
    """

    plan: Plan
    done: Run
    length: float
    cut: bool
    mix: Mix | None


def decode(
    path: Path,
    wav44: Path,
    wav16: Path,
    limits: Extract,
    *,
    channels: Path | None = None,
    warn: Callable[[str], None] = log.warning,
) -> Recording:
    """Writes the interview's audio as 16-bit mono PCM at 44.1 and at 16 kHz.

    `channels` is where two channels, or tracks, that both hold speech are written as `channel_balance` reads them.

    `warn` gets what a reader of the WAVs should know. After an error the caller removes what was written.

    Raises:
        MediaError: If the file is not media, has no audio or not the tracks and channels that `limits` names, is
            truncated or damaged, is longer than `limits.max_duration` or takes longer than `limits.timeout`.
        StoreError: If the WAVs cannot be written, as when the disk is full.
        BackendError: If the ffmpeg that `limits.ffmpeg` names, or the bundled one, does not work.
    """
    tool = Tool(find_ffmpeg(limits.ffmpeg), limits.timeout)
    info = probe(path, tool)
    choice = choose(path, info, limits, tool)
    try:
        return _whole(path, wav44, wav16, limits, info, choice, None, channels, tool, warn)
    except ClockLeapError:
        if not info.container.startswith("mpeg"):
            raise
    warn(f"the clock of {shown(path.name)} is set anew midway: what follows comes right after it, without a gap")
    info = info._replace(duration=None)  # it is of the clock
    return _whole(path, wav44, wav16, limits, info, choice, _DISCONTINUITY, channels, tool, warn)


def _whole(
    path: Path,
    wav44: Path,
    wav16: Path,
    limits: Extract,
    info: MediaInfo,
    choice: Choice,
    max_step: float | None,
    channels: Path | None,
    tool: Tool,
    warn: Callable[[str], None],
) -> Recording:
    """Both WAVs of the tracks, or of those of them that hold the interview; `max_step` as in `Plan`, if less."""
    start = max(track.offset for track in choice.tracks)
    max_length = min(limits.max_duration, _WAV_LIMIT) + 1
    stated = max(info.duration or measured(path, choice.tracks[0].stream, max_length, tool), start)
    _check_length(path, stated, limits)
    length_limit = min(max_length, stated * _DURATION_FACTOR + _DURATION_MARGIN)
    plan = Plan(path, choice.tracks, None, length_limit, max_step or max_length)
    with _raw_files(wav16, len(plan.tracks) + 1) as (mixed, *raw):
        choice = compare(plan, choice, raw, mixed, info, limits, tool)
        plan = plan._replace(tracks=choice.tracks)
        decoded = _decode(plan, raw[0], limits, wav44, wav16, tool)
        if decoded.cut and length_limit < max_length:
            _check_length(path, measured(path, plan.tracks[0].stream, max_length, tool), limits)
            decoded = _decode(plan._replace(max_seconds=max_length), raw[0], limits, wav44, wav16, tool)
        if channels:
            _write_channels(decoded, choice, raw[0], channels)
        lengths = [length_of(file) for file in choice.raw] if len(choice.tracks) > 1 else [decoded.length]
    if decoded.length == 0:
        raise undecodable(path, decoded.done, plan.tracks[0].stream.codec)
    _check_length(path, max_length if decoded.cut else decoded.length, limits)
    return _checked(decoded, choice, lengths, info, tool, warn)


def _decode(plan: Plan, raw: Path, limits: Extract, wav44: Path, wav16: Path, tool: Tool) -> _Decoded:
    """Writes both WAVs; if its channels hold no speech or cancel each other, with another mix of them."""
    first, mix = plan.tracks[0], None
    if len(plan.tracks) == 1 and 2 <= first.first.channels <= MOST_CHANNELS:
        plan = plan._replace(channels=raw)
    done = _run(plan, wav44, wav16, tool)
    if plan.channels:
        mix = channels_of(first, Raw(raw, first.compared), limits)
        if mix.reason:
            plan = plan._replace(tracks=(first.mixed(mix),), channels=None)
            done = _run(plan, wav44, wav16, tool)
    length = wav_duration(wav44)
    cut = length > plan.max_seconds - 1 or sum(_sample_counts(done, 0)) >= plan.max_samples(first)
    return _Decoded(plan, done, length, cut, mix)


def _run(plan: Plan, wav44: Path, wav16: Path, tool: Tool) -> Run:
    done = run(tool, [*OPTIONS, *decoding(plan, wav44, wav16)], shown(plan.path.name), keep=METER)
    check_run(plan.path, done)
    return done


def _write_channels(decoded: _Decoded, choice: Choice, raw: Path, channels: Path) -> None:
    """Writes the sound of two tracks, or of the two channels of a track that hold speech; of other numbers nothing."""
    import numpy as np

    if len(choice.tracks) == 2:
        write_mixes(choice.raw, choice.weights, channels)
    elif decoded.mix and len(decoded.mix.speaking) == 2:
        count = len(decoded.mix.weights)
        if count == 2:
            raw.replace(channels)
        else:
            write_mixes([Raw(raw, count)], np.eye(count)[list(decoded.mix.speaking)], channels)


@contextmanager
def _raw_files(beside: Path, count: int) -> Iterator[list[Path]]:
    """So many files for raw sound, which are removed in the end."""
    files = [beside.with_name(f"{beside.name}.{number}.raw") for number in range(count)]
    try:
        yield files
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _checked(
    decoded: _Decoded, choice: Choice, lengths: list[float], info: MediaInfo, tool: Tool, warn: Callable[[str], None]
) -> Recording:
    """What was decoded, once it is known to be whole; `lengths` are the tracks' seconds."""
    path, (first, *_), length = decoded.plan.path, decoded.plan.tracks, decoded.length
    name = shown(path.name)
    below = f"the clock of {name} begins {-info.start:.1f} s before time stamp 0: its second 0 is there, nothing is cut"
    mix = decoded.mix.text(name) if decoded.mix else ""
    for warning in (below if info.start < 0 else "", choice.text(info, name), *choice.warnings(info, name), mix):
        if warning:
            warn(warning)
    info = info._replace(duration=stated_duration(path, info, length))
    check_complete(path, info, first.stream.number, length, tool, warn)
    for number, (track, seconds) in enumerate(zip(decoded.plan.tracks, lengths, strict=True)):
        which = f"audio track {info.streams.index(track.stream) + 1} of {name}" if len(lengths) > 1 else name
        check_damage(which, _coverage(decoded.done, number, track, seconds), warn)
    return Recording(
        duration=length,
        sample_rate=first.first.sample_rate,
        channels=first.first.channels,
        codec=first.stream.codec,
        container=info.container,
        stream_index=first.stream.number,
        audio_streams=len(info.streams),
        audio_offset=round(first.offset, 6) + 0.0,  # avoids -0.0
        media_duration=info.duration,
        tracks_used=choice.numbers(info),
        channels_used=first.channels_used,
        reasons=tuple(filter(None, (choice.reason, *choice.reasons, decoded.mix.reason if decoded.mix else ""))),
    )


def _sample_counts(done: Run, number: int) -> list[int]:
    """The number of decoded samples per channel of a track; one for each audio format in it."""
    texts = [line.text for line in done.log if line.source == meter(number)]
    return [int(match[1]) for text in texts if (match := re.match(r"n_samples: (\d+)", text))]


def _coverage(done: Run, number: int, track: Track, length: float) -> Coverage:
    counts, span = _sample_counts(done, number), length - max(track.offset, 0.0)
    decoded = sum(counts) / track.first.sample_rate + min(track.offset, 0.0)  # audio before second 0 is cut
    one_format = sum(count > 0 for count in counts) == 1
    return Coverage(decoded if one_format else min(decoded, span), span, len(done.errors))


def _check_length(path: Path, seconds: float, limits: Extract) -> None:
    if seconds > limits.max_duration:
        message = f"{shown(path.name)} lasts {seconds:.0f} s"
        raise MediaError(
            f"{message}, longer than extract.max_duration ({limits.max_duration:g} s)",
            "raise that setting, or cut the recording",
        )
    if seconds > _WAV_LIMIT:
        raise MediaError(f"{shown(path.name)} lasts {seconds / 3600:.1f} hours, more than a WAV can hold", "cut it")
