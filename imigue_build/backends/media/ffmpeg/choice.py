"""Which tracks and channels of a file are decoded: those that the settings name, or those that hold the interview."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.channels import (
    MOST_CHANNELS,
    Mix,
    Raw,
    Sound,
    mix_of,
    read_sound,
    tracks_of,
    varied,
)
from imigue_build.backends.media.ffmpeg.command import Tool, run
from imigue_build.backends.media.ffmpeg.damage import check_run
from imigue_build.backends.media.ffmpeg.graph import OPTIONS, Plan, Track, comparing
from imigue_build.backends.media.ffmpeg.probe import AudioStream, FirstFrame, MediaInfo, first_frames
from imigue_build.backends.media.ffmpeg.tracks import Candidates, candidates, numbered
from imigue_build.core.errors import MediaError
from imigue_build.core.untrusted.files import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.config import Extract

_SHORTER: Final = 0.9
"""Share of the longest track's length that a track must have to be mixed with it."""


class Choice(NamedTuple):
    """The tracks that are decoded, the preferred one first, and why others are not; empty if settings name them.

    Of several tracks, `raw` are the files of their sound and `mixes` how their channels are mixed.
    """

    tracks: tuple[Track, ...]
    reason: str = ""
    raw: tuple[Raw, ...] = ()
    mixes: tuple[Mix, ...] = ()

    def of(self, kept: Sequence[int], reason: str) -> Choice:
        """Some of the tracks; where they are several, their channels are mixed as they were compared."""
        tracks = [self.tracks[at] for at in kept]
        if len(kept) > 1:
            mixes = [self.mixes[at] for at in kept]
            tracks = [
                track._replace(mix=weighted(mix.weights)) if mix.warning else track
                for track, mix in zip(tracks, mixes, strict=True)
            ]
        return Choice(tuple(tracks), reason, tuple(self.raw[at] for at in kept), tuple(self.mixes[at] for at in kept))

    @property
    def weights(self) -> NDArray[np.float64]:
        """(tracks, channels of all tracks) how these are mixed."""
        import numpy as np

        found = np.zeros((len(self.raw), sum(raw.channels for raw in self.raw)))
        start = 0
        for row, mix in zip(found, self.mixes, strict=True):
            row[start : start + len(mix.weights)] = mix.weights
            start += len(mix.weights)
        return found

    def text(self, info: MediaInfo, name: str) -> str:
        """What a user should know of the choice, empty if there was none."""
        if len(info.streams) == 1 or not (self.reason or len(self.tracks) > 1):
            return ""
        numbers = ", ".join(map(str, self.numbers(info)))
        used = f"s {numbers} are mixed" if len(self.tracks) > 1 else f" {numbers} is used"
        left_out = f", left out: {self.reason}" if self.reason else ""
        return f"{name} has {len(info.streams)} audio tracks: track{used}{left_out}; extract.streams chooses others"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is said of the channels of several tracks."""
        return tuple(mix.warning for mix in self.mixes if mix.warning) if len(self.tracks) > 1 else ()

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


def compare(plan: Plan, choice: Choice, raw: list[Path], info: MediaInfo, settings: Extract, tool: Tool) -> Choice:
    """The tracks that together hold everything, or those that are set, and how the channels of each are mixed.

    Their sound is left in the raw files.

    Raises:
        MediaError: If they cannot be decoded.
        StoreError: If the files cannot be written.
        BackendError: If ffmpeg cannot be started.
    """
    import numpy as np

    if len(choice.tracks) == 1:
        return choice
    done = run(tool, [*OPTIONS, *comparing(plan, raw)], shown(plan.path.name))
    check_run(plan.path, done)
    files = [Raw(path, track.compared) for path, track in zip(raw, choice.tracks, strict=True)]
    lengths = [file.path.stat().st_size / file.channels for file in files]
    long = [at for at, length in enumerate(lengths) if length >= _SHORTER * max(lengths) or settings.streams != "auto"]
    shorter = f"{len(files) - len(long)} much shorter" if len(long) < len(files) else ""
    choice = Choice(tuple(choice.tracks[at] for at in long), choice.reason, tuple(files[at] for at in long))
    sound = read_sound(choice.raw)
    choice = choice._replace(mixes=_mixes(choice, sound, info, settings, shown(plan.path.name)))
    if settings.streams != "auto":
        return choice.of(range(len(long)), "")
    weights = choice.weights
    products = np.einsum("tc,scd,ud->stu", weights, sound.products, weights)
    heard = varied(sound)
    kept, reason = tracks_of(products, [track for track, row in enumerate(weights) if row[heard].any()])
    return choice.of(kept, ", ".join(filter(None, (choice.reason, shorter, reason))))


def _mixes(choice: Choice, sound: Sound, info: MediaInfo, settings: Extract, name: str) -> tuple[Mix, ...]:
    """How the channels of each track are mixed."""
    mixes, start = [], 0
    for track, raw in zip(choice.tracks, choice.raw, strict=True):
        mixes.append(Mix((1 / raw.channels,) * raw.channels, tuple(range(raw.channels))))
        if raw.channels > 1 and settings.channels == "auto":
            number = info.streams.index(track.stream) + 1
            mixes[-1] = mix_of(sound.of(slice(start, start + raw.channels)), f"audio track {number} of {name}")
        start += raw.channels
    return tuple(mixes)


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
