"""Which tracks and channels of a file are decoded: those that the settings name, or those that hold the interview."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.channels import MOST_CHANNELS, read_sound, tracks_of
from imigue_build.backends.media.ffmpeg.command import Tool, run
from imigue_build.backends.media.ffmpeg.damage import check_run
from imigue_build.backends.media.ffmpeg.graph import OPTIONS, Plan, Track, comparing
from imigue_build.backends.media.ffmpeg.probe import AudioStream, FirstFrame, MediaInfo, first_frames
from imigue_build.backends.media.ffmpeg.tracks import Candidates, candidates, numbered
from imigue_build.core.errors import MediaError
from imigue_build.core.untrusted.files import shown

if TYPE_CHECKING:
    from imigue_build.config import Extract

_SHORTER: Final = 0.9
"""Share of the longest track's length that a track must have to be mixed with it."""


class Choice(NamedTuple):
    """The tracks that are decoded, the preferred one first, and why others are not; empty if settings name them.

    `raw` are the files of several tracks' sound.
    """

    tracks: tuple[Track, ...]
    reason: str = ""
    raw: tuple[Path, ...] = ()

    def text(self, info: MediaInfo, name: str) -> str:
        """What a user should know of the choice, empty if there was none."""
        if len(info.streams) == 1 or not (self.reason or len(self.tracks) > 1):
            return ""
        numbers = ", ".join(map(str, self.numbers(info)))
        used = f"s {numbers} are mixed" if len(self.tracks) > 1 else f" {numbers} is used"
        left_out = f", left out: {self.reason}" if self.reason else ""
        return f"{name} has {len(info.streams)} audio tracks: track{used}{left_out}; extract.streams chooses others"

    def numbers(self, info: MediaInfo) -> tuple[int, ...]:
        """The tracks' numbers among the audio tracks of the file, from 1."""
        return tuple(sorted(info.streams.index(track.stream) + 1 for track in self.tracks))


def choose(path: Path, info: MediaInfo, settings: Extract, tool: Tool) -> Choice:
    """The tracks that the settings name, or that may hold the interview by what the file says of them.

    Raises:
        MediaError: If the file has none of that number, too few channels in it, or nothing that can be decoded.
        BackendError: If ffmpeg cannot be started.
    """
    if isinstance(settings.streams, tuple):
        found = Candidates(numbered(info.streams, settings.streams, shown(path.name)), "")
    elif settings.streams == "auto":
        found = candidates(info.streams, settings.language)
    else:
        found = Candidates(info.streams, "")
    if len(found.tracks) > MOST_CHANNELS:
        message = f"{len(found.tracks) - 1} of {len(found.tracks)} that are too many to be compared"
        found = Candidates(found.tracks[:1], message)
    try:
        firsts = first_frames(path, found.tracks, tool)
    except MediaError:
        if len(found.tracks) == 1 or settings.streams != "auto":
            raise
        found = Candidates(found.tracks[:1], "others, of which not all can be decoded")
        firsts = first_frames(path, found.tracks, tool)
    tracks = (
        Track(stream, first, first.time - info.start, _mix(path, stream, first, settings.channels))
        for stream, first in zip(found.tracks, firsts, strict=True)
    )
    return Choice(tuple(tracks), found.reason)


def compare(plan: Plan, choice: Choice, raw: list[Path], decide: bool, tool: Tool) -> Choice:
    """The tracks that together hold everything, if there is to `decide`; their sound is left in the raw files.

    Raises:
        MediaError: If they cannot be decoded.
        StoreError: If the files cannot be written.
        BackendError: If ffmpeg cannot be started.
    """
    if len(choice.tracks) == 1:
        return choice
    done = run(tool, [*OPTIONS, *comparing(plan, raw)], shown(plan.path.name))
    check_run(plan.path, done)
    if not decide:
        return choice._replace(raw=tuple(raw))
    sizes = [path.stat().st_size for path in raw]
    long = [at for at, size in enumerate(sizes) if size >= _SHORTER * max(sizes)]
    kept, reason = tracks_of(read_sound([raw[at] for at in long], 1))
    shorter = f"{len(sizes) - len(long)} much shorter" if len(long) < len(sizes) else ""
    reasons = ", ".join(filter(None, (choice.reason, shorter, reason)))
    return Choice(tuple(choice.tracks[long[at]] for at in kept), reasons, tuple(raw[long[at]] for at in kept))


def weighted(weights: tuple[float, ...]) -> str:
    """A weighted sum of channels, as ffmpeg's filter `pan` takes it."""
    return "+".join(f"{weight:.6f}*c{channel}" for channel, weight in enumerate(weights) if weight)


def channels_used(track: Track) -> tuple[int, ...]:
    """The numbers of the channels in a track's mix, from 1; negative where they are inverted."""
    if not track.mix:
        return tuple(range(1, track.first.channels + 1))
    terms = (term.split("*c") for term in track.mix.split("+"))
    return tuple((int(channel) + 1) * (-1 if float(weight) < 0 else 1) for weight, channel in terms)


def _mix(path: Path, stream: AudioStream, first: FirstFrame, wanted: str | tuple[int, ...]) -> str:
    """The weighted sum of the channels that the setting names; empty if ffmpeg's own mix is right."""
    numbers = {"left": (1,), "right": (2,)}.get(wanted, ()) if isinstance(wanted, str) else wanted
    if not numbers:
        separate = stream.layout.endswith("channels")
        return weighted((1 / stream.channels,) * stream.channels) if separate else ""
    if max(numbers) > first.channels:
        message = f"extract.channels names channel {max(numbers)}, and the sound of {shown(path.name)}"
        raise MediaError(f"{message} has {first.channels}", "name channels that it has, or leave the setting out")
    return weighted(tuple((number in numbers) / len(numbers) for number in range(1, first.channels + 1)))
