"""Which tracks and channels of a file are decoded: those that the settings name, or those that hold the interview."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.channels import Mix, cancelled, mix_of, strongest, varied
from imigue_build.backends.media.ffmpeg.command import Tool, run
from imigue_build.backends.media.ffmpeg.damage import check_run
from imigue_build.backends.media.ffmpeg.graph import OPTIONS, Plan, Track, comparing
from imigue_build.backends.media.ffmpeg.mixtures import without_copies
from imigue_build.backends.media.ffmpeg.probe import AudioStream, FirstFrame, MediaInfo, first_frame
from imigue_build.backends.media.ffmpeg.sound import RATE, Raw, read_sound, write_mixes
from imigue_build.backends.media.ffmpeg.surround import has_speech, low_frequency_channel
from imigue_build.backends.media.ffmpeg.tracks import Candidates, candidates, numbered
from imigue_build.backends.media.ffmpeg.voices import other_speech, speech_seconds
from imigue_build.core.errors import MediaError
from imigue_build.core.untrusted.files import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.config import Extract

MOST_TRACKS: Final = 16
"""More are not compared."""
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
        tracks, mixes = [self.tracks[at] for at in kept], [self.mixes[at] for at in kept]
        if len(kept) > 1:
            tracks = [track.mixed(mix) for track, mix in zip(tracks, mixes, strict=True)]
        return Choice(tuple(tracks), reason, tuple(self.raw[at] for at in kept), tuple(mixes))

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
        if not (self.reason or len(self.tracks) > 1):
            return ""
        numbers = ", ".join(map(str, self.numbers(info)))
        used = f"s {numbers} are mixed" if len(self.tracks) > 1 else f" {numbers} is used"
        left_out = f", left out: {self.reason}" if self.reason else ""
        return f"{name} has {len(info.streams)} audio tracks: track{used}{left_out}; extract.streams chooses others"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why channels of several tracks are not used, or not as they are."""
        found = zip(self.tracks, self.mixes, strict=True) if len(self.tracks) > 1 else ()
        return tuple(mix.reason for _, mix in found if mix.reason)

    def warnings(self, info: MediaInfo, name: str) -> list[str]:
        """What is said of the channels of several tracks."""
        number = [info.streams.index(track.stream) + 1 for track in self.tracks]
        several = zip(number, self.mixes, strict=True) if len(self.tracks) > 1 else ()
        return [mix.text(f"audio track {track} of {name}") for track, mix in several if mix.reason]

    def numbers(self, info: MediaInfo) -> tuple[int, ...]:
        """The tracks' numbers among the audio tracks of the file, from 1."""
        return tuple(sorted(info.streams.index(track.stream) + 1 for track in self.tracks))


def choose(path: Path, info: MediaInfo, settings: Extract, tool: Tool) -> Choice:
    """The tracks that the settings name, or that may hold the interview by what the file says of them.

    Raises:
        MediaError: If the file has none of that number, too few channels in it, or nothing that can be decoded.
        BackendError: If ffmpeg cannot be started.
    """
    if settings.streams == "auto":
        found = candidates(info.streams, settings.language)
    else:
        named = range(1, len(info.streams) + 1) if isinstance(settings.streams, str) else settings.streams
        found = Candidates(numbered(info.streams, named, shown(path.name)), "")
    if len(found.tracks) > MOST_TRACKS:
        reasons = [found.reason, f"{len(found.tracks) - MOST_TRACKS} beyond {MOST_TRACKS}"]
        found = Candidates(found.tracks[:MOST_TRACKS], ", ".join(filter(None, reasons)))
    found, firsts = _decodable(path, found, tool, named=settings.streams != "auto")
    tracks = (
        Track(stream, first, first.time - info.start, _weights(path, stream, first, settings.channels))
        for stream, first in zip(found.tracks, firsts, strict=True)
    )
    return Choice(tuple(tracks), found.reason)


def _decodable(path: Path, found: Candidates, tool: Tool, named: bool) -> tuple[Candidates, list[FirstFrame]]:
    """The tracks that can be decoded, and their first frames; all must be, where settings name them."""
    tracks, firsts, failures = [], [], []
    for stream in found.tracks:
        try:
            firsts.append(first_frame(path, stream, tool))
            tracks.append(stream)
        except MediaError as error:
            failures.append(error)
    if failures and (named or not tracks):
        raise failures[0]
    reasons = [found.reason, f"{len(failures)} of which nothing can be decoded" if failures else ""]
    return Candidates(tuple(tracks), ", ".join(filter(None, reasons))), firsts


def compare(
    plan: Plan, choice: Choice, raw: Sequence[Path], mixed: Path, info: MediaInfo, settings: Extract, tool: Tool
) -> Choice:
    """The tracks that together hold everything, or those that are set, and how the channels of each are mixed.

    Their sound is left in the raw files; `mixed` is a place for another one.

    Raises:
        MediaError: If they cannot be decoded.
        StoreError: If the files cannot be written.
        BackendError: If ffmpeg cannot be started, or the VAD not be loaded.
    """
    if len(choice.tracks) == 1:
        return choice
    done = run(tool, [*OPTIONS, *comparing(plan, list(raw))], shown(plan.path.name))
    check_run(plan.path, done)
    files = [Raw(path, track.compared) for path, track in zip(raw, choice.tracks, strict=True)]
    lengths = [length_of(file) for file in files]
    long = [at for at, length in enumerate(lengths) if length >= _SHORTER * max(lengths) or settings.streams != "auto"]
    reasons = [choice.reason, f"{len(files) - len(long)} much shorter" if len(long) < len(files) else ""]
    tracks, files = [choice.tracks[at] for at in long], [files[at] for at in long]
    mixes = [channels_of(track, file, settings) for track, file in zip(tracks, files, strict=True)]
    choice = Choice(tuple(tracks), "", tuple(files), tuple(mixes))
    if settings.streams != "auto":
        return choice.of(range(len(long)), "")
    together = write_mixes(files, choice.weights, mixed)
    has_sound = [at for at, (file, mix) in enumerate(zip(files, mixes, strict=True)) if not _is_steady(file, mix)]
    kept, found = tracks_of(together, has_sound or [*range(len(long))])
    return choice.of(kept, ", ".join(filter(None, (*reasons, *found))))


def length_of(file: Raw) -> float:
    """Its seconds."""
    return file.path.stat().st_size / (2 * file.channels * RATE)


def channels_of(track: Track, file: Raw, settings: Extract) -> Mix:
    """How the channels of a track are mixed, by the settings or by their sound."""
    every = tuple(range(file.channels))
    if file.channels == 1 or settings.channels != "auto":
        mean = (1 / file.channels,) * file.channels
        weights = track.weights if len(track.weights) == file.channels else mean
        return Mix(weights, tuple(channel for channel in every if weights[channel]))
    low = low_frequency_channel(track.stream.layout) if not track.separate else None
    if low is None or low >= file.channels:
        return mix_of(read_sound([file]), file, every)
    speaks = has_speech(file, low)
    mix = mix_of(read_sound([file]), file, [at for at in every if at != low or speaks])
    if speaks and low in mix.speaking:
        reason = f"channel {low + 1}, of low frequencies by its name, holds more: it is mixed with the others"
        return mix._replace(reason="; ".join(filter(None, (mix.reason, reason))))
    return mix


def tracks_of(file: Raw, heard: list[int]) -> tuple[list[int], list[str]]:
    """Which tracks, the preferred ones first, together hold the interview; and why others are left out.

    Args:
        file: The tracks' sound side by side.
        heard: The tracks that are neither silence nor a steady sound.
    """
    import numpy as np

    sound, speech = read_sound([file]), speech_seconds(file)
    kept, reasons = heard, list[str]()
    if len(heard) < file.channels:
        reasons.append(f"{file.channels - len(heard)} silent or of a steady sound")
    if spoken := [track for track in kept if speech[:, track].any()]:
        if len(spoken) < len(kept):
            reasons.append(f"{len(kept) - len(spoken)} without speech")
        kept = spoken
    kept, found = without_copies(file, kept)
    reasons += found
    if other := other_speech(sound.levels, speech, kept):
        kept = [track for track in kept if track not in other]
        reasons.append(f"{len(other)} with other speech at the same time")
    if len(kept) > 1 and cancelled(sound.products, kept) is not None:
        best, _ = strongest(sound.products, list(np.eye(file.channels)[kept]), kept)
        reasons.append(f"{len(kept) - 1} that would cancel another")
        kept = [int(best.argmax())]
    return kept, reasons


def _is_steady(file: Raw, mix: Mix) -> bool:
    """Whether none of a track's channels that are mixed is more than silence or a steady sound."""
    used = [channel for channel, weight in enumerate(mix.weights) if weight]
    return not set(used) & set(varied(read_sound([file])))


def _weights(path: Path, stream: AudioStream, first: FirstFrame, wanted: str | tuple[int, ...]) -> tuple[float, ...]:
    """The weights of the channels that the setting names; none if ffmpeg's own mix is right."""
    numbers = {"left": (1,), "right": (2,)}.get(wanted, ()) if isinstance(wanted, str) else wanted
    if not numbers:
        separate = stream.layout.endswith("channels")
        return (1 / first.channels,) * first.channels if separate else ()
    if max(numbers) > first.channels:
        message = f"extract.channels names channel {max(numbers)}, and the sound of {shown(path.name)}"
        raise MediaError(f"{message} has {first.channels}", "name channels that it has, or leave the setting out")
    return tuple((number in numbers) / len(numbers) for number in range(1, first.channels + 1))
